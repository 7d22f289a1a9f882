import type pg from "pg";
import { LockedError } from "../../file-lock.ts";
import type { Engine } from "../engine.ts";
import type { Query } from "../sql.ts";
import { findMisindexed, runCheck } from "./consistency-checks.ts";
import { runOn } from "./connections.ts";
import { known } from "./errors.ts";
import { fillDatabase, readLastIds } from "./filling.ts";
import { connect, lookAtDatabase, shown, writeLibraryRow } from "./library-row.ts";
import { applyMigrations, listPending } from "./migrations.ts";
import { openDb, type Addresses } from "./open-db.ts";
import { readerOn } from "./readers.ts";
import { checkRights } from "./rights.ts";
import { refreshIndex } from "./rebuild.ts";
import { locks } from "./writer-pool.ts";

const addressesOf = (url: string, directUrl: string | null | undefined): Addresses => ({
  url,
  directUrl: directUrl == null || directUrl === "" ? null : directUrl,
});

/** Runs the work on one connection. */
async function once<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await work(client);
  } catch (error) {
    throw known(error);
  } finally {
    await client.end();
  }
}

const tryLock = async (client: pg.Client): Promise<boolean> =>
  (await client.query<{ is: number }>(`SELECT pg_try_advisory_lock(${locks.server}) AS "is"`)).rows[0]?.is ===
  1;

/** The lock is the session's: it is let go however the process ends. @throws {LockedError} */
async function lockDatabase(url: string): Promise<() => Promise<void>> {
  const client = await connect(url);
  if (await tryLock(client)) return () => client.end();
  await client.end();
  throw new LockedError(
    `The database ${shown(url)} is in use by another process; stop that one first, or give this one a library of its own`,
  );
}

/** Longest query beside a server, of a command that walks whole tables. */
const walkMs = 3_600_000;

/** PostgreSQL 15 and newer through `pg`. */
export const postgresEngine: Engine = {
  pathOf: () => null,
  nameOf: shown,
  look: lookAtDatabase,
  lock: lockDatabase,
  checkUnlocked: async (url) => {
    await (
      await lockDatabase(url)
    )();
  },
  open: async (url, { now, limits, watch, directUrl }) => {
    const addresses = addressesOf(url, directUrl);
    const direct = addresses.directUrl ?? url;
    const db = await openDb(addresses, { now, limits, watch });
    return {
      db,
      migrate: async () => {
        const applied = await once(direct, applyMigrations);
        await checkRights(db.reader);
        return applied;
      },
      refreshIndex: (progress) => refreshIndex(direct, progress),
      fill: (contents) => fillDatabase(direct, contents),
      writeLibraryRow: (row) => once(direct, (client) => writeLibraryRow(client, row)),
    };
  },
  openReading: async (url) => {
    const client = await connect(url);
    await client.query("SET default_transaction_read_only = on");
    return {
      reader: readerOn(client, {
        limits: { connections: 1, waitingMax: 1, timeoutMs: walkMs },
        cancel: () => undefined,
      }),
      listPending: () => listPending(client),
      readLastIds: () =>
        readLastIds(
          async <Row>(query: Query) =>
            // The caller names the shape of the rows its SQL selects.
            (await runOn(client, query, {}, () => undefined, walkMs)).rows as Row[],
        ),
      close: () => client.end(),
    };
  },
  consistency: { run: runCheck, findMisindexed },
};
