import { setImmediate } from "node:timers/promises";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { anonymous } from "../../../src/auth/viewer.ts";
import { readConfig } from "../../../src/config/config.ts";
import type { Db } from "../../../src/database/db.ts";
import { postgresEngine } from "../../../src/database/postgres/engine.ts";
import { sql } from "../../../src/database/sql.ts";
import { updateEntity } from "../../../src/library/editing/service.ts";
import { dropDatabase, makeMigratedDatabase, postgresUrl, runScripts } from "../../support/postgres.ts";

const opening = { operation: "test", actor: null, reason: null };
const config = readConfig({});

async function openDb(): Promise<{ readonly db: Db; readonly url: string }> {
  const url = await makeMigratedDatabase();
  onTestFinished(() => dropDatabase(url));
  const { db } = await postgresEngine.open(url, { now: Date.now });
  onTestFinished(() => db.close());
  return { db, url };
}

const create = (db: Db, label: string) =>
  db.transaction(opening, ({ prisma }) => prisma.entity.create({ data: { label, isCollection: true } }));

/** Turns of the event loop after which a transaction that has sent nothing more is waiting for an answer. */
const quietTurns = 100;

/**
 * The round trips of the writing transactions in `work`, each as the statements that go together: answers are held back until
 * the transaction sends nothing more, however slow the machine is.
 */
async function roundTripsOf(work: () => Promise<unknown>): Promise<string[][]> {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its receiver below
  const send = pg.Client.prototype.query as (this: pg.Client, ...given: unknown[]) => Promise<unknown>;
  const trips: string[][] = [];
  /** One at a time, since writers wait for each other. */
  const writers = new Set<pg.Client>();
  let round: { statements: string[]; turns: number; released: Promise<void> } | undefined;

  const waitUntilQuiet = async (mine: { turns: number }) => {
    while (mine.turns++ < quietTurns) await setImmediate();
    round = undefined;
  };
  const spy = vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (
    this: pg.Client,
    ...given: unknown[]
  ): unknown {
    const answer = send.apply(this, given);
    const [query] = given as [string | { text: string }];
    const text = typeof query === "string" ? query : query.text;
    if (text.startsWith("BEGIN ISOLATION LEVEL READ COMMITTED")) writers.add(this);
    if (!writers.has(this)) return answer;
    if (round == null) {
      round = { statements: [], turns: 0, released: Promise.resolve() };
      trips.push(round.statements);
      round.released = waitUntilQuiet(round);
    }
    round.statements.push(text);
    round.turns = 0;
    if (text === "COMMIT" || text === "ROLLBACK") writers.clear();
    return round.released.then(() => answer);
  });
  try {
    await work();
    return trips;
  } finally {
    spy.mockRestore();
  }
}

describe.skipIf(postgresUrl == null)("a writer on PostgreSQL", () => {
  // Seen: ten statements, each waited for while every other writer waited: a network of 1 ms allowed 100 changes a second.
  test("keeps the others waiting for five round trips at most, from its BEGIN to its COMMIT", async () => {
    const { db } = await openDb();
    const { id } = await create(db, "before");
    const rename = (label: string) =>
      updateEntity({ db, config }, anonymous, String(id), { label }, { ifVersion: null });
    // The first call of each kind is also compiled.
    await rename("between");
    const trips = await roundTripsOf(() => rename("after"));
    expect(trips.length, JSON.stringify(trips, null, 1)).toBeLessThanOrEqual(5);
    expect(trips.at(-1)?.at(-1)).toBe("COMMIT");
    const found = await db.reader.all<{ label: string; version: number }>(
      sql`SELECT "label", "version" FROM "EntityVersion" WHERE "entityId" = ${id} ORDER BY "version"`,
    );
    expect(found.map(({ label, version }) => `${version} ${label}`)).toEqual([
      "1 before",
      "2 between",
      "3 after",
    ]);
    for (const check of ["ENTITY_AND_VERSION", "VERSION_GAP", "TOTAL", "TALLY", "SEARCH_INDEX"] as const)
      expect(await postgresEngine.consistency.run(db.reader, check), check).toEqual([]);
  });

  test("that changes nothing takes three, and leaves no transaction and no id behind", async () => {
    const { db } = await openDb();
    const { id } = await create(db, "same");
    const before = db.now().transactionId;
    const trips = await roundTripsOf(() =>
      updateEntity({ db, config }, anonymous, String(id), { label: "same" }, { ifVersion: null }),
    );
    expect(trips).toHaveLength(3);
    await create(db, "next");
    expect(db.now().transactionId).toBe(before + 1);
  });

  // A statement that is sent ahead fails while nobody waits for it.
  test("hears of what failed in a statement it did not wait for, and nothing is written", async () => {
    const { db, url } = await openDb();
    await create(db, "kept");
    await runScripts(
      url,
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted'; END $$`,
    );
    for (const table of ["Transaction", "EntityVersion", "EntityText", "OpenTransaction"]) {
      const event = table === "OpenTransaction" ? "DELETE" : "INSERT";
      const plant = `CREATE TRIGGER "fails" BEFORE ${event} ON "${table}" EXECUTE FUNCTION fail()`;
      await runScripts(url, plant);
      await expect(create(db, "lost"), table).rejects.toThrow("planted");
      // More often than there are connections.
      for (let round = 0; round < 3; round++) await expect(create(db, "lost")).rejects.toThrow("planted");
      await runScripts(url, `DROP TRIGGER "fails" ON "${table}"`);
    }
    await create(db, "kept as well");
    const rows = await db.reader.all<{ label: string }>(sql`SELECT "label" FROM "Entity" ORDER BY "id"`);
    expect(rows.map(({ label }) => label)).toEqual(["kept", "kept as well"]);
  });

  test("whose work went on after a statement that failed is told of that statement, and nothing is written", async () => {
    const { db } = await openDb();
    const work = db.transaction(opening, async (tx) => {
      await tx.write(sql`INSERT INTO "FileRemoval" ("filePath") VALUES ('a')`);
      await tx.write(sql`INSERT INTO "FileRemoval" ("filePath") VALUES ('a')`).catch(() => undefined);
    });
    await expect(work).rejects.toThrow("FileRemoval_pkey");
    expect(await db.reader.all(sql`SELECT * FROM "FileRemoval"`)).toEqual([]);
  });

  test("of thousands of entities makes all of them searchable, and none that it destroyed", async () => {
    const { db } = await openDb();
    await db.transaction(opening, async ({ prisma }) => {
      await prisma.entity.createMany({
        data: Array.from({ length: 2_500 }, (_, index) => ({ label: `box ${index}`, isCollection: true })),
      });
      await prisma.entity.deleteMany({ where: { label: "box 7" } });
    });
    await db.transaction(opening, async ({ prisma }) => {
      const { id } = await prisma.entity.create({ data: { label: "gone at once", isCollection: true } });
      await prisma.entity.delete({ where: { id } });
    });
    expect(
      await db.reader.get(sql`SELECT COUNT(*) AS "texts", COUNT(e."id") AS "entities"
      FROM "EntityText" t FULL JOIN "Entity" e ON e."id" = t."entityId"`),
    ).toEqual({ texts: 2_499, entities: 2_499 });
    expect(await postgresEngine.consistency.run(db.reader, "SEARCH_INDEX")).toEqual([]);
  });
});
