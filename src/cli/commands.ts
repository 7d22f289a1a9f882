import { addAdoptFolder } from "./adopt-folder.ts";
import { addBackup } from "./backup.ts";
import { addCheckConfig } from "./check-config.ts";
import type { AddCommand } from "./command.ts";
import { addFacts } from "./facts.ts";
import { addGc } from "./gc.ts";
import { addKeys } from "./keys.ts";
import { addMigrate } from "./migrate.ts";
import { addMoveDatabase } from "./move-database.ts";
import { addMoveStorage } from "./move-storage.ts";
import { addPrune } from "./prune.ts";
import { addRestore } from "./restore.ts";
import { addServe } from "./serve.ts";
import { addStats } from "./stats.ts";
import { addVerify } from "./verify.ts";

/** Every command, in the order in which `--help` shows them. */
export const commands: readonly AddCommand[] = [
  addServe,
  addVerify,
  addBackup,
  addRestore,
  addFacts,
  addGc,
  addPrune,
  addMigrate,
  addMoveDatabase,
  addMoveStorage,
  addAdoptFolder,
  addCheckConfig,
  addStats,
  addKeys,
];
