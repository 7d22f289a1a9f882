import type { Deps } from "../../deps.ts";
import { keepsEverything } from "./rules.ts";
import { pruneHistory } from "./service.ts";

type Needs = Parameters<typeof pruneHistory>[0] & Pick<Deps, "log">;

export interface PruningSchedule {
  /** Stops what is under way after its present transaction, and prunes no more. */
  close(): Promise<void>;
}

const dayMs = 86_400_000;
/** A tenth of the time at most. */
const restFactor = 9;

/** Prunes now and then once a day, in the background; nothing when the settings keep everything. */
export function openPruningSchedule(needs: Needs, everyMs = dayMs): PruningSchedule {
  const closing = new AbortController();
  const { signal } = closing;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const start = () => {
    running = run();
  };
  const run = async () => {
    try {
      const pruned = await pruneHistory(needs, { signal, restFactor });
      if (pruned.versions > 0) needs.log.info(pruned, "old versions were pruned");
    } catch (err) {
      // A full disk, or a file that cannot be removed: tried again the next day.
      needs.log.error({ err }, "pruning was given up for now");
    }
    if (!signal.aborted) timer = setTimeout(start, everyMs).unref();
  };
  if (!keepsEverything(needs.config)) start();

  return {
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
