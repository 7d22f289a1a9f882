import { sql } from "../db/sql.ts";
import type { Deps } from "../deps.ts";
import { removeForgottenFiles } from "./service.ts";

type Needs = Parameters<typeof removeForgottenFiles>[0] & Pick<Deps, "log">;

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
      const isAny = needs.db.reader.get(sql`SELECT 1 AS "is" FROM "FileRemoval" LIMIT 1`) != null;
      if (isAny) await removeForgottenFiles(needs, closing.signal);
    } catch (err) {
      needs.log.error({ err }, "files of destroyed entities could not be removed yet");
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
