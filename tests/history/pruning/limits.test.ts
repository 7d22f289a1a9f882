import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeLimits } from "../../../src/history/pruning/rules.ts";
import { surveyHistory } from "../../../src/history/pruning/service.ts";
import { graphql } from "../../generated/index.ts";
import { RESTORE, SOFT_DELETE, UPDATE, UPDATE_MANY } from "../../support/documents.ts";
import { countTransactions, stateOf } from "../../support/going-back.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { readSeed } from "../../support/seed.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { keptOf, limited, prune, rename, standingClock } from "./pruning.ts";

const clock = standingClock();
let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ clock });
});
afterAll(() => server.stop());

const NEWEST = graphql(`
  query Newest {
    transactions(limit: 3) {
      items {
        operation
        actor
        reason
        entityCount
        changes {
          pagination {
            totalItems
          }
        }
      }
    }
  }
`);

describe("the newest versions", () => {
  test("stay, as many as the limit says, the current one counted; numbers go on counting", async () => {
    const id = await addPicture(server);
    const short = await addPicture(server);
    await rename(server, id, 4);
    const before = await stateOf(server, id);
    expect(await prune(server, { historyVersionsMax: 2 })).toMatchObject({ versions: 3 });
    expect(await keptOf(server, id)).toEqual([5, 4]);
    expect(await keptOf(server, short)).toEqual([1]);
    expect(await stateOf(server, id)).toEqual(before);
    await rename(server, id, 1, "later");
    expect(await keptOf(server, id)).toEqual([6, 5, 4]);
  });

  test("include the current one even for a limit of one", async () => {
    const id = await addPicture(server);
    await rename(server, id, 3);
    await prune(server, { historyVersionsMax: 1 });
    expect(await keptOf(server, id)).toEqual([4]);
    await prune(server, { historyVersionsMax: 1 });
    expect(await keptOf(server, id)).toEqual([4]);
  });
});

describe("by time", () => {
  test("a version goes when it was replaced too long ago, not when it was written so", async () => {
    const id = await addPicture(server, { label: "first" });
    clock.passDays(50);
    await rename(server, id, 1, "second");
    clock.passDays(10);
    await rename(server, id, 1, "third");
    clock.passDays(5);
    // Version 1 ended 15 days ago, version 2, which is old itself, 5 days ago.
    await prune(server, { historyDaysMax: 15 });
    expect(await keptOf(server, id)).toEqual([3, 2, 1]);
    clock.passDays(0.001);
    await prune(server, { historyDaysMax: 15 });
    expect(await keptOf(server, id)).toEqual([3, 2]);
    await prune(server, { historyDaysMax: 5 });
    expect(await keptOf(server, id)).toEqual([3]);
  });

  test("the current version stays however old it is", async () => {
    const id = await addCollection(server, "old");
    clock.passDays(10_000);
    await prune(server, { historyDaysMax: 1 });
    expect(await keptOf(server, id)).toEqual([1]);
  });

  test("a clock that stands before everything takes nothing", async () => {
    const id = await addPicture(server);
    await rename(server, id, 2);
    clock.passDays(-30_000);
    await prune(server, { historyDaysMax: 1 });
    clock.passDays(30_000);
    expect(await keptOf(server, id)).toEqual([3, 2, 1]);
  });
});

test("of both limits either takes what it lets go", async () => {
  const [busy, quiet] = [await addPicture(server), await addPicture(server)];
  await rename(server, quiet, 1);
  clock.passDays(10);
  await rename(server, busy, 5);
  await prune(server, { historyVersionsMax: 3, historyDaysMax: 7 });
  expect(await keptOf(server, busy)).toEqual([6, 5, 4]);
  expect(await keptOf(server, quiet)).toEqual([1 + 1]);
});

test("a trashed entity is pruned like any other, and is restored with everything below", async () => {
  const collection = await addCollection(server, "trashed");
  const id = await addPicture(server, { parentId: collection });
  await rename(server, id, 2);
  await server.run(SOFT_DELETE, { id: collection });
  await prune(server, { historyVersionsMax: 1 });
  expect(await keptOf(server, id)).toEqual([4]);
  await server.run(RESTORE, { id: collection });
  expect(await stateOf(server, id)).toMatchObject({
    isDeleted: false,
    label: "label 2",
    parentId: collection,
  });
});

describe("what was pruned", () => {
  test("stands in a transaction that changed no entity and says by which limits", async () => {
    const id = await addPicture(server);
    await rename(server, id, 1);
    await prune(server, { historyVersionsMax: 1, historyDaysMax: 30 });
    const { transactions } = await server.run(NEWEST);
    expect(transactions.items[0]).toEqual({
      ...{ operation: "prune", actor: null, entityCount: 0 },
      reason: "versions beyond the newest 1 of an entity or replaced more than 30 days ago",
      changes: { pagination: { totalItems: 0 } },
    });
    expect(describeLimits({ historyVersionsMax: 0, historyDaysMax: 1 })).toBe(
      "versions replaced more than 1 day ago",
    );
  });

  test("leaves no trace when there was nothing to prune", async () => {
    await prune(server, { historyVersionsMax: 1 });
    const before = await countTransactions(server);
    await prune(server, { historyVersionsMax: 1 });
    await prune(server, { historyDaysMax: 1 });
    expect(await countTransactions(server)).toBe(before);
  });
});

test("without limits everything stays", async () => {
  const id = await addPicture(server);
  await rename(server, id, 3);
  clock.passDays(100_000);
  expect(await prune(server, {})).toEqual({ versions: 0, originals: 0, bytes: 0 });
  expect(await surveyHistory(limited(server, {}))).toEqual({ versions: 0, originals: 0, bytes: 0 });
  expect(await keptOf(server, id)).toEqual([4, 3, 2, 1]);
});

const seed = readSeed();

/** mulberry32: the same numbers for the same seed. */
function randomOf(start: number) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`random histories lose exactly what a plain model says (seed ${seed})`, async () => {
  const random = randomOf(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  await prune(server, { historyVersionsMax: 1 });
  /** Of each entity, for every version that is kept: its number, and when it ended. */
  const model = new Map<string, { version: number; endedAt: number | null }[]>();
  for (let count = 0; count < 6; count++)
    model.set(await addCollection(server, `model ${count}`), [{ version: 1, endedAt: null }]);
  for (let round = 0; round < 8; round++) {
    for (let change = 0; change < 6; change++) {
      clock.passDays(random() * 3);
      const ids = [...model.keys()].filter(() => random() < 0.4);
      if (ids.length === 0) continue;
      await server.run(UPDATE_MANY, { ids, input: { label: `${round}.${change}` } });
      for (const id of ids) {
        const versions = model.get(id)!;
        versions.at(-1)!.endedAt = clock.now();
        versions.push({ version: versions.at(-1)!.version + 1, endedAt: null });
      }
    }
    const limits = { historyVersionsMax: upTo(6), historyDaysMax: upTo(20) };
    const since = clock.now() - limits.historyDaysMax * 86_400_000;
    let gone = 0;
    for (const [id, versions] of model) {
      const newest = limits.historyVersionsMax === 0 ? versions : versions.slice(-limits.historyVersionsMax);
      const kept = newest.filter(
        ({ endedAt }) => endedAt == null || limits.historyDaysMax === 0 || endedAt >= since,
      );
      gone += versions.length - kept.length;
      model.set(id, kept);
    }
    expect((await surveyHistory(limited(server, limits))).versions, JSON.stringify(limits)).toBe(gone);
    expect((await prune(server, limits)).versions, JSON.stringify(limits)).toBe(gone);
    for (const [id, versions] of model)
      expect(await keptOf(server, id)).toEqual(versions.map(({ version }) => version).reverse());
  }
});

test("an edit with ifVersion goes by the number that it always had", async () => {
  const id = await addPicture(server);
  await rename(server, id, 2);
  await prune(server, { historyVersionsMax: 1 });
  const { updateEntity } = await server.run(UPDATE, { id, input: { label: "next" }, ifVersion: 3 });
  expect(updateEntity.entity.version).toBe(4);
});
