import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Db } from "../../../src/database/db.ts";
import { postgresEngine } from "../../../src/database/postgres/engine.ts";
import { sql } from "../../../src/database/sql.ts";
import { dropDatabase, makeMigratedDatabase, postgresUrl, runScripts } from "../../support/postgres.ts";

const opening = { operation: "test", actor: null, reason: null };

async function openServers(
  count: number,
): Promise<{ readonly url: string; readonly servers: readonly Db[] }> {
  const url = await makeMigratedDatabase();
  onTestFinished(() => dropDatabase(url));
  const servers: Db[] = [];
  for (let index = 0; index < count; index++) {
    const { db } = await postgresEngine.open(url, { now: Date.now });
    onTestFinished(() => db.close());
    servers.push(db);
  }
  return { url, servers };
}

describe.skipIf(postgresUrl == null)("several servers of one database", () => {
  // An id that is taken before the writers' lock is seen after a greater one: a reader who is past that never sees it.
  test("commit in the order of their transactions' ids, so that a reader of the feed misses none", async () => {
    const { servers } = await openServers(3);
    const [reader, ...writers] = servers as [Db, ...Db[]];
    const seen: number[] = [];
    let isOver = false;
    const follow = async () => {
      for (;;) {
        const wasOver = isOver;
        const rows = await reader.reader.all<{ id: number }>(
          sql`SELECT "id" FROM "Transaction" WHERE "id" > ${seen.at(-1) ?? 0} ORDER BY "id"`,
        );
        seen.push(...rows.map(({ id }) => id));
        if (wasOver) return;
        await setImmediate();
      }
    };
    const write = (db: Db) =>
      Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          db.transaction(opening, ({ prisma }) =>
            prisma.entity.create({ data: { label: String(index), isCollection: true } }),
          ),
        ),
      );
    const following = follow();
    await Promise.all(writers.map(write));
    isOver = true;
    await following;
    const all = await reader.reader.all<{ id: number }>(sql`SELECT "id" FROM "Transaction" ORDER BY "id"`);
    expect(seen).toEqual(all.map(({ id }) => id));
    expect(seen).toHaveLength(80);
  });

  // A balancer may send a client's next request to a server that has not heard of the client's last write yet.
  test("have what was committed on another, as soon as they are asked to catch up", async () => {
    const { servers } = await openServers(2);
    const [writer, reader] = servers as [Db, Db];
    for (let round = 0; round < 50; round++) {
      const id = await writer.transaction(opening, (tx) => tx.record());
      await reader.catchUp(id);
      expect(reader.now().transactionId).toBeGreaterThanOrEqual(id);
    }
    await reader.catchUp(1_000_000);
    expect(reader.now().transactionId).toBe(writer.now().transactionId);
  });

  test("count together: totals are those of everybody's rows", async () => {
    const { servers } = await openServers(2);
    await Promise.all(
      servers.flatMap((db) =>
        Array.from({ length: 10 }, () =>
          db.transaction(opening, ({ prisma }) => prisma.entity.create({ data: { isCollection: true } })),
        ),
      ),
    );
    for (const check of ["TOTAL", "TALLY", "ENTITY_AND_VERSION", "VERSION_GAP"] as const)
      expect(await postgresEngine.consistency.run(servers[0]!.reader, check), check).toEqual([]);
  });
});

describe.skipIf(postgresUrl == null)("a server's sessions", () => {
  const settingOf = async (db: Db, name: string) =>
    (await db.reader.get<{ value: string }>(sql`SELECT current_setting(${name}) AS "value"`))?.value;

  // A generic plan for a rare word walks the whole library: 446 ms instead of 2.6.
  test("plan each statement for its values", async () => {
    const { servers } = await openServers(1);
    expect(await settingOf(servers[0]!, "plan_cache_mode")).toBe("force_custom_plan");
  });

  test("wait for the disk at a commit, although the database's default is not to", async () => {
    const { url } = await openServers(0);
    await runScripts(
      url,
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$`,
    );
    const { db } = await postgresEngine.open(url, { now: Date.now });
    onTestFinished(() => db.close());
    const value = await db.transaction(opening, (tx) =>
      tx.reader.get<{ value: string }>(sql`SELECT current_setting('synchronous_commit') AS "value"`),
    );
    expect(value?.value).toBe("on");
  });
});
