import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { readCamera } from "./camera.ts";
import { readCapture } from "./capture.ts";
import { readContent, refineFormat, type Content } from "./content.ts";
import { findDimensions } from "./dimensions.ts";
import { findDuration } from "./duration.ts";
import { openTagReader, type TagReading } from "./exiftool.ts";
import type { MediaFacts, MediaProblem } from "./facts.ts";
import { canonicalFormat, type Format } from "./formats.ts";
import { readKeywords } from "./keywords.ts";
import { readMetadata } from "./metadata.ts";
import { readPlace } from "./place.ts";
import { makeProblem, readComplaints } from "./problems.ts";
import { decideFormat, sniff } from "./sniff.ts";
import type { Tags } from "./tags.ts";
import { openTrackReader } from "./tracks.ts";

/** Headers take milliseconds; what takes longer is hostile, and holds up others. */
const contentTimeoutMs = 5_000;

/** Turns one file on disk into typed facts. */
export interface MediaReader {
  /**
   * Reads the type from the bytes, never from the name, and what exiftool, sharp and the container tell.
   * Bad bytes never throw: what cannot be read is null, and `problems` says why.
   * @returns undefined when the bytes are of no known type at all; text and scripts have their own types.
   * @throws what the file system throws when there is no such file.
   */
  readFacts(path: string): Promise<MediaFacts | undefined>;
  /** Process ids of the exiftool processes now running. */
  pids(): number[];
  /** Ends exiftool's processes; a reading under way is let finish. */
  close(): Promise<void>;
}

function metadataProblems(reading: TagReading, lost: number): MediaProblem[] {
  if ("failure" in reading) {
    return [
      makeProblem("METADATA_FAILED", "The metadata could not be read, because exiftool gave no answer"),
    ];
  }
  const complaints = readComplaints(reading.tags);
  if (lost === 0) return complaints;
  const words = `The metadata is too big to keep whole: its ${lost} largest values are cut or left out`;
  return [...complaints, makeProblem("METADATA_TRUNCATED", words)];
}

const tagsOf = (reading: TagReading): Tags => ("tags" in reading ? reading.tags : {});

function assembleFacts(format: Format, content: Content, reading: TagReading): MediaFacts {
  const tags = tagsOf(reading);
  const { mimeType, extension, type } = refineFormat(format, content.tracks);
  const place = readPlace(tags);
  const size = findDimensions(mimeType, tags, content);
  const { metadata, lost } = readMetadata(tags);
  return {
    mimeType,
    extension,
    type,
    width: size?.width ?? null,
    height: size?.height ?? null,
    duration: findDuration(type, tags, content.tracks),
    captured: readCapture(tags, place),
    place,
    camera: readCamera(tags),
    keywords: readKeywords(tags),
    metadata,
    problems: [...content.problems, ...metadataProblems(reading, lost)],
  };
}

/** Opens a reader that keeps exiftool processes; they start with the first file. */
export function openMediaReader(needs: {
  config: Pick<Config, "exiftoolProcesses" | "exiftoolTimeoutMs">;
  log: Pick<Logger, "warn">;
}): MediaReader {
  const { exiftoolProcesses, exiftoolTimeoutMs } = needs.config;
  const tagReader = openTagReader(needs);
  const timeoutMs = Math.min(contentTimeoutMs, exiftoolTimeoutMs);
  const trackReader = openTrackReader({ workersMax: exiftoolProcesses, timeoutMs });
  const read = (path: string, format: Format) => readContent({ timeoutMs, trackReader }, path, format);

  return {
    async readFacts(path) {
      const sniffed = await sniff(path);
      // Content is read while exiftool still works, for the type it will most likely confirm.
      const guess = sniffed && canonicalFormat(sniffed.mimeType, sniffed.extension);
      const reading = tagReader.read(path, guess?.type === "IMAGE");
      const early = guess && read(path, guess);
      const said = await reading;
      const format = decideFormat(sniffed, "tags" in said ? said.tags : null);
      if (format == null) return undefined;
      const isGuessRight = format.mimeType === guess?.mimeType;
      const content = await (isGuessRight && early ? early : read(path, format));
      // exiftool sees an MP3 in every hundredth file of random bytes; where it is alone in that, frames must be found.
      if (sniffed == null && format.mimeType === "audio/mpeg" && content.tracks?.hasAudio !== true)
        return undefined;
      return assembleFacts(format, content, said);
    },
    pids: () => tagReader.pids(),
    async close() {
      await Promise.all([tagReader.close(), trackReader.close()]);
    },
  };
}
