import { pino } from "pino";
import type { Config } from "../config/config.ts";
import { openLibrary, type Closers } from "../app/library.ts";
import { engineOf } from "../database/engines.ts";
import { recoverFiles } from "../library/originals/service.ts";
import { checkPresent, openLibraryForReading, openMediaFiles } from "../app/reading-library.ts";
import type { Finding } from "../maintenance/verify/kinds.ts";
import { repairFindings, type Repaired } from "../maintenance/verify/repair.ts";

/** Repairs nothing. */
const none = (): Promise<Repaired[]> => Promise.resolve([]);

/** Beside a server at work. */
export async function openForReading(config: Config, closers: Closers) {
  return { ...(await openLibraryForReading(config, closers)), repair: none };
}

/** Alone; what a crash has left is ended first, as at every start. */
export async function openForRepair(config: Config, closers: Closers) {
  checkPresent(config);
  const log = pino({ level: "silent" });
  const library = await openLibrary({ config, log, clock: { now: Date.now } }, closers);
  await library.derivativeStore.recover();
  await recoverFiles(library);
  const { db } = library;
  const media = await openMediaFiles(config, db.reader);
  return {
    ...{ reader: db.reader, consistency: engineOf(config.databaseUrl).consistency, ...media },
    repair: (findings: readonly Finding[]) => repairFindings({ db, ...media }, findings),
  };
}
