import { describe, expect, onTestFinished, test } from "vitest";
import { findPrograms, startPostgres } from "../../../scripts/postgres-server.ts";
import type { Db, Tx } from "../../../src/database/db.ts";
import { postgresEngine } from "../../../src/database/postgres/engine.ts";
import { sql } from "../../../src/database/sql.ts";
import { OutcomeUnknownError, StorageFullError, UnavailableError } from "../../../src/errors.ts";
import { UPDATE } from "../../support/documents.ts";
import { addPicture, getEntity } from "../../support/library.ts";
import { dropDatabase, makeMigratedDatabase, postgresUrl, setNextIds } from "../../support/postgres.ts";
import { startServer } from "../../support/server.ts";
import { openCuttingProxy } from "./cutting-proxy.ts";

const programs = findPrograms();
const opening = { operation: "test", actor: null, reason: null };

async function open(url: string): Promise<Db> {
  const database = await postgresEngine.open(url, { now: Date.now });
  onTestFinished(() => database.db.close());
  await database.migrate();
  return database.db;
}

const create = (db: Db, label: string) =>
  db.transaction(opening, async (tx) => {
    await tx.prisma.entity.create({ data: { label, isCollection: true } });
    return tx.record();
  });

const labelsOf = async ({ reader }: Db) =>
  (await reader.all<{ label: string }>(sql`SELECT "label" FROM "Entity"`)).map(({ label }) => label);

describe.skipIf(postgresUrl == null || programs == null)("a transaction whose COMMIT got no answer", () => {
  // PostgreSQL gives the names of transactions, and the numbers of its sequences, again that a crash has taken from its log.
  test("is not taken for another that got its numbers after a crash", async () => {
    const postgres = await startPostgres(programs!);
    onTestFinished(() => postgres.stop());
    const proxy = await openCuttingProxy(postgres.url);
    const db = await open(proxy.url);
    let [another, lost] = [0, 0];
    proxy.cutBefore("COMMIT", async () => {
      await postgres.crash();
      // Where the log of the numbers was written before the crash, they would be skipped.
      await setNextIds(postgres.url, { Entity: 1, Transaction: lost });
      another = await create(await open(postgres.url), "another");
    });
    const writing = db.transaction(opening, async (tx) => {
      await tx.prisma.entity.create({ data: { label: "lost", isCollection: true } });
      lost = await tx.record();
    });
    await expect(writing).rejects.toThrow(UnavailableError);
    expect(another).toBe(lost);
    expect(await labelsOf(db)).toEqual(["another"]);
  });
});

describe.skipIf(postgresUrl == null)("a statement that failed, when the work goes on,", () => {
  const fail = sql`DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$`;

  // What was seen: uploads in one request take a file's failure for its own, and the full disk became "Unexpected error."
  test.each([
    ["at the COMMIT", () => Promise.resolve()],
    ["at the next statement", (tx: Tx) => tx.reader.all(sql`SELECT 1 AS "one"`)],
  ])("is why the transaction fails %s", async (_when, goOn) => {
    const url = await makeMigratedDatabase();
    onTestFinished(() => dropDatabase(url));
    const db = await open(url);
    const work = db.transaction(opening, async (tx) => {
      await tx.prisma.entity.create({ data: { label: "lost", isCollection: true } });
      await tx.write(fail).catch(() => undefined);
      await goOn(tx);
    });
    await expect(work).rejects.toThrow(StorageFullError);
    expect(await labelsOf(db)).toEqual([]);
  });
});

describe.skipIf(postgresUrl == null)("an outcome that nobody can tell", () => {
  // What was seen: "Unexpected error." of a change that was written.
  test("is said to be unknown, so that people look before they try again", async () => {
    const url = await makeMigratedDatabase();
    onTestFinished(() => dropDatabase(url));
    const proxy = await openCuttingProxy(url);
    const server = await startServer({ engine: "sqlite", env: { DATABASE_URL: proxy.url } });
    const id = await addPicture(server, { label: "before" });
    proxy.cutAfter("COMMIT");
    proxy.refuseAfterwards();
    const { status, errors } = await server.ask(UPDATE, { id, input: { label: "after" } });
    expect([status, errors?.[0]?.extensions.code]).toEqual([500, "OUTCOME_UNKNOWN"]);
    expect(errors?.[0]?.message).toContain("it may be written or not. Look before you try again");
    expect(server.log.join("\n")).toContain("the outcome of a commit is unknown");
    proxy.accept();
    expect((await getEntity(server, id)).label).toBe("after");
  }, 60_000);

  test("of a statement by itself is unknown too", async () => {
    const url = await makeMigratedDatabase();
    onTestFinished(() => dropDatabase(url));
    const proxy = await openCuttingProxy(url);
    const db = await open(proxy.url);
    proxy.cutAfter("COMMIT");
    const remove = (path: string) => db.write(sql`INSERT INTO "FileRemoval" ("filePath") VALUES (${path})`);
    await expect(remove("a")).rejects.toThrow(OutcomeUnknownError);
    proxy.cutBefore("COMMIT");
    await expect(remove("b")).rejects.toThrow(OutcomeUnknownError);
    await remove("c");
    const rows = await db.reader.all<{ filePath: string }>(
      sql`SELECT "filePath" FROM "FileRemoval" ORDER BY "filePath"`,
    );
    expect(rows.map(({ filePath }) => filePath)).toEqual(["a", "c"]);
  });
});
