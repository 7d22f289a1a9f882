import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EntityVersion } from "../../../src/database/generated/client.ts";
import { followChanges, type FeedQuery } from "../../../src/history/feed/service.ts";
import { HARD_DELETE, SOFT_DELETE, UPDATE, UPDATE_MANY } from "../../support/documents.ts";
import type { UpdateEntityInput } from "../../generated/graphql.ts";
import { addCollection } from "../../support/library.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const follow = (query: FeedQuery, on = server) => followChanges(on.app.deps, query);

const wordsOf = ({ entityId, version, operation, label }: EntityVersion) =>
  `${entityId}@${version} ${operation} ${label ?? "-"}`;

async function take(feed: AsyncIterator<EntityVersion, undefined>, count: number): Promise<string[]> {
  const events: string[] = [];
  while (events.length < count) {
    const { value, done } = await feed.next();
    if (done) break;
    events.push(wordsOf(value));
  }
  return events;
}

const lastTransaction = async ({ app }: TestServer) => {
  const { id } = await app.deps.db.prisma.transaction.findFirstOrThrow({ orderBy: { id: "desc" } });
  return String(id);
};

/** Whether the next event has come already; it stays the next one. */
async function isSilent(next: Promise<unknown>): Promise<boolean> {
  const turn = new Promise((resolve) => setTimeout(resolve, 50, "silent"));
  return (await Promise.race([next, turn])) === "silent";
}

test("what comes after the subscription is delivered, in order", async () => {
  const feed = await follow({});
  const first = feed.next();
  expect(await isSilent(first)).toBe(true);
  const id = await addCollection(server, "summer");
  await server.run(UPDATE, { id, input: { label: "winter" } });
  await server.run(SOFT_DELETE, { id });
  expect(wordsOf((await first).value as EntityVersion)).toBe(`${id}@1 CREATE summer`);
  expect(await take(feed, 2)).toEqual([`${id}@2 UPDATE winter`, `${id}@3 SOFT_DELETE winter`]);
  await feed.return?.();
});

test("what came before is replayed from any transaction, then followed", async () => {
  const id = await addCollection(server, "a");
  const after = await lastTransaction(server);
  await server.run(UPDATE, { id, input: { label: "b" } });
  const feed = await follow({ afterTransactionId: after });
  expect(await take(feed, 1)).toEqual([`${id}@2 UPDATE b`]);
  await server.run(UPDATE, { id, input: { label: "c" } });
  expect(await take(feed, 1)).toEqual([`${id}@3 UPDATE c`]);
  await feed.return?.();
});

test("its letter may be left out of a transaction's id, and nothing comes before T0", async () => {
  const first = (afterTransactionId: string) => follow({ afterTransactionId }).then((feed) => take(feed, 1));
  expect(await first("T0")).toEqual(await first("0"));
  expect(await first("T1")).toEqual(await first("1"));
  expect(await first("T1")).not.toEqual(await first("T0"));
});

test("it goes on where it was when the server is another one", async () => {
  const first = await startServer();
  await addCollection(first, "one");
  const after = await lastTransaction(first);
  await addCollection(first, "two");
  const second = await first.restart();
  await addCollection(second, "three");
  expect(await take(await follow({ afterTransactionId: after }, second), 2)).toEqual([
    "2@1 CREATE two",
    "3@1 CREATE three",
  ]);
});

test("a transaction of more changes than are read at once comes whole, also when entities are destroyed in between", async () => {
  const own = await startServer();
  const ids: string[] = [];
  for (let count = 0; count < 210; count++) ids.push(await addCollection(own, `c${count}`));
  const after = await lastTransaction(own);
  await own.run(UPDATE_MANY, { ids, input: { description: "all" } });
  await own.run(HARD_DELETE, { id: ids[100]! });
  await own.run(UPDATE, { id: ids[0]!, input: { label: "last" } });
  const events = await take(await follow({ afterTransactionId: after }, own), 211);
  const changed = ids.filter((id) => id !== ids[100]);
  expect(events).toEqual([
    ...changed.map((id) => `${id}@2 UPDATE c${Number(id) - 1}`),
    `${ids[100]}@3 HARD_DELETE -`,
    `${ids[0]}@3 UPDATE last`,
  ]);
});

describe("with a filter", () => {
  test("only what meets it comes, or what met it before", async () => {
    const feed = await follow({ filter: { label: { startsWith: "wanted" } } });
    const id = await addCollection(server, "wanted one");
    const other = await addCollection(server, "other");
    await server.run(UPDATE, { id: other, input: { label: "still other" } });
    await server.run(UPDATE, { id, input: { label: "gone" } });
    await server.run(UPDATE, { id, input: { label: "gone for good" } });
    await server.run(UPDATE, { id: other, input: { label: "wanted too" } });
    expect(await take(feed, 3)).toEqual([
      `${id}@1 CREATE wanted one`,
      `${id}@2 UPDATE gone`,
      `${other}@3 UPDATE wanted too`,
    ]);
    await feed.return?.();
  });

  test("by keywords and by place, what comes to meet it, changes and ceases to comes", async () => {
    const filter = {
      keywords: { under: "places|italy" },
      location: { within: { north: 42, south: 41, west: 12, east: 13 } },
    };
    const feed = await follow({ filter });
    const id = await addCollection(server, "kept");
    const update = (input: UpdateEntityInput) => server.run(UPDATE, { id, input });
    await update({
      keywords: { set: ["sea", "Places|Italyx"] },
      location: { latitude: 41.9, longitude: 12.5 },
    });
    await update({ keywords: { add: ["Places|Italy|Rome"] } });
    await update({ label: "still there" });
    await update({ location: { latitude: 48, longitude: 12.5 } });
    await update({ label: "elsewhere" });
    await update({ location: { latitude: 41.8, longitude: 12.5 } });
    await update({ keywords: { remove: ["Places|Italy|Rome"] } });
    await update({ label: "gone" });
    expect(await take(feed, 5)).toEqual([
      `${id}@3 UPDATE kept`,
      `${id}@4 UPDATE still there`,
      `${id}@5 UPDATE still there`,
      `${id}@7 UPDATE elsewhere`,
      `${id}@8 UPDATE elsewhere`,
    ]);
    await feed.return?.();
  });

  test("what does not concern it is read once, not at every commit again", async () => {
    const own = await startServer();
    const feed = await follow({ filter: { label: { equals: "never" } } }, own);
    const next = feed.next();
    const { reader } = own.app.deps.db;
    const sizes: number[] = [];
    const all = reader.all.bind(reader);
    reader.all = <Row>(...[query, options]: Parameters<typeof reader.all>): Promise<Row[]> => {
      if (query.sql.includes('LEFT JOIN "EntityVersion" p')) sizes.push(Number(query.values[0]));
      return all<Row>(query, options);
    };
    for (let count = 0; count < 5; count++) await addCollection(own, `c${count}`);
    expect(await isSilent(next)).toBe(true);
    // Each reading begins where the one before has ended.
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
    expect(sizes.at(-1)).toBeGreaterThan(0);
    await feed.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

test("ending a subscription ends the wait for its next event", async () => {
  const feed = await follow({});
  const next = feed.next();
  await feed.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(await feed.next()).toEqual({ done: true, value: undefined });
});

test.each(["999999", "-1", "x", "1.5", "", "1e3", "01", "T999999", "t1", "T01", "T-1", "T"])(
  "after transaction %j nothing can be followed",
  async (afterTransactionId) => {
    await expect(follow({ afterTransactionId })).rejects.toThrow(
      /afterTransactionId: expected the id of a transaction/,
    );
  },
);

test("a reader that stops reading costs nothing while hundreds of changes pass, and misses none", async () => {
  const own = await startServer();
  const id = await addCollection(own, "v1");
  const slow = await follow({ afterTransactionId: "0" }, own);
  expect(await take(slow, 1)).toEqual([`${id}@1 CREATE v1`]);
  for (let count = 2; count <= 300; count++) await own.run(UPDATE, { id, input: { label: `v${count}` } });
  const events = await take(slow, 299);
  expect(events).toEqual(
    Array.from({ length: 299 }, (_, index) => `${id}@${index + 2} UPDATE v${index + 2}`),
  );
});
