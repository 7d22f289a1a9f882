import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openPruningSchedule } from "../../../src/history/pruning/schedule.ts";
import { pruneHistory } from "../../../src/history/pruning/service.ts";
import { UPDATE } from "../../support/documents.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { startServer } from "../../support/server.ts";
import { keptOf, limited, plantHistory, prune, rename, standingClock } from "./pruning.ts";

const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 100_000, interval: 20 });

describe("a server with a limit", () => {
  test("prunes when it starts, and says so", async () => {
    const first = await startServer();
    const id = await addPicture(first);
    await rename(first, id, 3);
    const second = await first.restart({ HISTORY_VERSIONS_MAX: "2" });
    await eventually(async () => {
      expect(await keptOf(second, id)).toEqual([4, 3]);
    });
    await eventually(async () => {
      expect(second.log.join("")).toContain(
        '"versions":2,"originals":0,"bytes":0,"msg":"old versions were pruned"',
      );
      return Promise.resolve();
    });
  });

  test("counts days by its clock", async () => {
    const clock = standingClock();
    const first = await startServer({ clock });
    const id = await addCollection(first, "timed");
    await rename(first, id, 1);
    clock.passDays(8);
    await rename(first, id, 1, "new");
    const second = await first.restart({ HISTORY_DAYS_MAX: "7" });
    await eventually(async () => {
      expect(await keptOf(second, id)).toEqual([3, 2]);
    });
  });

  test("prunes again and again while it runs", async () => {
    const server = await startServer();
    const id = await addCollection(server, "again");
    const schedule = openPruningSchedule(limited(server, { historyVersionsMax: 1 }), 10);
    onTestFinished(() => schedule.close());
    for (const version of [2, 3, 4]) {
      await rename(server, id, 1, `round ${version}`);
      await eventually(async () => {
        expect(await keptOf(server, id)).toEqual([version]);
      });
    }
  });

  test("tries again after a failure, which is logged", async () => {
    const server = await startServer();
    const id = await addCollection(server, "failing");
    await rename(server, id, 1);
    const { db } = server.app.deps;
    let failures = 0;
    const failing = {
      ...db,
      transaction: <T>(...args: Parameters<typeof db.transaction<T>>): Promise<T> =>
        failures++ < 2 ? Promise.reject(new Error("no room")) : db.transaction(...args),
    };
    const schedule = openPruningSchedule({ ...limited(server, { historyVersionsMax: 1 }), db: failing }, 10);
    onTestFinished(() => schedule.close());
    await eventually(async () => {
      expect(await keptOf(server, id)).toEqual([2]);
    });
    expect(server.log.filter((line) => line.includes("pruning was given up for now"))).toHaveLength(2);
  });
});

test("a server without limits keeps everything", async () => {
  const first = await startServer();
  const id = await addCollection(first, "kept");
  await rename(first, id, 3);
  const second = await first.restart();
  // What it does at the start would have been asked for by the time it answers.
  expect(await keptOf(second, id)).toEqual([4, 3, 2, 1]);
  expect(second.log.join("")).not.toContain("pruned");
});

describe("ten thousand old versions", () => {
  test("go in small transactions while others write and read", async () => {
    const server = await startServer();
    const begunAt = performance.now();
    const ids = await plantHistory(server, 10_000);
    const plantedMs = performance.now() - begunAt;
    const id = await addCollection(server, "busy");
    const { prisma } = server.app.deps.db;
    const before = await prisma.transaction.count();
    const startedAt = performance.now();
    const progress = { isDone: false };
    const pruning = prune(server, { historyVersionsMax: 1 }).finally(() => (progress.isDone = true));
    const waits: number[] = [];
    while (!progress.isDone) {
      const askedAt = performance.now();
      await server.run(UPDATE, { id, input: { label: `edit ${waits.length}` } });
      waits.push(performance.now() - askedAt);
    }
    const { versions } = await pruning;
    const tookMs = performance.now() - startedAt;
    // The edits' own old versions may go as well.
    expect(versions).toBeGreaterThanOrEqual(10_000);
    expect(versions).toBeLessThanOrEqual(10_000 + waits.length);
    const transactions = (await prisma.transaction.count()) - before - waits.length;
    expect(transactions).toBeGreaterThanOrEqual(20);
    expect(transactions).toBeLessThanOrEqual(22);
    for (const one of [ids[0]!, ids.at(-1)!]) expect(await keptOf(server, one)).toEqual([101]);
    const slowestMs = Math.max(...waits);
    console.log(
      `10,000 versions planted in ${Math.round(plantedMs)} ms, pruned in ${Math.round(tookMs)} ms beside ${waits.length} edits, the slowest ${Math.round(slowestMs)} ms`,
    );
    expect(tookMs).toBeLessThan(5 * plantedMs);
    // Somebody got through between the transactions, and nobody waited for all of them.
    expect(waits.length).toBeGreaterThan(3);
    expect(slowestMs).toBeLessThan(tookMs / 2);
  });

  test("are left half done at once when the server stops, and the rest goes the next time", async () => {
    const server = await startServer();
    // 99 versions of each go, so that the batches end in the middle of a history.
    const ids = await plantHistory(server, 10_000);
    const { db } = server.app.deps;
    const schedule = openPruningSchedule(limited(server, { historyVersionsMax: 2 }));
    await db.nextCommit(AbortSignal.timeout(20_000));
    await schedule.close();
    const left = await db.prisma.entityVersion.count();
    expect(left).toBeGreaterThan(5_000);
    expect(left).toBeLessThanOrEqual(10_100 - 500);
    // Wherever it stopped, what is left of each history has no gap.
    const gaps = await db.reader.all({
      sql: `SELECT "entityId" FROM "EntityVersion" GROUP BY "entityId" HAVING MAX("version") - MIN("version") + 1 <> COUNT(*)`,
      values: [],
    });
    expect(gaps).toEqual([]);
    const signal = new AbortController().signal;
    await pruneHistory(limited(server, { historyVersionsMax: 2 }), { signal, restFactor: 0 });
    expect(await db.prisma.entityVersion.count()).toBe(2 * ids.length);
  });
});
