import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HARD_DELETE, RESTORE, SOFT_DELETE, UPDATE } from "../../support/documents.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";
import { LAST_TRANSACTION, NOW, THEN, THEN_ENTITY, THEN_ITEMS } from "./documents.ts";

const start = Date.UTC(2024, 0, 1);
const minute = 60_000;
const iso = (time: number) => new Date(time).toISOString();

let now = start;
let server: TestServer;
let trip: string;
let cat: string;
/** The last transaction after each step of the history, a minute apart. */
const points: { readonly transactionId: string; readonly at: string; readonly labels: string[] }[] = [];

async function step(work: () => Promise<unknown>): Promise<void> {
  now += minute;
  await work();
  const { transactions } = await server.run(LAST_TRANSACTION);
  const { entities } = await server.run(NOW);
  const { id, at } = transactions.items[0]!;
  points.push({ transactionId: id, at, labels: entities.items.map(({ label }) => label ?? "") });
}

beforeAll(async () => {
  server = await startSharedServer({ clock: { now: () => now } });
  await step(async () => (trip = await addCollection(server, "Trip")));
  await step(async () => (cat = await addPicture(server, { label: "Čat in Straße" })));
  await step(() => server.run(UPDATE, { id: cat, input: { label: "Dog", parentId: trip } }));
  await step(() => server.run(SOFT_DELETE, { id: trip }));
  await step(() => server.run(RESTORE, { id: trip }));
  await step(() => server.run(UPDATE, { id: cat, input: { parentId: null, description: "barks" } }));
});
afterAll(() => server.stop());

type Where = { time: string } | { transactionId: string };
const labelsAt = async (at: Where, variables = {}) =>
  (await server.run(THEN, { at, ...variables })).snapshot.entities.items.map(({ label }) => label);

describe("a point of history", () => {
  test("by transaction is the library just after it, without later changes", async () => {
    expect(points.map(({ labels }) => labels)).toEqual([
      ["Trip"],
      ["Čat in Straße", "Trip"],
      ["Dog", "Trip"],
      [],
      ["Dog", "Trip"],
      ["Dog", "Trip"],
    ]);
    for (const { transactionId, at, labels } of points) {
      const { snapshot } = await server.run(THEN, { at: { transactionId } });
      expect(snapshot).toMatchObject({ transactionId, at });
      expect(snapshot.entities.items.map(({ label }) => label)).toEqual(labels);
      expect(snapshot.entities.pagination.totalItems).toBe(labels.length);
    }
  });

  test("by time is the last transaction at or before it, and says which time was asked for", async () => {
    for (const [index, { transactionId, at, labels }] of points.entries()) {
      for (const time of [Date.parse(at), Date.parse(at) + 1, Date.parse(at) + minute - 1].map(iso)) {
        const { snapshot } = await server.run(THEN, { at: { time } });
        expect(snapshot).toMatchObject({ at: time, transactionId });
        expect(snapshot.entities.items.map(({ label }) => label)).toEqual(labels);
      }
      const before = await server.run(THEN, { at: { time: iso(Date.parse(at) - 1) } });
      expect(before.snapshot.transactionId).toBe(points[index - 1]?.transactionId ?? null);
    }
  });

  test("before the first transaction is an empty library", async () => {
    const time = iso(start);
    const { snapshot } = await server.run(THEN, { at: { time }, trash: "ANY", search: "dog" });
    expect(snapshot).toEqual({
      at: time,
      transactionId: null,
      entities: { items: [], pagination: { totalItems: 0, hasNext: false } },
    });
    expect((await server.run(THEN_ENTITY, { at: { time }, id: cat })).snapshot.entity).toBeNull();
  });

  test("in the future is the library as it is", async () => {
    const { snapshot } = await server.run(THEN, { at: { time: "2999-01-01T00:00:00Z" } });
    expect(snapshot).toMatchObject({
      at: "2999-01-01T00:00:00.000Z",
      transactionId: points.at(-1)?.transactionId,
    });
    expect(snapshot.entities).toEqual((await server.run(NOW)).entities);
  });

  // Seen: NOT_FOUND, while `entityChanged(afterTransactionId: "0")` begins there, and an answer read before the first
  // transaction tells "0" in `extensions.transactionId`.
  test("after transaction 0 is an empty library", async () => {
    const { snapshot } = await server.run(THEN, { at: { transactionId: "0" }, trash: "ANY", search: "dog" });
    expect(snapshot).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      transactionId: null,
      entities: { items: [], pagination: { totalItems: 0, hasNext: false } },
    });
    const then = await server.run(THEN_ENTITY, { at: { transactionId: "0" }, id: cat });
    expect(then.snapshot.entity).toBeNull();
  });

  test.each(["00", "-0", "99999", "nonsense", "9".repeat(30)])(
    "is not after transaction %s",
    async (transactionId) => {
      expect((await server.fail(THEN, { at: { transactionId } })).extensions.code).toBe("NOT_FOUND");
    },
  );

  test("is asked for by exactly one of time and transaction", async () => {
    const [{ transactionId, at: time }] = points as [(typeof points)[0]];
    for (const at of [
      {},
      { time, transactionId },
      { time: null },
      { transactionId: null },
      { time, transactionId: null },
    ]) {
      // The types admit none of these either.
      const { extensions } = await server.fail(THEN, { at: at as unknown as Where });
      expect(extensions.code).toBe("BAD_USER_INPUT");
    }
  });
});

describe("an entity then", () => {
  test("is its version of then, in the trash too", async () => {
    const ids: (string | undefined)[] = [];
    for (const { transactionId } of points) {
      const { snapshot } = await server.run(THEN_ENTITY, { at: { transactionId }, id: cat });
      ids.push(snapshot.entity?.id);
    }
    expect(ids).toEqual([undefined, `${cat}@1`, `${cat}@2`, `${cat}@3`, `${cat}@4`, `${cat}@5`]);
  });

  test("has its own transaction, not that of the snapshot", async () => {
    const { transactionId } = points[4]!;
    const { snapshot } = await server.run(THEN_ENTITY, { at: { transactionId }, id: trip });
    expect(snapshot.entity).toMatchObject({ operation: "RESTORE", transaction: { id: transactionId } });
    const earlier = await server.run(THEN_ENTITY, {
      at: { transactionId: points[2]!.transactionId },
      id: trip,
    });
    expect(earlier.snapshot.entity?.transaction.id).toBe(points[0]!.transactionId);
  });

  test.each(["0", "99999", "nonsense"])("with id %s was never there", async (id) => {
    const at = { transactionId: points.at(-1)!.transactionId };
    expect((await server.run(THEN_ENTITY, { at, id })).snapshot.entity).toBeNull();
  });
});

describe("questions then", () => {
  const at = (index: number) => ({ transactionId: points[index]!.transactionId });

  test("see the tree as it was", async () => {
    expect(await labelsAt(at(2), { filter: { under: trip } })).toEqual(["Dog"]);
    expect(await labelsAt(at(1), { filter: { under: trip } })).toEqual([]);
    expect(await labelsAt(at(5), { filter: { under: trip } })).toEqual([]);
    expect(await labelsAt(at(4), { filter: { parentId: { equals: trip } } })).toEqual(["Dog"]);
  });

  test("see the trash as it was", async () => {
    expect(await labelsAt(at(3), { trash: "TRASHED" })).toEqual(["Dog", "Trip"]);
    expect(await labelsAt(at(3), { trash: "ANY" })).toEqual(["Dog", "Trip"]);
    expect(await labelsAt(at(4), { trash: "TRASHED" })).toEqual([]);
  });

  test.each<[number, string, string[]]>([
    [1, "cat", ["Čat in Straße"]],
    [1, "CA*", ["Čat in Straße"]],
    [1, '"in straße"', ["Čat in Straße"]],
    [1, '"straße in"', []],
    [1, "label:čat description:čat", []],
    [1, "-dog", ["Čat in Straße", "Trip"]],
    [1, "-cat", ["Trip"]],
    [1, "dog", []],
    [1, "barks", []],
    [2, "cat", []],
    [2, "dog", ["Dog"]],
    [2, "barks", []],
    [5, "dog barks", ["Dog"]],
    [1, "!!!", []],
  ])("after step %i find %j in the texts of then", async (index, search, expected) => {
    expect(await labelsAt(at(index), { search })).toEqual(expected);
  });

  test.each<[string, object]>([
    ["a limit out of range", { limit: 101 }],
    ["two keys in a step of the order", { orderBy: [{ id: "ASC", label: "ASC" }] }],
    [
      "degrees out of range",
      { filter: { location: { near: { latitude: 91, longitude: 0, radiusMetres: 1 } } } },
    ],
  ])("refuse %s as live ones do", async (_case, variables) => {
    for (const where of [at(5), { time: iso(start) }])
      expect((await server.fail(THEN, { at: where, ...variables })).extensions.code).toBe("BAD_USER_INPUT");
  });

  test("may nest as deep as live ones", async () => {
    let filter: object = { OR: [{ under: trip }, { label: { equals: "Dog" } }] };
    for (let level = 0; level < 24; level++)
      filter = { AND: [{ OR: [filter, { under: cat }] }, { id: { not: "0" } }] };
    expect(await labelsAt(at(5), { filter, search: "dog -cat" })).toEqual(["Dog"]);
  });

  test("count once, and only when selected", async () => {
    // A question that no other test asks: an answer or a total that is kept counts nothing.
    const filter = { id: { not: "77" } };
    const counting = await statementsOf(() => server.run(THEN, { at: at(5), filter }));
    expect(counting.filter((text) => text.includes("COUNT("))).toHaveLength(1);
    const lazy = await statementsOf(() => server.run(THEN_ITEMS, { at: at(5) }));
    expect(lazy.some((text) => text.includes('"EntityVersion" v'))).toBe(true);
    expect(lazy.filter((text) => text.includes("COUNT("))).toHaveLength(0);
  });
});

test("several transactions in one millisecond: the time is that of the last one", async () => {
  const own = await startServer({ clock: { now: () => start } });
  const id = await addCollection(own, "one");
  const between = (await own.run(LAST_TRANSACTION)).transactions.items[0]!;
  await own.run(UPDATE, { id, input: { label: "two" } });
  const byTime = await own.run(THEN, { at: { time: iso(start) } });
  expect(byTime.snapshot.entities.items[0]?.label).toBe("two");
  const byTransaction = await own.run(THEN, { at: { transactionId: between.id } });
  expect(byTransaction.snapshot.entities.items[0]?.label).toBe("one");
});

test("a clock that was set back writes no history before what was already written", async () => {
  let time = start;
  const own = await startServer({ clock: { now: () => time } });
  const id = await addCollection(own, "before");
  time -= 10 * minute;
  await own.run(UPDATE, { id, input: { label: "after" } });
  const at = async (instant: number) =>
    (await own.run(THEN, { at: { time: iso(instant) } })).snapshot.entities.items.map(({ label }) => label);
  expect(await at(start - 1)).toEqual([]);
  expect(await at(start)).toEqual(["after"]);
});

test("what lay below a collection is found there by the way of then, not of before or after", async () => {
  const own = await startServer({ clock: { now: () => (now += minute) } });
  const outer = await addCollection(own, "outer");
  const inner = await addCollection(own, "inner", outer);
  await addCollection(own, "leaf", inner);
  const below: string[][] = [];
  const moves = [null, outer, null];
  for (const parentId of [outer, ...moves]) {
    await own.run(UPDATE, { id: inner, input: { parentId, description: String(parentId) } });
    const { id: transactionId } = (await own.run(LAST_TRANSACTION)).transactions.items[0]!;
    below.push([transactionId]);
  }
  for (const point of below) {
    const { snapshot } = await own.run(THEN, {
      at: { transactionId: point[0]! },
      filter: { under: outer },
      orderBy: [{ id: "ASC" }],
    });
    point.push(...snapshot.entities.items.map(({ label }) => label ?? ""));
  }
  expect(below.map(([, ...labels]) => labels)).toEqual([["inner", "leaf"], [], ["inner", "leaf"], []]);
});

test("what was destroyed is in no snapshot, and what lay in it stays where it was", async () => {
  const own = await startServer({ clock: { now: () => (now += minute) } });
  const outer = await addCollection(own, "outer");
  const inner = await addCollection(own, "inner", outer);
  const leaf = await addCollection(own, "leaf", inner);
  const { id: transactionId } = (await own.run(LAST_TRANSACTION)).transactions.items[0]!;
  await own.run(UPDATE, { id: leaf, input: { parentId: null } });
  await own.run(SOFT_DELETE, { id: inner });
  await own.run(HARD_DELETE, { id: inner });
  const ask = async (filter: object) =>
    (await own.run(THEN, { at: { transactionId }, filter, trash: "ANY" })).snapshot.entities.items.map(
      ({ label }) => label,
    );
  expect(await ask({})).toEqual(["leaf", "outer"]);
  expect(await ask({ under: inner })).toEqual(["leaf"]);
  // The way up is broken where it was destroyed.
  expect(await ask({ under: outer })).toEqual([]);
});
