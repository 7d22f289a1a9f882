import { parseTransactionId } from "../../../src/database/model/ids.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EntityVersion } from "../../../src/database/generated/client.ts";
import { followChanges, type FeedQuery } from "../../../src/history/feed/service.ts";
import { graphql } from "../../generated/index.ts";
import { HARD_DELETE, SOFT_DELETE, UPDATE, UPDATE_MANY, VERSIONS } from "../../support/documents.ts";
import { REVERT, lastTransaction, refusedUndo, stateOf, undo } from "../../support/going-back.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { keptOf, prune, rename, standingClock } from "./pruning.ts";

const clock = standingClock();
let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ clock });
});
afterAll(() => server.stop());

/** A day passes; @returns an instant in the middle of it. */
function day(): string {
  clock.passDays(0.5);
  const noon = new Date(clock.now()).toISOString();
  clock.passDays(0.5);
  return noon;
}

const THEN = graphql(`
  query PrunedThen($id: ID!, $at: DateTime!, $version: Int!) {
    entity(id: $id) {
      at: versionAt(at: $at) {
        version
      }
      number: versionAt(version: $version) {
        version
      }
    }
    snapshot(at: { time: $at }) {
      transactionId
      entity(id: $id) {
        version
      }
      entities(filter: { id: { equals: $id } }) {
        items {
          version
        }
        pagination {
          totalItems
        }
      }
    }
  }
`);

const DIFF = graphql(`
  query PrunedDiff($id: ID!, $against: Int!) {
    entity(id: $id) {
      versionAt(version: 4) {
        diff(against: $against) {
          field
          before
          after
        }
      }
    }
  }
`);

const ABOUT = graphql(`
  query PrunedAbout($id: ID!, $created: ID!) {
    transactions(entityId: $id) {
      items {
        id
      }
      pagination {
        totalItems
      }
    }
    transaction(id: $created) {
      operation
      entityCount
      changes {
        items {
          id
        }
        pagination {
          totalItems
        }
      }
    }
    stats {
      versions
      transactions
      entities
    }
  }
`);

describe("of an entity whose first versions are gone", () => {
  let id: string;
  let created: string;
  /** When version 2, which is gone, and version 3, which is kept, were current. */
  let then: string;
  let later: string;
  let versionsBefore: number;
  beforeAll(async () => {
    id = await addCollection(server, "label 0");
    created = await lastTransaction(server);
    day();
    await rename(server, id, 1);
    then = day();
    await server.run(UPDATE, { id, input: { label: "kept", description: "said" } });
    later = day();
    await server.run(UPDATE, { id, input: { label: "last" } });
    versionsBefore = (await server.run(ABOUT, { id, created })).stats.versions;
    expect((await server.run(THEN, { id, at: then, version: 2 })).snapshot.entity).toEqual({ version: 2 });
    await prune(server, { historyVersionsMax: 2 });
    expect(await keptOf(server, id)).toEqual([4, 3]);
  });

  test("the oldest that is kept says nothing of what it changed, the others do", async () => {
    const { entity } = await server.run(VERSIONS, { id });
    expect(entity?.versions.items.map(({ version, changes }) => [version, changes])).toEqual([
      [4, [{ field: "label", before: "kept", after: "last" }]],
      [3, []],
    ]);
    const whole = await server.run(VERSIONS, { id: await addCollection(server, "whole") });
    expect(whole.entity?.versions.items[0]?.changes.length).toBeGreaterThan(0);
  });

  test("a difference against a version that is gone is NOT_FOUND, against a kept one as ever", async () => {
    expect((await server.fail(DIFF, { id, against: 2 })).extensions.code).toBe("NOT_FOUND");
    const { entity } = await server.run(DIFF, { id, against: 3 });
    expect(entity?.versionAt?.diff).toEqual([{ field: "label", before: "kept", after: "last" }]);
  });

  test("there is no state then, by number, by time or in a snapshot; from the oldest kept on there is", async () => {
    const gone = await server.run(THEN, { id, at: then, version: 2 });
    expect(gone.entity).toEqual({ at: null, number: null });
    expect(gone.snapshot).toMatchObject({
      entity: null,
      entities: { items: [], pagination: { totalItems: 0 } },
    });
    // The time itself is known as before: only the entity is missing.
    expect(gone.snapshot.transactionId).not.toBeNull();
    const kept = await server.run(THEN, { id, at: later, version: 3 });
    expect(kept.entity).toEqual({ at: { version: 3 }, number: { version: 3 } });
    expect(kept.snapshot).toMatchObject({
      entity: { version: 3 },
      entities: { items: [{ version: 3 }], pagination: { totalItems: 1 } },
    });
  });

  test("it goes back to a version that is kept, to one that is gone not", async () => {
    const failure = await server.fail(REVERT, { id, toVersion: 2 });
    expect(failure.extensions.code).toBe("NOT_FOUND");
    expect(failure.message).toContain(`${id}@2`);
    await server.run(REVERT, { id, toVersion: 3 });
    expect(await stateOf(server, id)).toMatchObject({ label: "kept", description: "said" });
  });

  test("the transactions stay, with their counts; they lead to the versions that are kept", async () => {
    const { transactions, transaction, stats } = await server.run(ABOUT, { id, created });
    expect(transaction).toEqual({
      ...{ operation: "createCollection", entityCount: 1 },
      changes: { items: [], pagination: { totalItems: 0 } },
    });
    expect(transactions.items.map((item) => item.id)).not.toContain(created);
    expect(transactions.pagination.totalItems).toBe(transactions.items.length);
    const count = await server.app.deps.db.prisma.entityVersion.count();
    expect(stats.versions).toBe(count);
    expect(versionsBefore).toBeGreaterThan(2);
    expect(stats.transactions).toBe(await server.app.deps.db.prisma.transaction.count());
  });
});

describe("a transaction", () => {
  test("whose states before are gone cannot be undone, and says so", async () => {
    const ids = [await addCollection(server, "a"), await addCollection(server, "b")];
    await server.run(UPDATE_MANY, { ids, input: { label: "both" } });
    const edited = await lastTransaction(server);
    await prune(server, { historyVersionsMax: 1 });
    const refusal = await refusedUndo(server, edited);
    expect(refusal).toMatchObject({ status: 409, code: "VERSION_CONFLICT", conflicts: ids });
    expect(refusal.message).toContain("are kept no more");
    expect(await stateOf(server, ids[0]!)).toMatchObject({ label: "both" });
  });

  test("is refused whole when only one of its states before is gone", async () => {
    const ids = [await addCollection(server, "a"), await addCollection(server, "b")];
    clock.passDays(20);
    await rename(server, ids[1]!, 1, "before");
    clock.passDays(20);
    await server.run(UPDATE_MANY, { ids, input: { label: "both" } });
    const edited = await lastTransaction(server);
    clock.passDays(20);
    // By the number of versions both states before are kept; then the first one alone changes again, and back.
    await prune(server, { historyVersionsMax: 2 });
    await rename(server, ids[0]!, 1, "mine");
    await undo(server, await lastTransaction(server));
    await prune(server, { historyVersionsMax: 3 });
    expect(await keptOf(server, ids[0]!)).toEqual([4, 3, 2]);
    expect(await keptOf(server, ids[1]!)).toEqual([3, 2]);
    const refusal = await refusedUndo(server, edited);
    expect(refusal).toMatchObject({ status: 409, code: "VERSION_CONFLICT", conflicts: [ids[0]!] });
    expect(refusal.message).toContain(`earlier versions of entity ${ids[0]} are kept no more`);
    expect(await stateOf(server, ids[1]!)).toMatchObject({ label: "both" });
  });

  test("that created something is undone as ever while its version is the current one", async () => {
    const id = await addCollection(server, "new");
    const created = await lastTransaction(server);
    await prune(server, { historyVersionsMax: 1 });
    await undo(server, created);
    expect(await stateOf(server, id)).toMatchObject({ isDeleted: true });
  });

  test("whose own versions are gone cannot be undone either", async () => {
    const id = await addCollection(server, "old");
    await rename(server, id, 1);
    const edited = await lastTransaction(server);
    await rename(server, id, 1, "other");
    await prune(server, { historyVersionsMax: 1 });
    expect(await refusedUndo(server, edited)).toMatchObject({ status: 409, code: "VERSION_CONFLICT" });
    expect(await stateOf(server, id)).toMatchObject({ label: "other 1" });
  });

  test("that pruned cannot be undone", async () => {
    const id = await addCollection(server, "pruned");
    await rename(server, id, 1);
    await prune(server, { historyVersionsMax: 1 });
    const refusal = await refusedUndo(server, await lastTransaction(server));
    expect(refusal).toMatchObject({ status: 400, code: "BAD_USER_INPUT" });
  });
});

describe("the feed", () => {
  const follow = (query: FeedQuery) => followChanges(server.app.deps, query);
  async function take(feed: AsyncIterator<EntityVersion>, count: number): Promise<string[]> {
    const events: string[] = [];
    while (events.length < count) {
      const next = await feed.next();
      if (next.done === true) break;
      const { entityId, version, label } = next.value;
      events.push(`${entityId}@${version} ${label ?? "-"}`);
    }
    return events;
  }

  test("replays what is kept, in order, and what was destroyed", async () => {
    const [id, gone] = [await addCollection(server, "replayed"), await addCollection(server, "gone")];
    const after = String(parseTransactionId(await lastTransaction(server))! - 2);
    await rename(server, id, 3);
    await server.run(HARD_DELETE, { id: gone });
    await rename(server, id, 1, "again");
    await prune(server, { historyVersionsMax: 2 });
    const feed = await follow({ afterTransactionId: after });
    expect(await take(feed, 3)).toEqual([`${id}@4 label 3`, `${gone}@2 -`, `${id}@5 again 1`]);
    // And goes on behind the transactions that pruned, which have no changes of their own.
    await rename(server, id, 1, "live");
    expect(await take(feed, 1)).toEqual([`${id}@6 live 1`]);
    await feed.return?.();
  });

  test("with a filter includes an entity that may have matched it before", async () => {
    const [left, never] = [await addCollection(server, "wanted"), await addCollection(server, "never")];
    const after = await lastTransaction(server);
    // A mirror of what is called "wanted" holds the first one; the version by which it left is gone.
    await rename(server, left, 2, "other");
    await rename(server, never, 1, "still never");
    await prune(server, { historyVersionsMax: 1 });
    const feed = await follow({ afterTransactionId: after, filter: { label: { equals: "wanted" } } });
    expect(await take(feed, 2)).toEqual([`${left}@3 other 2`, `${never}@2 still never 1`]);
    await feed.return?.();
  });

  test("with a filter does not tell of what came and never met it", async () => {
    const after = await lastTransaction(server);
    const id = await addCollection(server, "unwanted");
    await rename(server, id, 1, "unwanted");
    await addCollection(server, "wanted at last");
    const feed = await follow({
      afterTransactionId: after,
      filter: { NOT: [{ label: { startsWith: "unwanted" } }] },
    });
    expect((await take(feed, 1))[0]).toContain("wanted at last");
    await feed.return?.();
  });
});

test("an answer kept from before is not served after", async () => {
  const id = await addCollection(server, "cached");
  await rename(server, id, 1);
  const cached = () => server.run(VERSIONS, { id });
  const before = await cached();
  expect(await cached()).toEqual(before);
  await prune(server, { historyVersionsMax: 1 });
  expect((await cached()).entity?.versions.pagination.totalItems).toBe(1);
});

test("parents then are those that are kept: a collection that is gone then takes nothing along", async () => {
  const collection = await addCollection(server, "box");
  const id = await addPicture(server, { parentId: collection });
  const at = day();
  await rename(server, collection, 1, "box");
  await prune(server, { historyVersionsMax: 1 });
  const { snapshot } = await server.run(THEN, { id, at, version: 1 });
  expect(snapshot.entity).toEqual({ version: 1 });
  expect((await server.run(THEN, { id: collection, at, version: 1 })).snapshot.entity).toBeNull();
});

test("a destroyed entity's number goes on from what it was", async () => {
  const id = await addCollection(server, "short");
  await rename(server, id, 4);
  await server.run(SOFT_DELETE, { id });
  await prune(server, { historyVersionsMax: 1 });
  await server.run(HARD_DELETE, { id });
  const tombstone = await server.app.deps.db.prisma.tombstone.findUniqueOrThrow({
    where: { entityId: Number(id) },
  });
  expect(tombstone.version).toBe(7);
});
