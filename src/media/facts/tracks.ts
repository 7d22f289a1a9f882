import type { Worker } from "node:worker_threads";
import { Semaphore } from "../../concurrency/semaphore.ts";
import { allowanceOf, startClock, type Allowance, type Lane } from "../sandbox/cpu-clock.ts";
import { MomentaryError } from "./momentary-error.ts";
import { startTrackWorker, type TrackFacts, type TrackMessage } from "./track-worker.ts";

/**
 * Reads containers' tracks outside of the main thread: parsers of hostile files loop forever (mediabunny 1.61
 * does for a FLAC without frames), and JavaScript that loops can only be ended by ending its thread.
 */
export interface TrackReader {
  /**
   * Reads MP4, QuickTime, Matroska, WebM, Ogg, FLAC, WAV, ADTS and MPEG-TS.
   * @throws {MomentaryError} when it was the machine that was too slow
   * @throws an Error for what cannot be read, or not within its computing.
   */
  read(path: string, lane: Lane): Promise<TrackFacts>;
  /** Ends the threads; readings under way fail. */
  close(): Promise<void>;
}

/** How a reading ended; a worker that did not answer is of no further use. */
type Outcome = { readonly isAlive: boolean } & (
  { readonly facts: TrackFacts } | { readonly failure: string; readonly isMomentary?: boolean }
);

function readIn(worker: Worker, path: string, allowance: Allowance): Promise<Outcome> {
  return new Promise((resolve) => {
    let early: TrackFacts | undefined;
    const end = (outcome: Outcome) => {
      stopClock();
      // One by one: `removeAllListeners` would also cut off what delivers the worker's next messages.
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      // Dimensions without a duration are better than neither, unless the rest may come another time.
      const isMomentary = "failure" in outcome && outcome.isMomentary === true;
      if ("facts" in outcome || early == null || isMomentary) resolve(outcome);
      else resolve({ isAlive: outcome.isAlive, facts: { ...early, duration: null } });
    };
    const onMessage = (message: TrackMessage) => {
      if ("thread" in message) begin(message.thread);
      else if ("failure" in message) end({ isAlive: true, failure: message.failure });
      else if (message.isLast) end({ isAlive: true, facts: message.facts });
      else early = message.facts;
    };
    const onError = (error: unknown) => {
      end({ isAlive: false, failure: error instanceof Error ? error.message : String(error) });
    };
    const onExit = () => {
      end({ isAlive: false, failure: "the parser came to an end", isMomentary: true });
    };
    let stopClock = () => {};
    const begin = (thread: string | null) => {
      stopClock();
      stopClock = startClock(thread ?? undefined, allowance, (over) => {
        const failure =
          over === "cpu"
            ? `it took more than ${allowance.cpuMs} ms of computing`
            : `it took longer than ${allowance.wallMs} ms`;
        end({ isAlive: false, failure, isMomentary: over === "wall" });
      });
    };
    begin(null);
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(path);
  });
}

/**
 * @param workersMax most threads at once; each starts when first needed and is kept.
 * @param timeoutMs of computing for one reading.
 */
export function openTrackReader({
  workersMax,
  timeoutMs,
}: {
  workersMax: number;
  timeoutMs: number;
}): TrackReader {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const turns = new Semaphore(workersMax);

  const discard = async (worker: Worker) => {
    all.delete(worker);
    // Emitted while the thread ends, perhaps out of memory; unheard it would end the process.
    worker.on("error", () => undefined);
    await worker.terminate();
  };

  const readNow = async (path: string, lane: Lane): Promise<Outcome> => {
    const worker = idle.pop() ?? startTrackWorker();
    all.add(worker);
    const outcome = await readIn(worker, path, allowanceOf(timeoutMs, lane));
    if (outcome.isAlive) idle.push(worker);
    else await discard(worker);
    return outcome;
  };

  return {
    async read(path, lane) {
      const outcome = await turns.run(() => readNow(path, lane));
      if ("facts" in outcome) return outcome.facts;
      throw outcome.isMomentary === true ? new MomentaryError(outcome.failure) : new Error(outcome.failure);
    },
    async close() {
      await Promise.all([...all].map(discard));
    },
  };
}
