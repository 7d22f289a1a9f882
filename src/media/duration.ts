import type { MediaType } from "./facts.ts";
import { firstOf, readNumber, type Tags } from "./tags.ts";
import type { TrackFacts } from "./track-worker.ts";

const names = [
  "Composite",
  "QuickTime",
  "Matroska",
  "ASF",
  "Flash",
  "FLAC",
  "Real",
  "RIFF",
  "MPEG",
  "M2TS",
].map((group) => `${group}:Duration`);

const isSeconds = (seconds: number | null | undefined): seconds is number =>
  seconds != null && Number.isFinite(seconds) && seconds > 0;

const readSeconds = (tags: Tags, name: string) => {
  const seconds = readNumber(tags, name);
  return isSeconds(seconds) ? seconds : null;
};

/** Seconds of a film or recording, to the microsecond; null for stills, and when nothing tells: never 0. */
export function findDuration(type: MediaType, tags: Tags, tracks: TrackFacts | null): number | null {
  if (type !== "VIDEO" && type !== "AUDIO") return null;
  const seconds = isSeconds(tracks?.duration)
    ? tracks.duration
    : firstOf(tags, [...names, "ASF:PlayDuration"], readSeconds);
  // Sums of frame lengths end in 1.9999999999999998, which is no longer than 2.
  return seconds == null ? null : Math.round(seconds * 1e6) / 1e6 || null;
}
