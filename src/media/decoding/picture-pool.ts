import type { Logger } from "pino";
import { allowanceOf, type Lane as LaneName } from "../sandbox/cpu-clock.ts";
import type { OnFault } from "../facts/fault.ts";
import { openProcessGroupReaper, type ProcessGroupReaper } from "../sandbox/process-group-reaper.ts";
import { openPictureProcess, type Outcome, type PictureProcess } from "./picture-process.ts";
import type { ProgramSettings, Task } from "./picture-tasks.ts";
import { Semaphore } from "../../concurrency/semaphore.ts";

/** Which processes do a job, and how it can be called off while it waits. */
export interface Job {
  /** `interactive`: a request is waiting. `background`: one process of the lowest priority does all of them. */
  readonly lane: LaneName;
  /** A job that has not begun is dropped when it is aborted, with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface PicturePool {
  /**
   * First come, first served, each job in a process that does nothing else meanwhile.
   * @throws the signal's reason, or an Error when no process can be started or the pool is closed.
   */
  carryOut(task: Task, job: Job): Promise<Outcome>;
  pids(): number[];
  /** Drops what waits, lets running jobs finish, ends the processes. */
  close(): Promise<void>;
}

interface PoolNeeds {
  readonly confinement: readonly string[];
  readonly watch: ProcessGroupReaper;
  readonly settings: Omit<ProgramSettings, "isBackground" | "ffmpegTimeoutMs">;
  /** Milliseconds of computing for one job. */
  readonly timeoutMs: number;
  readonly log: Pick<Logger, "warn">;
  readonly onFault?: OnFault | undefined;
}

/** So much of a job's time is ffmpeg's; the rest is for what is made of its frames. */
export const ffmpegShare = 0.8;

/** Places of one lane: a place has one process, once it was needed. */
interface Lane {
  carryOut(task: Task, signal: AbortSignal | undefined): Promise<Outcome>;
  processes(): PictureProcess[];
  close(): Promise<void>;
}

function openLane(needs: PoolNeeds, size: number, isBackground: boolean): Lane {
  // The last is taken first, so that the one that was used last is used next, and others need not start.
  const places = Array.from({ length: size }, () => ({ process: undefined as PictureProcess | undefined }));
  const allowance = allowanceOf(needs.timeoutMs, isBackground ? "background" : "interactive");
  const idle = [...places];
  const turns = new Semaphore(size);
  const running = new Set<Promise<unknown>>();

  const carryOutIn = async (place: (typeof places)[number], task: Task): Promise<Outcome> => {
    if (place.process?.isUsable === false) {
      await place.process.close();
      place.process = undefined;
    }
    const settings = { ...needs.settings, isBackground, ffmpegTimeoutMs: allowance.wallMs * ffmpegShare };
    place.process ??= await openPictureProcess(needs, settings);
    const outcome = await place.process.carryOut(task, allowance);
    if ("died" in outcome || "isLate" in outcome)
      needs.onFault?.("picture", "died" in outcome ? "died" : "late");
    if ("died" in outcome)
      needs.log.warn({ task: task.name, reason: outcome.died }, "a picture process died");
    if ("isLate" in outcome)
      needs.log.warn(
        { task: task.name, over: outcome.isLate },
        "a picture process took too long and was ended",
      );
    return outcome;
  };

  return {
    async carryOut(task, signal) {
      const release = await turns.acquire(signal);
      const place = idle.pop();
      if (place == null) throw new Error("a picture process was promised and is not there");
      const run = carryOutIn(place, task).finally(() => {
        running.delete(run);
        idle.push(place);
        release();
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
  const watch = openProcessGroupReaper();
  const needs = { ...given, watch };
  const lanes = {
    interactive: openLane(needs, processesMax, false),
    background: openLane(needs, 1, true),
  };
  const all = Object.values(lanes);
  return {
    carryOut: (task, { lane, signal }) => lanes[lane].carryOut(task, signal),
    pids: () => all.flatMap((lane) => lane.processes().map(({ pid }) => pid)),
    async close() {
      await Promise.all(all.map((lane) => lane.close()));
      watch.close();
    },
  };
}
