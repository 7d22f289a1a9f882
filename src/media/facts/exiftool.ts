import { ExifTool } from "exiftool-vendored";
import type { Logger } from "pino";
import type { Config } from "../../config/config.ts";
import { blankTagsOf, copiesArgs, fillBlanks } from "./blank-tags.ts";
import { allowanceOf, type Lane } from "../sandbox/cpu-clock.ts";
import { withDeadline } from "../sandbox/deadline.ts";
import type { OnFault } from "./fault.ts";
import { environment, hasPerl, launchArgs, spawnExiftool } from "./exiftool-process.ts";
import { MomentaryError } from "./momentary-error.ts";
import { readText, type Tags } from "./tags.ts";
import { Semaphore } from "../../concurrency/semaphore.ts";

/** exiftool's answer about one file, or the reason for its absence. */
export type TagReading =
  | { readonly tags: Tags }
  | {
      readonly failure: string;
      /** Not the file's fault: exiftool ended, was late, is absent, or answered with something else. */
      readonly isMomentary: boolean;
    };

export interface TagReader {
  /**
   * Never rejects; a file exiftool cannot read has its words in `ExifTool:Error`.
   * @param isStill spares the exact durations.
   */
  read(path: string, isStill: boolean): Promise<TagReading>;
  /**
   * Writes the bytes of a binary tag, such as `EXIF:PreviewImage`, into a new file.
   * @returns false when there is none.
   * @throws {MomentaryError} when exiftool gave no answer.
   */
  extract(path: string, tag: string, target: string): Promise<boolean>;
  /**
   * exiftool's own version, which it was asked for just now; "busy" while every process reads a file, which has its own
   * limit of time. @throws when it does not answer.
   */
  version(): Promise<string>;
  /** Process ids of the kept exiftool processes. */
  pids(): number[];
  /** Lets running reads finish, then ends the processes. */
  close(): Promise<void>;
}

/**
 * Family 0 groups (`EXIF`, not `EXIF:IFD0`), so the value kept of a repeated tag is the one exiftool calls
 * its priority tag: IFD0 before a thumbnail's IFD1. Coordinates as decimal degrees, to a tenth of a millimetre.
 * Each tag named here costs exiftool 5 % more, so what can be left out or parsed is left to the readers.
 * Never `-ee` (CVE-2026-7580), never `-m`: it lifts exiftool's own limits on huge arrays. Not `-fast`: it gains
 * 2 %, and skips trailers, and hence XMP at the end of WAV and AVI.
 */
const readArgs = ["-G0", "-c", "%.9f"];
/** Durations in seconds, which exiftool would round to whole ones; the first of two equal JSON names wins. */
const readTimedArgs = [...readArgs, "-Duration#", "-PlayDuration#", "-all"];

/** The tags to read, and the dependencies of the reader. */
interface TagReaderNeeds {
  readonly config: Pick<Config, "exiftoolProcesses" | "exiftoolTimeoutMs">;
  readonly log: Pick<Logger, "warn">;
  /** A command that runs the one appended to it with less than this program may; absent for none. */
  readonly box?: readonly string[];
  /** Another exiftool than the one that came along: the path of a Perl program. */
  readonly exiftoolPath?: string;
  readonly onFault?: OnFault;
  /** `interactive` when left out. */
  readonly lane?: Lane;
}

/** One that dies in the last seconds of its time is not tried again: a request waits. */
const retryShare = 0.25;

const allowanceFor = ({ config, lane = "interactive" }: TagReaderNeeds) =>
  allowanceOf(config.exiftoolTimeoutMs, lane);

/** Background reads are rare: an idle process for them would only take memory. */
const idleMs = 30_000;

/** @param onExcess called when a process is ended because it computes or prints more than it may: the file's fault. */
function startExiftool(needs: TagReaderNeeds, onExcess: () => void) {
  const { config, box = [], exiftoolPath, lane } = needs;
  const { cpuMs, wallMs } = allowanceFor(needs);
  const exiftool: ExifTool = new ExifTool({
    maxProcs: config.exiftoolProcesses,
    maxTasksPerProcess: 500,
    taskTimeoutMillis: wallMs,
    ...(lane === "background" && { maxIdleMsPerProcess: idleMs }),
    // The one retry is made below, and only after a death: a second wait would double the time limit.
    taskRetries: 0,
    // The default delays the second process for 1.5 s, so that a burst of uploads would use one core.
    minDelayBetweenSpawnMillis: 0,
    exiftoolArgs: launchArgs,
    exiftoolEnv: environment,
    useMWG: false,
    ignoreMinorErrors: false,
    ...(exiftoolPath != null && { exiftoolPath }),
    ...(hasPerl && {
      processFactory: async () => spawnExiftool(box, await exiftool.exiftoolPath(), cpuMs, onExcess),
    }),
  });
  return exiftool;
}

const died = /terminated before task completed|unexpectedly closed|EPIPE|has ended|SIG[A-Z]+|exited/i;

/** exiftool's words where it has answered, and the file is not at fault. */
const serversFault = /^(File not found|Error opening file)/;

/** Of the failures of an extraction, those in which exiftool said nothing of the file. */
const isNoAnswer = new RegExp(`${died.source}|timeout|took longer`, "i");

/** More than a start takes on a busy machine. */
const startMs = 2_000;

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Hands orders to exiftool, as many at once as it has processes. */
function openOrders(needs: TagReaderNeeds, onExcess: () => void) {
  const { exiftoolProcesses } = needs.config;
  const turns = new Semaphore(exiftoolProcesses);
  const longestMs = allowanceFor(needs).wallMs + startMs;
  // With the first order: most servers never read in the background.
  let exiftool: ExifTool | undefined;
  let isClosed = false;

  const renew = (old: ExifTool) => {
    if (exiftool !== old || isClosed) return;
    exiftool = startExiftool(needs, onExcess);
    void old.end(false).catch(() => undefined);
  };

  return {
    isClosed: () => isClosed,
    /** Waits for a turn, in which it may give one order after the other. */
    inTurn: <T>(work: () => Promise<T>): Promise<T> => turns.run(work),
    /** One order. Never waits much longer than the time limit. */
    async give<T>(order: (exiftool: ExifTool) => Promise<T>): Promise<T> {
      if (exiftool?.ended === true) renew(exiftool);
      const asked = (exiftool ??= startExiftool(needs, onExcess));
      const givenAt = performance.now();
      const answer = order(asked);
      answer.catch(() => undefined);
      return await withDeadline(answer, longestMs).catch((error: unknown) => {
        // batch-cluster's own limit begins when a process takes the order. Where none comes up it starts one after
        // the other, forever, and keeps the order; both are thrown away.
        if (performance.now() - givenAt >= longestMs) renew(asked);
        throw error;
      });
    },
    isBusy: () => (exiftool?.batchCluster.busyProcCount ?? 0) >= exiftoolProcesses,
    pids: () => exiftool?.batchCluster.pids() ?? [],
    async close() {
      isClosed = true;
      await exiftool?.end();
    },
  };
}

/** Keeps exiftool processes running; they start with the first file. */
export function openTagReader(needs: TagReaderNeeds): TagReader {
  const { log, onFault } = needs;
  const { wallMs } = allowanceFor(needs);
  let excesses = 0;
  const orders = openOrders(needs, () => excesses++);
  const options = { useMWG: false, ignoreMinorErrors: false };
  const readOnce = async (path: string, readArgs: string[]): Promise<TagReading> => {
    const answer: unknown = await orders.give((exiftool) => exiftool.readRaw(path, { readArgs, ...options }));
    if (typeof answer !== "object" || answer == null || !("SourceFile" in answer))
      throw new Error("it answered with something else than a file's tags");
    // The answer is one JSON object; what its values are is for the readers of each tag to find out.
    const tags = answer as Tags;
    const error = readText(tags, "ExifTool:Error");
    if (error != null && serversFault.test(error)) throw new Error(error);
    return { tags };
  };

  const readTwice = async (path: string, args: string[]): Promise<TagReading> => {
    const startedAt = performance.now();
    const excessesBefore = excesses;
    const isMomentary = () => excesses === excessesBefore;
    try {
      return await readOnce(path, args);
    } catch (error) {
      const reason = reasonOf(error);
      const usedMs = performance.now() - startedAt;
      const isEarly = usedMs < wallMs * retryShare;
      const isRetriable = died.test(reason) && isEarly && isMomentary();
      if (usedMs >= wallMs || !isMomentary()) onFault?.("exiftool", "late");
      else if (died.test(reason)) onFault?.("exiftool", "died");
      log.warn({ reason: reason.slice(0, 500), isRetriable }, "exiftool gave no answer");
      if (orders.isClosed() || !isRetriable) return { failure: reason, isMomentary: isMomentary() };
      return await readOnce(path, args).catch((again: unknown) => ({
        failure: reasonOf(again),
        isMomentary: isMomentary(),
      }));
    }
  };

  /** Few files have a blank tag where one is expected, so only those are asked again. */
  const readFilled = async (path: string, args: string[]): Promise<TagReading> => {
    const reading = await readTwice(path, args);
    const blank = "tags" in reading ? blankTagsOf(reading.tags) : [];
    if (!("tags" in reading) || blank.length === 0) return reading;
    const copies = await readTwice(path, copiesArgs(blank));
    if ("tags" in copies) return { tags: fillBlanks(reading.tags, blank, copies.tags) };
    // A camera that is known but for the moment must not be kept as unknown.
    return copies.isMomentary ? copies : reading;
  };

  return {
    read: (path, isStill) => orders.inTurn(() => readFilled(path, isStill ? readArgs : readTimedArgs)),
    extract: (path, tag, target) =>
      orders.inTurn(() =>
        orders
          .give((exiftool) => exiftool.extractBinaryTag(tag, path, target, options))
          .then(
            () => true,
            (error: unknown) => {
              if (isNoAnswer.test(reasonOf(error))) throw new MomentaryError(reasonOf(error));
              return false;
            },
          ),
      ),
    version: async () => (orders.isBusy() ? "busy" : await orders.give((exiftool) => exiftool.version())),
    pids: () => orders.pids(),
    close: () => orders.close(),
  };
}
