import type { Config } from "../../config/config.ts";
import type { Lane } from "../sandbox/cpu-clock.ts";
import { readCamera } from "./camera.ts";
import { readCapture } from "./capture.ts";
import { readContent, refineFormat, type Content } from "./content.ts";
import { findDimensions, type Dimensions } from "./dimensions.ts";
import { findDuration, findTaggedDuration, roundSeconds } from "./duration.ts";
import { ownDurationOf } from "./durations/own-duration.ts";
import { oggDuration } from "./durations/ogg.ts";
import { bareVideoDuration, programStreamDuration } from "./durations/program-stream.ts";
import type { TagReader, TagReading } from "./exiftool.ts";
import type { MediaFacts, Unread } from "./facts.ts";
import { findPicture, type Sight } from "../decoding/find-picture.ts";
import { canonicalFormat, type Format } from "../types/formats.ts";
import { readDescription } from "./description.ts";
import { readKeywords } from "./keywords.ts";
import { readMetadata } from "./metadata.ts";
import type { PictureMaker } from "../decoding/picture-maker.ts";
import { mpegVideoSize } from "../types/mpeg-video.ts";
import { readPlace } from "./gps-position.ts";
import { probedSize, type ProbeNeeds } from "./probed-size.ts";
import { isProbed, LateError, type Prober } from "./prober.ts";
import { MomentaryError } from "./momentary-error.ts";
import { makeProblem, readComplaints } from "./problems.ts";
import { decideFormat, sniff } from "../types/sniff.ts";
import type { Tags } from "./tags.ts";
import { openTrackReader } from "./tracks.ts";
import type { MediaProblem } from "./problems.ts";

/** Tracks take milliseconds; what takes longer is hostile, and holds up others. */
const trackTimeoutMs = 5_000;

/** Turns one file on disk into typed facts. */
export interface MediaReader {
  /**
   * Reads the type from the bytes, never from the name, and the facts from exiftool, sharp and the container.
   * Bad bytes never throw: an unreadable fact is null, and `problems` says why.
   * @param lane `background` has more patience, less priority, and processes of its own; interactive when left out.
   * @returns undefined when the bytes are of no known type at all; text and scripts have their own types.
   * @throws {MomentaryError} when only exiftool could find the type, and gave no answer.
   * @throws what the file system throws when there is no such file.
   */
  readFacts(path: string, lane?: Lane): Promise<MediaFacts | undefined>;
  /** Whether the tools that facts are read with work in the background, as far as can be seen without a file. */
  areToolsWell(): Promise<boolean>;
  /** Ends the threads of its own; readings of tracks under way fail. */
  close(): Promise<void>;
}

function metadataProblems(reading: TagReading, lost: number, isTypeKnown: boolean): MediaProblem[] {
  if ("failure" in reading) {
    if (reading.isMomentary) return [];
    return [
      makeProblem(
        "METADATA_FAILED",
        "The metadata takes more time or memory to read than this server gives it",
      ),
    ];
  }
  const complaints = readComplaints(reading.tags, isTypeKnown);
  if (lost === 0) return complaints;
  const words = `The metadata is too big to keep whole: its ${lost} largest values are cut or left out`;
  return [...complaints, makeProblem("METADATA_TRUNCATED", words)];
}

const tagsOf = (reading: TagReading): Tags => ("tags" in reading ? reading.tags : {});

const parts: Readonly<Record<Unread["part"], string>> = {
  METADATA: "metadata",
  PICTURE: "picture",
  TRACKS: "tracks",
};

/** One problem for all of it, in words that change only with what is missing. */
export function unreadProblem(unread: readonly Unread[]): MediaProblem[] {
  if (unread.length === 0) return [];
  const names = [...new Set(unread.map(({ part }) => parts[part]))].join(" and ");
  return [makeProblem("NOT_READ_YET", `The ${names} could not be read yet; that is tried again by itself`)];
}

function findUnread({ reading, content, sight }: Pick<Readings, "reading" | "content" | "sight">): Unread[] {
  const metadata = "failure" in reading && reading.isMomentary ? reading.failure : undefined;
  return [
    ...(metadata == null ? [] : [{ part: "METADATA", reason: metadata } as const]),
    ...content.unread,
    ...(sight.reason == null ? [] : [{ part: "PICTURE", reason: sight.reason } as const]),
  ];
}

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
  const unread = findUnread({ reading, content, sight });
  // Without tags it is unknown whether there is a preview inside.
  const isKnown = sight.problem != null && !unread.some(({ part }) => part === "METADATA");
  const problems = isKnown ? [sight.problem, ...content.problems] : content.problems;
  return {
    ...format,
    width: size?.width ?? null,
    height: size?.height ?? null,
    duration,
    captured: readCapture(tags, place, format.type),
    place,
    camera: readCamera(tags),
    keywords: readKeywords(tags),
    ...readDescription(tags),
    metadata,
    picture: sight.picture,
    isUnseen: sight.isUnseen,
    unread,
    problems: [...problems, ...metadataProblems(reading, lost, isTypeKnown), ...unreadProblem(unread)],
  };
}

/** Seconds where neither tracks nor tags say them. */
async function probeDuration(
  { prober, lane }: ProbeNeeds,
  path: string,
  { type, mimeType }: Format,
  tags: Tags,
  unread: Unread[],
): Promise<number | null> {
  if (type !== "VIDEO" && type !== "AUDIO") return null;
  const isMpeg = mimeType === "video/mpeg";
  const own = isMpeg ? bareVideoDuration : mimeType === "video/ogg" ? oggDuration : undefined;
  const counted = (await own?.(path)) ?? null;
  if (counted != null) return roundSeconds(counted);
  const probed = await prober.duration(path, mimeType, lane).catch((error: unknown) => {
    if (!(error instanceof LateError)) throw error;
    unread.push({ part: "TRACKS", reason: error.message });
    return null;
  });
  if (probed != null) return roundSeconds(probed);
  const stamped = isMpeg ? await programStreamDuration(path) : null;
  const known = roundSeconds(stamped) ?? findTaggedDuration(tags);
  if (known == null && isProbed(mimeType) && !prober.isThere)
    unread.push({ part: "TRACKS", reason: "ffprobe is not installed", isToolMissing: true });
  return known;
}

/** A signature with nothing behind it, and a recording of nothing. */
function emptyProblem({ format, size, duration, content, sight }: Omit<Readings, "reading" | "isTypeKnown">) {
  const isRead = ownDurationOf(format.mimeType) != null || isProbed(format.mimeType);
  const isFound =
    size != null || duration != null || sight.picture != null || content.tracks?.hasAudio === true;
  if (!isRead || isFound || content.unread.length > 0 || content.problems.length > 0) return [];
  return [makeProblem("UNDECODABLE", "Neither sound nor pictures were found in it")];
}

/** What others keep open; it is for them to close. */
export interface MediaReaderNeeds {
  readonly config: Pick<Config, "exiftoolProcesses" | "exiftoolTimeoutMs">;
  /** One for each lane, so that a hang in one does not block the other. */
  readonly tagReaders: Readonly<Record<Lane, TagReader>>;
  readonly pictures: PictureMaker;
  readonly prober: Prober;
}

/** Opens a reader; its threads start with the first video. */
export function openMediaReader({ config, tagReaders, pictures, prober }: MediaReaderNeeds): MediaReader {
  const timeoutMs = Math.min(trackTimeoutMs, config.exiftoolTimeoutMs);
  const trackReader = openTrackReader({ workersMax: config.exiftoolProcesses, timeoutMs });

  return {
    async readFacts(path, lane = "interactive") {
      const tagReader = tagReaders[lane];
      const read = (of: Format) => readContent({ pictures, trackReader, lane }, path, of);
      const sniffed = await sniff(path);
      // Content is read while exiftool still works, for the type it will most likely confirm.
      const guess = sniffed && canonicalFormat(sniffed.mimeType, sniffed.extension);
      const reading = tagReader.read(path, guess?.type === "IMAGE");
      const early = guess && read(guess);
      const said = await reading;
      const decided = decideFormat(sniffed, "tags" in said ? said.tags : null);
      if (decided == null) {
        if ("failure" in said && said.isMomentary) throw new MomentaryError(said.failure);
        return undefined;
      }
      const isGuessRight = decided.mimeType === guess?.mimeType;
      const content = await (isGuessRight && early ? early : read(decided));
      // exiftool sees an MP3 in every hundredth file of random bytes; where it is alone in that, frames must be found.
      if (sniffed == null && decided.mimeType === "audio/mpeg" && content.tracks?.hasAudio !== true)
        return undefined;
      const format = refineFormat(decided, content.tracks);
      const tags = tagsOf(said);
      const late: Unread[] = [];
      const size =
        (await mpegVideoSize(path, format.mimeType)) ??
        (await probedSize({ prober, lane }, path, format.mimeType, content.tracks, late)) ??
        findDimensions(format.mimeType, tags, { ...content, header: sniffed?.size });
      const sight = await findPicture({ tagReader, pictures, lane }, { path, format, tags, size, content });
      const isTypeKnown = sniffed?.verdict === "sure";
      const told = findDuration(format, tags, content.tracks);
      const duration = told ?? (await probeDuration({ prober, lane }, path, format, tags, late));
      const whole = { ...content, unread: [...content.unread, ...late] };
      const found = { format, size, duration, sight };
      const problems = [...whole.problems, ...emptyProblem({ ...found, content: whole })];
      return assembleFacts({ ...found, content: { ...whole, problems }, reading: said, isTypeKnown });
    },
    areToolsWell: async () => {
      const answers = await Promise.allSettled([
        tagReaders.background.version(),
        pictures.ping({ lane: "background" }),
      ]);
      return answers.every(({ status }) => status === "fulfilled");
    },
    close: () => trackReader.close(),
  };
}
