import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { QueryTooComplexError, TooManyQueriesError } from "../../src/errors.ts";
import { nameAsker } from "../../src/database/asker.ts";
import type { QueryLimits } from "../../src/database/engine.ts";
import { openReaderPool, readerPoolDefaults } from "../../src/database/sqlite/reader-pool.ts";
import { loopCpuMs } from "../../src/loop-cpu.ts";
import type { Database } from "../../src/database/sqlite/database.ts";
import { sql, temporaryDatabase } from "./temporary.ts";

/** Goes on forever, until somebody stops it. */
const endless = sql`
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) AS "count" FROM n`;

let database: Database;

beforeEach(() => {
  database = temporaryDatabase(`
    CREATE TABLE "T" ("id" INTEGER PRIMARY KEY, "text" TEXT, "real" REAL, "blob" BLOB);
    INSERT INTO "T" VALUES (1, 'one', 1.5, x'0102'), (2, NULL, NULL, NULL), (3, 'three', -0.25, x'');
  `);
});

function open(limits: Partial<QueryLimits> = {}) {
  const background = openReaderPool(database.path, { ...readerPoolDefaults, ...limits });
  onTestFinished(() => background.close());
  return background;
}

describe("rows", () => {
  test("come as the event loop's reader gives them, in their order", async () => {
    const query = sql`SELECT "id", "text", "real", "blob", ${"x"} AS "given", 7 / 2 AS "whole" FROM "T" ORDER BY "id" DESC`;
    const rows = await open().all(query);
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(database.reader.all(query));
  });

  test("keep the order of a sort that no index gives, however many there are", async () => {
    const query = sql`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      SELECT i, (i * 7919) % 5000 AS "key" FROM n ORDER BY "key" DESC`;
    const rows = await open().all(query);
    expect(rows).toEqual(database.reader.all(query));
  });

  test("are those of the newest commit, also for a statement that ran before", async () => {
    const background = open({ connections: 1 });
    const count = () => background.get<{ count: number }>(sql`SELECT COUNT(*) AS "count" FROM "T"`);
    expect(await count()).toEqual({ count: 3 });
    database.writer.exec(`INSERT INTO "T" ("id") VALUES (4)`);
    expect(await count()).toEqual({ count: 4 });
  });

  test("cannot be written", async () => {
    await expect(open().all(sql`DELETE FROM "T" RETURNING "id"`)).rejects.toThrow();
    expect(database.reader.all(sql`SELECT * FROM "T"`)).toHaveLength(3);
  });

  test("get gives the first, or undefined", async () => {
    const background = open();
    expect(await background.get(sql`SELECT "id" FROM "T" ORDER BY "id"`)).toEqual({ id: 1 });
    expect(await background.get(sql`SELECT "id" FROM "T" WHERE "id" = 9`)).toBeUndefined();
  });
});

test("the event loop goes on while a query runs", async () => {
  const background = open({ timeoutMs: 600_000 });
  const leaving = new AbortController();
  const answer = background.all(endless, leaving.signal);
  let turns = 0;
  // Each turn would wait forever if the query were run here.
  for (; turns < 100; turns++) await pause(1);
  leaving.abort();
  await expect(answer).rejects.toThrow(QueryTooComplexError);
  expect(turns).toBe(100);
});

describe("a query is stopped", () => {
  test("when its time is over, and says so", async () => {
    const background = open({ connections: 1, timeoutMs: 100 });
    await expect(background.all(endless)).rejects.toThrow(/took longer than 0\.1 s \(QUERY_TIMEOUT_MS\)/);
    // The connection is as good as before.
    expect(await background.all(sql`SELECT 1 AS "one"`)).toEqual([{ one: 1 }]);
  });

  test("when its client is gone; those behind it get their turn", async () => {
    const background = open({ connections: 1, timeoutMs: 600_000 });
    const leaving = new AbortController();
    const first = background.all(endless, leaving.signal);
    const second = background.all(sql`SELECT 2 AS "two"`);
    leaving.abort();
    await expect(first).rejects.toThrow(/nobody waits/);
    expect(await second).toEqual([{ two: 2 }]);
  });

  test("before it begins, when it still waits", async () => {
    const background = open({ connections: 1, timeoutMs: 600_000 });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = background.all(endless, running.signal);
    const second = background.all(sql`SELECT 2 AS "two"`, waiting.signal);
    waiting.abort();
    await expect(second).rejects.toThrow(/nobody waits/);
    running.abort();
    await expect(first).rejects.toThrow(/nobody waits/);
    await expect(background.all(sql`SELECT 1`, AbortSignal.abort())).rejects.toThrow(/nobody waits/);
  });

  test("when everything is closed", async () => {
    const background = open({ connections: 1, timeoutMs: 600_000 });
    const both = Promise.allSettled([background.all(endless), background.all(sql`SELECT 1`)]);
    await background.close();
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});

describe("the processor's time of a query", () => {
  function accountEnding(cpuMsMax: number) {
    const ending = new AbortController();
    const taken = { ms: 0 };
    const account = {
      spend: (cpuMs: number) => {
        taken.ms += cpuMs;
        if (taken.ms > cpuMsMax) ending.abort();
      },
      goOn: () => undefined,
    };
    nameAsker(ending.signal, { viewer: "somebody", request: taken, account });
    return { taken, signal: ending.signal };
  }
  const cpuMs = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;

  test("is told while it runs, so that it can be ended", async () => {
    const background = open({ timeoutMs: 600_000 });
    const { taken, signal } = accountEnding(100);
    const before = cpuMs();
    await expect(background.all(endless, signal)).rejects.toThrow(QueryTooComplexError);
    expect(taken.ms).toBeGreaterThan(100);
    expect(taken.ms).toBeLessThanOrEqual(cpuMs() - before + 1);
  });

  test("is shared out among those that run at once", async () => {
    const background = open({ timeoutMs: 600_000 });
    const [one, other] = [accountEnding(100), accountEnding(100)];
    const before = cpuMs();
    const both = await Promise.allSettled([one, other].map(({ signal }) => background.all(endless, signal)));
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(one.taken.ms + other.taken.ms).toBeLessThanOrEqual(cpuMs() - before + 1);
  });

  test("is told of many short queries, each over before anybody looks", async () => {
    const background = open({ timeoutMs: 600_000 });
    const { taken, signal } = accountEnding(20);
    const short = sql`WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 1000) SELECT n FROM up`;
    const before = cpuMs();
    const all = async () => {
      for (;;) await background.all(short, signal);
    };
    await expect(all()).rejects.toThrow(QueryTooComplexError);
    expect(taken.ms).toBeLessThanOrEqual(cpuMs() - before + 1);
  });

  test.runIf(process.platform === "linux")("has nothing of what the event loop computes", async () => {
    const background = open({ timeoutMs: 600_000 });
    const { taken, signal } = accountEnding(1e9);
    const answer = background.all(sql`SELECT 1 AS "one"`, signal);
    for (const from = loopCpuMs(); loopCpuMs() - from < 400;);
    expect(await answer).toEqual([{ one: 1 }]);
    expect(taken.ms).toBeLessThan(200);
  });
});

test("as many run at once as there are connections, and too many waiting are refused", async () => {
  const background = open({ connections: 2, waitingMax: 1, timeoutMs: 600_000 });
  const leaving = new AbortController();
  const running = [1, 2, 3].map(() => background.all(endless, leaving.signal));
  await expect(background.all(sql`SELECT 1`)).rejects.toThrow(TooManyQueriesError);
  leaving.abort();
  expect((await Promise.allSettled(running)).map(({ status }) => status)).toEqual(
    Array<string>(3).fill("rejected"),
  );
  expect(await background.all(sql`SELECT 1 AS "one"`)).toEqual([{ one: 1 }]);
});
