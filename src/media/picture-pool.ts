import type { Logger } from "pino";
import { openGroupWatch, type GroupWatch } from "./group-watch.ts";
import { openPictureProcess, type Outcome, type PictureProcess } from "./picture-process.ts";
import type { Order, ProgramSettings } from "./picture-tasks.ts";

/** Which processes do a job, and how it can be called off while it waits. */
export interface Job {
  /** `interactive`: somebody is waiting. `background`: one process of the lowest priority does all of them. */
  readonly lane: "interactive" | "background";
  /** A job that has not begun is dropped when it is aborted, with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface PicturePool {
  /**
   * First come, first served, each job in a process that does nothing else meanwhile.
   * @throws the signal's reason, or an Error when no process can be started or the pool is closed.
   */
  carryOut(order: Order, job: Job): Promise<Outcome>;
  pids(): number[];
  /** Drops what waits, lets running jobs finish, ends the processes. */
  close(): Promise<void>;
}

interface PoolNeeds {
  readonly confinement: readonly string[];
  readonly watch: GroupWatch;
  readonly settings: Omit<ProgramSettings, "isBackground">;
  readonly timeoutMs: number;
  readonly log: Pick<Logger, "warn">;
}

/** Places of one lane: a place has one process, once it was needed. */
interface Lane {
  carryOut(order: Order, signal: AbortSignal | undefined): Promise<Outcome>;
  processes(): PictureProcess[];
  close(): Promise<void>;
}

interface Waiting<T> {
  readonly go: (thing: T) => void;
  readonly drop: (reason: Error) => void;
}

/** Hands out things one by one, first come, first served. */
class Turns<T> {
  readonly #free: T[];
  readonly #waiting = new Set<Waiting<T>>();
  #closedFor: Error | undefined;

  constructor(free: T[]) {
    this.#free = free;
  }

  async take(signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.#closedFor) throw this.#closedFor;
    const thing = this.#free.pop();
    if (thing != null) return thing;
    let drop: Waiting<T>["drop"] = () => undefined;
    const abort = () => {
      // Typed `any`; whoever aborts gives an Error, or the platform does.
      drop(signal?.reason as Error);
    };
    signal?.addEventListener("abort", abort);
    return await new Promise<T>((resolve, reject) => {
      const waiting = { go: resolve, drop: reject };
      this.#waiting.add(waiting);
      drop = (reason) => {
        this.#waiting.delete(waiting);
        reject(reason);
      };
    }).finally(() => signal?.removeEventListener("abort", abort));
  }

  /** To the next in line; the thing never lies free while somebody waits. */
  giveBack(thing: T) {
    const [next] = this.#waiting;
    if (next == null) {
      this.#free.push(thing);
      return;
    }
    this.#waiting.delete(next);
    next.go(thing);
  }

  close(reason: Error) {
    this.#closedFor = reason;
    for (const { drop } of this.#waiting) drop(reason);
    this.#waiting.clear();
  }
}

function openLane(needs: PoolNeeds, size: number, isBackground: boolean): Lane {
  // The last is taken first, so that the one that was used last is used next, and others need not start.
  const places = Array.from({ length: size }, () => ({ process: undefined as PictureProcess | undefined }));
  const turns = new Turns([...places]);
  const running = new Set<Promise<unknown>>();

  const carryOutIn = async (place: (typeof places)[number], order: Order): Promise<Outcome> => {
    if (place.process?.isUsable === false) {
      await place.process.close();
      place.process = undefined;
    }
    const settings = { ...needs.settings, isBackground };
    place.process ??= await openPictureProcess(needs, settings);
    const outcome = await place.process.carryOut(order, needs.timeoutMs);
    if ("died" in outcome)
      needs.log.warn({ task: order.name, reason: outcome.died }, "a picture process died");
    if ("isLate" in outcome)
      needs.log.warn({ task: order.name }, "a picture process took too long and was ended");
    return outcome;
  };

  return {
    async carryOut(order, signal) {
      const place = await turns.take(signal);
      const run = carryOutIn(place, order).finally(() => {
        running.delete(run);
        turns.giveBack(place);
      });
      running.add(run);
      return run;
    },
    processes: () => places.flatMap(({ process }) => (process?.isUsable ? [process] : [])),
    async close() {
      turns.close(new Error("the picture processes are closed"));
      await Promise.allSettled(running);
      await Promise.all(places.map(async ({ process }) => process?.close()));
    },
  };
}

/** @param processesMax of the interactive lane; each process starts when first needed and is kept. */
export function openPicturePool({
  processesMax,
  ...given
}: Omit<PoolNeeds, "watch"> & { readonly processesMax: number }): PicturePool {
  const watch = openGroupWatch();
  const needs = { ...given, watch };
  const lanes = {
    interactive: openLane(needs, processesMax, false),
    background: openLane(needs, 1, true),
  };
  const all = Object.values(lanes);
  return {
    carryOut: (order, { lane, signal }) => lanes[lane].carryOut(order, signal),
    pids: () => all.flatMap((lane) => lane.processes().map(({ pid }) => pid)),
    async close() {
      await Promise.all(all.map((lane) => lane.close()));
      watch.close();
    },
  };
}
