import { checkCompleteness } from "./completeness.ts";
import type { Lane } from "../sandbox/cpu-clock.ts";
import { decodersOf } from "../decoding/decoders.ts";
import { ownDurationOf, type ReadDuration } from "./durations/own-duration.ts";
import type { Unread } from "./facts.ts";
import { canonicalFormat, type Format } from "../types/formats.ts";
import { sharpMimeTypes, type PictureFacts } from "../decoding/picture.ts";
import { isMomentary, isToolMissing, MomentaryError } from "./momentary-error.ts";
import { type PictureMaker } from "../decoding/picture-maker.ts";
import { isFailure, type Look } from "../decoding/picture-tasks.ts";
import { makeProblem } from "./problems.ts";
import type { TrackFacts } from "./track-worker.ts";
import type { TrackReader } from "./tracks.ts";
import type { MediaProblem } from "./problems.ts";

/** The content of a file beside its metadata. */
export interface Content {
  /** Null for what is no picture, or none that sharp can open. */
  readonly picture: PictureFacts | null;
  /** Null when it has not been seen; of a picture, `obstacle` says why, unless it `isSlow`. */
  readonly look: Look | null;
  /** The source of the look, or of the size where decoding is slow. */
  readonly source: "FILE" | "DECODED";
  /** Whether it can be decoded, but takes so long that it is looked at later. */
  readonly isSlow: boolean;
  readonly obstacle: MediaProblem | null;
  /** Whether it was the server that could not look: no memory for a process, say. Another time it may. */
  readonly isUnseen: boolean;
  /** Null for what has no tracks, or none that can be read. */
  readonly tracks: TrackFacts | null;
  readonly problems: readonly MediaProblem[];
  /** The parts that the server could not read now, `isUnseen` included. */
  readonly unread: readonly Unread[];
}

/** Containers whose tracks are read here; AVI, FLV, ASF and the rest are left to exiftool and ffprobe. */
const containers = /^((video|audio)\/(mp4|3gpp2?|matroska|webm)|video\/(ogg|quicktime|mp2t)|audio\/flac)$/;

export const readsTracks = (mimeType: string) => containers.test(mimeType);

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** mediabunny's checks of itself say no more than that they failed. */
const trackReasonOf = (error: unknown) =>
  reasonOf(error).replace(/^Assertion failed\.?$/, "they are not as the format says");

async function readSound(read: ReadDuration, path: string): Promise<TrackFacts> {
  const duration = await read(path);
  return { hasVideo: false, hasAudio: duration != null, width: null, height: null, duration };
}

/** Looks whether all bytes are there; decodes only what the cheap look cannot judge. */
async function checkEnd({ pictures, lane }: ContentNeeds, path: string, mimeType: string, isSeen: boolean) {
  const completeness = await checkCompleteness(path, mimeType);
  if (completeness === "truncated")
    return makeProblem("TRUNCATED", "The file ends before its format says it should");
  if (completeness === "whole" || !isSeen) return undefined;
  return await pictures.check({ path, mimeType }, { lane }).then(
    () => undefined,
    (error: unknown) => {
      // The server's trouble says nothing of the file.
      if (isMomentary(error)) throw error;
      return makeProblem("TRUNCATED", `The picture is not whole: ${reasonOf(error)}`);
    },
  );
}

export interface ContentNeeds {
  readonly lane: Lane;
  readonly pictures: Pick<PictureMaker, "examine" | "check">;
  readonly trackReader: TrackReader;
}

type Seen = Pick<Content, "picture" | "look" | "source" | "obstacle" | "isSlow" | "isUnseen">;

const noPicture: Seen = {
  picture: null,
  look: null,
  source: "FILE",
  obstacle: null,
  isSlow: false,
  isUnseen: false,
};

const unseen = (words: string, picture: PictureFacts | null = null): Seen => ({
  ...noPicture,
  picture,
  obstacle: makeProblem("UNDECODABLE", words),
});

async function seePicture(
  { pictures, lane }: ContentNeeds,
  path: string,
  { mimeType, type }: Format,
  unread: Unread[],
): Promise<Seen> {
  const unable = `This server cannot decode ${mimeType} of this kind`;
  const isKnown = sharpMimeTypes.has(mimeType) || decodersOf(mimeType).length > 0;
  if (!isKnown) return type === "IMAGE" ? unseen(unable) : noPicture;
  try {
    const { header, look, source } = await pictures.examine({ path, mimeType }, { lane });
    if (isFailure(look)) {
      if (!header.isDecodable) return unseen(unable, header);
      return unseen(`The picture cannot be decoded: ${look.message}`, header);
    }
    return { ...noPicture, picture: header, look, source, isSlow: look == null };
  } catch (error) {
    if (isMomentary(error)) {
      unread.push({ part: "PICTURE", reason: reasonOf(error), isToolMissing: isToolMissing(error) });
      return { ...noPicture, isUnseen: true };
    }
    return unseen(`The picture cannot be read: ${reasonOf(error)}`);
  }
}

async function readTracks(
  { trackReader, lane }: ContentNeeds,
  path: string,
  mimeType: string,
  problems: MediaProblem[],
  unread: Unread[],
): Promise<TrackFacts | null> {
  const own = ownDurationOf(mimeType);
  if (own == null && !readsTracks(mimeType)) return null;
  try {
    return await (own ? readSound(own, path) : trackReader.read(path, lane));
  } catch (error) {
    if (error instanceof MomentaryError) unread.push({ part: "TRACKS", reason: error.message });
    else problems.push(makeProblem("UNDECODABLE", `The tracks cannot be read: ${trackReasonOf(error)}`));
    return null;
  }
}

/** Looks at pictures, reads tracks' headers, and looks whether the bytes are all there. Never rejects. */
export async function readContent(needs: ContentNeeds, path: string, format: Format): Promise<Content> {
  const { mimeType } = format;
  const problems: MediaProblem[] = [];
  const unread: Unread[] = [];
  const seen = await seePicture(needs, path, format, unread);
  const tracks = await readTracks(needs, path, mimeType, problems, unread);
  const end = await checkEnd(needs, path, mimeType, seen.look != null && seen.source === "FILE").catch(
    (error: unknown) => {
      unread.push({ part: "PICTURE", reason: reasonOf(error) });
      return undefined;
    },
  );
  if (end) problems.push(end);
  return { ...seen, tracks, problems, unread };
}

/** Containers that hold either: without a video track they are sound. Not Ogg, whose Theora tracks are not seen here. */
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
  const video = Object.keys(soundOf).find((name) => soundOf[name] === format.mimeType);
  if (video != null && tracks.hasVideo) return canonicalFormat(video, "") ?? format;
  if (format.mimeType === "audio/ogg" && tracks.hasVideo) return canonicalFormat("video/ogg", "") ?? format;
  return format;
}
