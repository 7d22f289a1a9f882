import { removeForgottenFilesOrLater, sweepStrays } from "./service.ts";

type Needs = Parameters<typeof removeForgottenFilesOrLater>[0];

export interface RemovalSchedule {
  /** Ends after the file under way. */
  close(): Promise<void>;
}

const everyMs = 5000;

/** Removes what could not be when it was deleted: a backup was being made, or the disk refused. */
export function openRemovalSchedule(needs: Needs, intervalMs = everyMs): RemovalSchedule {
  const closing = new AbortController();
  let running: Promise<void> | undefined;

  const run = async () => {
    try {
      await removeForgottenFilesOrLater(needs, closing.signal);
      await sweepStrays(needs);
    } catch (err) {
      needs.log.error({ err }, "what an interrupted upload has left could not be removed yet");
    } finally {
      running = undefined;
    }
  };
  const timer = setInterval(() => {
    running ??= run();
  }, intervalMs).unref();

  return {
    close: async () => {
      closing.abort();
      clearInterval(timer);
      await running;
    },
  };
}
