import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type * as Mediabunny from "mediabunny";

/** The facts in the container of a video or recording. */
export interface TrackFacts {
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
  /** Pixels as displayed: upright and square; null without video. */
  readonly width: number | null;
  readonly height: number | null;
  /** Seconds; null when the container does not say. */
  readonly duration: number | null;
}

/** A worker sends the facts without duration first, since counting a duration may take too long. */
export type TrackMessage =
  /** Where /proc has its thread, so that its computing can be measured; null where there is no /proc. */
  | { readonly thread: string | null }
  | { readonly facts: TrackFacts; readonly isLast: boolean }
  | { readonly failure: string };

type Send = (message: TrackMessage) => void;

/**
 * Runs inside the worker: it goes there as text, so it may use nothing but its own arguments.
 * (A worker of a file of its own would have to be JavaScript, outside of what is type-checked.)
 */
async function readTracksOf(path: string, mediabunny: typeof Mediabunny, send: Send): Promise<void> {
  // Not HLS: a playlist names other files, and a hostile one names the server's.
  const { ADTS, FLAC, MATROSKA, MP4, MPEG_TS, OGG, QTFF, WAVE, WEBM } = mediabunny;
  const formats = [MP4, QTFF, MATROSKA, WEBM, OGG, FLAC, WAVE, ADTS, MPEG_TS];
  // A failed read that is not awaited would otherwise be an unhandled rejection, and end the worker.
  const source = new mediabunny.FilePathSource(path, { handleUnhandledError: () => undefined });
  const input = new mediabunny.Input({ formats, source });
  try {
    const tracks: Mediabunny.InputTrack[] = await input.getTracks();
    const video = await input.getPrimaryVideoTrack();
    // Turned, and of square pixels, which anamorphic video has not.
    const [width, height] = video
      ? [await video.getDisplayWidth(), await video.getDisplayHeight()]
      : [null, null];
    const facts = {
      hasVideo: video != null,
      hasAudio: tracks.some((track) => track.isAudioTrack()),
      width,
      height,
    };
    const told = await input.getDurationFromMetadata();
    send({ facts: { ...facts, duration: told }, isLast: told != null && told > 0 });
    if (told != null && told > 0) return;
    // Fragmented MP4, Ogg and live recordings have no duration of their own; their last packet has an end. The
    // first packet's time is taken off, because it is not 0 where B-frames are reordered.
    const end = await input.computeDuration();
    const start = Math.max(0, await input.getFirstTimestamp());
    send({ facts: { ...facts, duration: end - start }, isLast: true });
  } catch (error) {
    send({ failure: error instanceof Error ? error.message : String(error) });
  } finally {
    input.dispose();
  }
}

// esbuild wraps named functions in `__name`, which does not exist where this text goes.
const program = `
const __name = (named) => named;
const { parentPort, workerData } = require("node:worker_threads");
const mediabunny = require(workerData.mediabunny);
// The library notes what it does not support; an operator cannot act on it.
console.warn = console.info = console.log = () => {};
let thread = null;
try {
  thread = require("node:fs").readlinkSync("/proc/thread-self");
} catch {}
const readTracksOf = ${readTracksOf.toString()};
parentPort.on("message", (path) => {
  parentPort.postMessage({ thread });
  readTracksOf(path, mediabunny, (message) => parentPort.postMessage(message));
});
`;

/** Starts a worker that answers each path it is sent with `TrackMessage`s. */
export function startTrackWorker(): Worker {
  const mediabunny = createRequire(import.meta.url).resolve("mediabunny");
  const worker = new Worker(program, {
    eval: true,
    workerData: { mediabunny },
    // Loaders of the main program (TypeScript, tests) have nothing to load here.
    execArgv: [],
    // A sample table that claims 2^32 entries ends the worker, not the server.
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 },
  });
  worker.unref();
  return worker;
}
