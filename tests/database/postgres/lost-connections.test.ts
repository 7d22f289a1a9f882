import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Db } from "../../../src/database/db.ts";
import { postgresEngine } from "../../../src/database/postgres/engine.ts";
import { sql } from "../../../src/database/sql.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { dropDatabase, makeMigratedDatabase, postgresUrl, runScripts } from "../../support/postgres.ts";
import { openCuttingProxy, type CuttingProxy } from "./cutting-proxy.ts";

const opening = { operation: "test", actor: null, reason: null };
const labels = async ({ reader }: Pick<Db, "reader">) =>
  (await reader.all<{ label: string }>(sql`SELECT "label" FROM "Entity" ORDER BY "id"`)).map(
    ({ label }) => label,
  );

interface Library {
  readonly url: string;
  readonly proxy: CuttingProxy;
  /** Through the proxy. */
  readonly db: Db;
  /** Of another server, past the proxy. */
  readonly other: Db;
}

async function openLibrary(): Promise<Library> {
  const url = await makeMigratedDatabase();
  onTestFinished(() => dropDatabase(url));
  const proxy = await openCuttingProxy(url);
  const open = async (address: string) => {
    const { db } = await postgresEngine.open(address, { now: Date.now });
    onTestFinished(() => db.close());
    return db;
  };
  return { url, proxy, db: await open(proxy.url), other: await open(url) };
}

const create = (db: Db, label: string) =>
  db.transaction(opening, ({ prisma }) => prisma.entity.create({ data: { label, isCollection: true } }));

describe.skipIf(postgresUrl == null)("a connection that is lost", () => {
  test("before the COMMIT leaves nothing, says so, and the next transaction goes well", async () => {
    const { proxy, db, other } = await openLibrary();
    proxy.cutBefore("COMMIT");
    await expect(create(db, "lost")).rejects.toThrow(UnavailableError);
    expect(await labels(other)).toEqual([]);
    await create(db, "kept");
    expect(await labels(other)).toEqual(["kept"]);
  });

  // The client heard nothing, and all of it was committed: to call it failed would make people do it again.
  test("at the COMMIT that was done is no failure: the database says what became of it", async () => {
    const { proxy, db, other } = await openLibrary();
    proxy.cutAfter("COMMIT");
    const { label } = await create(db, "done");
    expect(label).toBe("done");
    expect(await labels(other)).toEqual(["done"]);
    expect(db.now().transactionId).toBe(other.now().transactionId);
  });

  test("in the middle of a transaction leaves nothing, and nobody waits for its lock", async () => {
    const { proxy, db, other } = await openLibrary();
    const work = db.transaction(opening, async ({ prisma }) => {
      await prisma.entity.create({ data: { label: "lost", isCollection: true } });
      proxy.cutAll();
      await prisma.entity.create({ data: { label: "lost too", isCollection: true } });
    });
    await expect(work).rejects.toThrow(UnavailableError);
    await create(other, "kept");
    expect(await labels(db)).toEqual(["kept"]);
  });

  test("of what listens is made again, and what was committed meanwhile is heard", async () => {
    const { url, db, other } = await openLibrary();
    const before = db.now().transactionId;
    await runScripts(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
    );
    await create(other, "meanwhile");
    await vi.waitFor(
      () => {
        expect(db.now().transactionId).toBeGreaterThan(before);
      },
      { timeout: 10_000, interval: 20 },
    );
  });

  // What was seen: the process ended with "Connection terminated unexpectedly", which nobody listened to: the pool hears of
  // connections that are idle, and an operation held this one between two of its queries.
  test("between two queries of an operation fails the next query, and not the process", async () => {
    const { proxy, db } = await openLibrary();
    await create(db, "kept");
    const moment = await db.openMoment();
    expect(await labels(moment.db)).toEqual(["kept"]);
    proxy.cutAll();
    await expect(
      (async () => {
        for (;;) await labels(moment.db);
      })(),
    ).rejects.toThrow(UnavailableError);
    await moment.close();
    await vi.waitFor(async () => {
      expect(await labels(db)).toEqual(["kept"]);
    });
  });

  test("by everybody at once, as when the database starts again, is made again by the next query", async () => {
    const { url, db } = await openLibrary();
    await create(db, "kept");
    await runScripts(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await vi.waitFor(async () => {
      expect(await labels(db)).toEqual(["kept"]);
    });
    await create(db, "after");
    expect(await labels(db)).toEqual(["kept", "after"]);
  });
});

describe.skipIf(postgresUrl == null)("what another server commits", () => {
  test("is heard although its notification was lost", async () => {
    const { url, db } = await openLibrary();
    const before = db.now().transactionId;
    // A record without the word that LISTEN would hear.
    await runScripts(
      url,
      `SET session_replication_role = replica;
       INSERT INTO "Transaction" ("at", "operation") VALUES (now(), 'silent')`,
    );
    const heard = db.nextCommit(AbortSignal.timeout(10_000));
    await heard;
    expect(db.now().transactionId).toBeGreaterThan(before);
  });
});
