/* eslint-disable @typescript-eslint/require-await -- what SQLite throws is a rejection */
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { lock } from "../../file-lock.ts";
import type { Engine } from "../engine.ts";
import { openConnection } from "./connection.ts";
import { runCheck } from "./consistency-checks.ts";
import { openDatabase } from "./database.ts";
import { fillDatabase, readLastIds } from "./filling.ts";
import { findMisindexed } from "./index-check.ts";
import { lookAtDatabase, writeLibraryRow } from "./library-row.ts";
import { applyMigrations, listPending } from "./migrations.ts";
import { openDb } from "./open-db.ts";
import { readerOn } from "./reader.ts";
import { refreshIndex } from "./text-index.ts";

/** `file:` and a path, relative to the working directory. */
const pathOfDatabase = (url: string): string => resolve(url.slice("file:".length));

// A link to the database must lead to the same lock.
function lockPathOf(path: string): string {
  const real = existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  return `${real}.lock`;
}

/** @returns what releases it. @throws {LockedError} */
function lockDatabase(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  return lock(lockPathOf(path), `The database ${path}`);
}

/** One SQLite file through libsql: one writer, readers beside it, WAL. */
export const sqliteEngine: Engine = {
  pathOf: pathOfDatabase,
  nameOf: pathOfDatabase,
  look: (url, look) => lookAtDatabase(pathOfDatabase(url), look),
  lock: async (url) => {
    const release = lockDatabase(pathOfDatabase(url));
    return async () => {
      release();
    };
  },
  checkUnlocked: async (url) => {
    const path = pathOfDatabase(url);
    if (existsSync(path) && existsSync(lockPathOf(path))) lockDatabase(path)();
  },
  open: async (url, { now, limits, watch }) => {
    const database = openDatabase(pathOfDatabase(url));
    return {
      db: openDb(database, now, limits, watch),
      migrate: () => applyMigrations(database),
      refreshIndex: (progress) =>
        database.exclusive((writer) => {
          refreshIndex(writer, progress);
        }),
      fill: (contents) => fillDatabase(database, contents),
      writeLibraryRow: (row) =>
        database.exclusive((writer) => {
          writeLibraryRow(writer, row);
        }),
    };
  },
  openReading: async (url) => {
    const connection = openConnection(pathOfDatabase(url), { readOnly: true });
    return {
      reader: readerOn(connection),
      listPending: () => listPending(connection),
      readLastIds: async () => readLastIds(connection),
      close: async () => {
        connection.close();
      },
    };
  },
  consistency: { run: runCheck, findMisindexed },
};
