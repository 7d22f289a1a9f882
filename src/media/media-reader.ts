import type { Config } from "../config.ts";
import { readCamera } from "./camera.ts";
import { readCapture } from "./capture.ts";
import { readContent, refineFormat, type Content } from "./content.ts";
import { findDimensions, type Dimensions } from "./dimensions.ts";
import { findDuration, findTaggedDuration, roundSeconds } from "./duration.ts";
import { bareVideoDuration, programStreamDuration } from "./durations/program-stream.ts";
import type { TagReader, TagReading } from "./exiftool.ts";
import type { MediaFacts, MediaProblem } from "./facts.ts";
import { findPicture, type Sight } from "./find-picture.ts";
import { canonicalFormat, type Format } from "./formats.ts";
import { readKeywords } from "./keywords.ts";
import { readMetadata } from "./metadata.ts";
import type { PictureMaker } from "./picture-maker.ts";
import { mpegVideoSize } from "./mpeg-video.ts";
import { readPlace } from "./place.ts";
import { LateError, type Prober } from "./prober.ts";
import { makeProblem, readComplaints } from "./problems.ts";
import { decideFormat, sniff } from "./sniff.ts";
import type { Tags } from "./tags.ts";
import { openTrackReader } from "./tracks.ts";
import { transportSize } from "./transport-size.ts";

/** Tracks take milliseconds; what takes longer is hostile, and holds up others. */
const trackTimeoutMs = 5_000;

/** Turns one file on disk into typed facts. */
export interface MediaReader {
  /**
   * Reads the type from the bytes, never from the name, and what exiftool, sharp and the container tell.
   * Bad bytes never throw: what cannot be read is null, and `problems` says why.
   * @returns undefined when the bytes are of no known type at all; text and scripts have their own types.
   * @throws what the file system throws when there is no such file.
   */
  readFacts(path: string): Promise<MediaFacts | undefined>;
  /** Ends the threads of its own; readings of tracks under way fail. */
  close(): Promise<void>;
}

function metadataProblems(reading: TagReading, lost: number, isTypeKnown: boolean): MediaProblem[] {
  if ("failure" in reading) {
    return [
      makeProblem("METADATA_FAILED", "The metadata could not be read, because exiftool gave no answer"),
    ];
  }
  const complaints = readComplaints(reading.tags, isTypeKnown);
  if (lost === 0) return complaints;
  const words = `The metadata is too big to keep whole: its ${lost} largest values are cut or left out`;
  return [...complaints, makeProblem("METADATA_TRUNCATED", words)];
}

const tagsOf = (reading: TagReading): Tags => ("tags" in reading ? reading.tags : {});

interface Readings {
  readonly format: Format;
  readonly content: Content;
  readonly reading: TagReading;
  readonly size: Dimensions | null;
  readonly duration: number | null;
  readonly sight: Sight;
  /** Recognised without exiftool. */
  readonly isTypeKnown: boolean;
}

function assembleFacts({
  format,
  content,
  reading,
  size,
  duration,
  sight,
  isTypeKnown,
}: Readings): MediaFacts {
  const tags = tagsOf(reading);
  const place = readPlace(tags);
  const { metadata, lost } = readMetadata(tags);
  const problems = sight.problem ? [sight.problem, ...content.problems] : content.problems;
  return {
    ...format,
    width: size?.width ?? null,
    height: size?.height ?? null,
    duration,
    captured: readCapture(tags, place, format.type),
    place,
    camera: readCamera(tags),
    keywords: readKeywords(tags),
    metadata,
    picture: sight.picture,
    isUnseen: sight.isUnseen,
    problems: [...problems, ...metadataProblems(reading, lost, isTypeKnown)],
  };
}

/** Seconds where neither tracks nor tags say them. */
async function probeDuration(
  prober: Prober,
  path: string,
  { type, mimeType }: Format,
  tags: Tags,
): Promise<number | null> {
  if (type !== "VIDEO" && type !== "AUDIO") return null;
  const isMpeg = mimeType === "video/mpeg";
  const bare = isMpeg ? await bareVideoDuration(path) : null;
  if (bare != null) return roundSeconds(bare);
  const probed = await prober.duration(path, mimeType).catch((error: unknown) => {
    if (error instanceof LateError) return null;
    throw error;
  });
  if (probed != null) return roundSeconds(probed);
  const counted = isMpeg ? await programStreamDuration(path) : null;
  return roundSeconds(counted) ?? findTaggedDuration(tags);
}

/** What others keep open; it is for them to close. */
export interface MediaReaderNeeds {
  readonly config: Pick<Config, "exiftoolProcesses" | "exiftoolTimeoutMs">;
  readonly tagReader: TagReader;
  readonly pictures: PictureMaker;
  readonly prober: Prober;
}

/** Opens a reader; its threads start with the first film. */
export function openMediaReader({ config, tagReader, pictures, prober }: MediaReaderNeeds): MediaReader {
  const timeoutMs = Math.min(trackTimeoutMs, config.exiftoolTimeoutMs);
  const trackReader = openTrackReader({ workersMax: config.exiftoolProcesses, timeoutMs });
  const read = (path: string, format: Format) => readContent({ pictures, trackReader }, path, format);

  return {
    async readFacts(path) {
      const sniffed = await sniff(path);
      // Content is read while exiftool still works, for the type it will most likely confirm.
      const guess = sniffed && canonicalFormat(sniffed.mimeType, sniffed.extension);
      const reading = tagReader.read(path, guess?.type === "IMAGE");
      const early = guess && read(path, guess);
      const said = await reading;
      const decided = decideFormat(sniffed, "tags" in said ? said.tags : null);
      if (decided == null) return undefined;
      const isGuessRight = decided.mimeType === guess?.mimeType;
      const content = await (isGuessRight && early ? early : read(path, decided));
      // exiftool sees an MP3 in every hundredth file of random bytes; where it is alone in that, frames must be found.
      if (sniffed == null && decided.mimeType === "audio/mpeg" && content.tracks?.hasAudio !== true)
        return undefined;
      const format = refineFormat(decided, content.tracks);
      const tags = tagsOf(said);
      const size =
        (await mpegVideoSize(path, format.mimeType)) ??
        (await transportSize(prober, path, format.mimeType, content.tracks)) ??
        findDimensions(format.mimeType, tags, { ...content, header: sniffed?.size });
      const sight = await findPicture({ tagReader, pictures }, { path, format, tags, size, content });
      const isTypeKnown = sniffed?.verdict === "sure";
      const told = findDuration(format, tags, content.tracks);
      const duration = told ?? (await probeDuration(prober, path, format, tags));
      return assembleFacts({ format, content, reading: said, size, duration, sight, isTypeKnown });
    },
    close: () => trackReader.close(),
  };
}
