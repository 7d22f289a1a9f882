import { ownDurationOf } from "./durations/own-duration.ts";
import type { Format } from "../types/formats.ts";
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

/**
 * ASF specification section 3.2, Play Duration: "the value of the Play Duration field … includes the Preroll", the
 * milliseconds that a player waits before it begins.
 */
function asfSeconds(tags: Tags): number | null {
  const played = firstOf(tags, ["ASF:PlayDuration", "ASF:Duration"], readSeconds);
  const preroll = readNumber(tags, "ASF:Preroll") ?? 0;
  return played == null ? null : Math.max(0, played - preroll / 1000);
}

const isoMedia = /^(video\/(mp4|quicktime|3gpp2?)|audio\/(mp4|3gpp2?))$/;
export const isIsoMedia = (mimeType: string) => isoMedia.test(mimeType);

const asf = /^(video\/x-ms-wmv|audio\/x-ms-wma)$/;

/**
 * ISO 14496-12 section 8.2.2: the movie's duration is that of its longest track once edit lists have cut it, which a
 * track's own samples do not know. Files in fragments say 0 in both.
 */
function movieSeconds(tags: Tags): number | null {
  const movie = readSeconds(tags, "QuickTime:Duration");
  return movie != null && readSeconds(tags, "QuickTime:TrackDuration") != null ? movie : null;
}

/** To the microsecond: sums of frame lengths end in 1.9999999999999998, which is no longer than 2. */
export const roundSeconds = (seconds: number | null): number | null =>
  isSeconds(seconds) ? Math.round(seconds * 1e6) / 1e6 || null : null;

/** Seconds of a video or recording by its tracks or tags; null for stills, and when unknown: never 0. */
export function findDuration(
  { type, mimeType }: Format,
  tags: Tags,
  tracks: TrackFacts | null,
): number | null {
  if (type !== "VIDEO" && type !== "AUDIO") return null;
  const movie = isIsoMedia(mimeType) ? movieSeconds(tags) : null;
  if (movie != null) return roundSeconds(movie);
  if (isSeconds(tracks?.duration)) return roundSeconds(tracks.duration);
  if (asf.test(mimeType)) return roundSeconds(asfSeconds(tags));
  // What exiftool makes of these is an estimate, or wrong; where their own frames do not tell, ffprobe is asked.
  return ownDurationOf(mimeType) != null || mimeType === "video/ogg" ? null : findTaggedDuration(tags);
}

/** Seconds by exiftool alone, an estimate for some formats. */
export const findTaggedDuration = (tags: Tags): number | null =>
  roundSeconds(firstOf(tags, names, readSeconds));
