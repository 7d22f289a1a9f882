import { checkCompleteness } from "./completeness.ts";
import { withDeadline } from "./deadline.ts";
import type { MediaProblem } from "./facts.ts";
import { canonicalFormat, type Format } from "./formats.ts";
import { mp3Duration } from "./mpeg-audio.ts";
import { decodePicture, readPicture, sharpMimeTypes, type PictureFacts } from "./picture.ts";
import { makeProblem } from "./problems.ts";
import type { TrackFacts } from "./track-worker.ts";
import type { TrackReader } from "./tracks.ts";

/** What a file holds beside its metadata. */
export interface Content {
  /** Null for what is no picture, or none that sharp can open. */
  readonly picture: PictureFacts | null;
  /** Null for what has no tracks, or none that can be read. */
  readonly tracks: TrackFacts | null;
  readonly problems: readonly MediaProblem[];
}

/** Containers whose tracks are read here; AVI, FLV, ASF and the rest are left to exiftool. */
const containers =
  /^((video|audio)\/(mp4|3gpp2?|matroska|webm|ogg)|video\/(quicktime|mp2t)|audio\/(flac|wav|aac))$/;

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function readMp3(path: string): Promise<TrackFacts> {
  const duration = await mp3Duration(path);
  return { hasVideo: false, hasAudio: duration != null, width: null, height: null, duration };
}

async function attempt<T>(work: Promise<T>, problems: MediaProblem[], what: string) {
  try {
    return await work;
  } catch (error) {
    problems.push(makeProblem("UNDECODABLE", `${what}: ${reasonOf(error)}`));
    return null;
  }
}

/** Looks whether all bytes are there; decodes only what the cheap look cannot judge. */
async function checkEnd(path: string, mimeType: string, canDecode: boolean, timeoutMs: number) {
  const completeness = await checkCompleteness(path, mimeType);
  if (completeness === "truncated")
    return makeProblem("TRUNCATED", "The file ends before its format says it should");
  if (completeness === "whole" || !canDecode) return undefined;
  return await withDeadline(decodePicture(path, timeoutMs), timeoutMs).then(
    () => undefined,
    (error: unknown) => makeProblem("TRUNCATED", `The picture is not whole: ${reasonOf(error)}`),
  );
}

/** What reading content needs: the time limit is for each of its steps. */
export interface ContentNeeds {
  readonly timeoutMs: number;
  readonly trackReader: TrackReader;
}

const canHaveTracks = (mimeType: string) => containers.test(mimeType) || mimeType === "audio/mpeg";

/** Reads pictures' and tracks' headers, and looks whether the bytes are all there. Never rejects. */
export async function readContent(needs: ContentNeeds, path: string, format: Format): Promise<Content> {
  const { timeoutMs, trackReader } = needs;
  const { mimeType, type } = format;
  const problems: MediaProblem[] = [];
  const hasSharp = sharpMimeTypes.has(mimeType);
  const picture = hasSharp
    ? await attempt(
        withDeadline(readPicture(path, mimeType), timeoutMs),
        problems,
        "The picture cannot be read",
      )
    : null;
  if (type === "IMAGE" && (!hasSharp || picture?.isDecodable === false)) {
    problems.push(makeProblem("UNDECODABLE", `This server cannot decode ${mimeType} of this kind`));
  }
  const reading = mimeType === "audio/mpeg" ? readMp3 : (file: string) => trackReader.read(file);
  const tracks = canHaveTracks(mimeType)
    ? await attempt(reading(path), problems, "The tracks cannot be read")
    : null;
  const end = await checkEnd(path, mimeType, picture?.isDecodable === true, timeoutMs).catch(() => undefined);
  if (end) problems.push(end);
  return { picture, tracks, problems };
}

/** Containers that hold either: without a film they are sound. Not Ogg, whose Theora films are not seen here. */
const soundOf: Readonly<Record<string, string>> = {
  "video/mp4": "audio/mp4",
  "video/matroska": "audio/matroska",
  "video/webm": "audio/webm",
  "video/3gpp": "audio/3gpp",
  "video/3gpp2": "audio/3gpp2",
};

/** The format by what the tracks turned out to be: an MP4 with nothing but sound is `audio/mp4`. */
export function refineFormat(format: Format, tracks: TrackFacts | null): Format {
  if (tracks == null) return format;
  const sound = soundOf[format.mimeType];
  if (sound != null && tracks.hasAudio && !tracks.hasVideo) return canonicalFormat(sound, "") ?? format;
  const film = Object.keys(soundOf).find((name) => soundOf[name] === format.mimeType);
  if (film != null && tracks.hasVideo) return canonicalFormat(film, "") ?? format;
  if (format.mimeType === "audio/ogg" && tracks.hasVideo) return canonicalFormat("video/ogg", "") ?? format;
  return format;
}
