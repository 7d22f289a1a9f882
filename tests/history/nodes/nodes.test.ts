import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { HARD_DELETE, UPDATE } from "../../support/documents.ts";
import { lastTransaction } from "../../support/going-back.ts";
import { addCollection } from "../../support/library.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";

const NODE = graphql(`
  query Node($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on EntityState {
        entityId
        label
        version
      }
      ... on EntityVersion {
        operation
      }
      ... on Transaction {
        mutation: operation
        entityCount
      }
    }
  }
`);

const NODES = graphql(`
  query Nodes($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on Entity {
        label
      }
    }
  }
`);

const TRANSACTION_BY_ID = graphql(`
  query TransactionById($id: ID!) {
    transaction(id: $id) {
      id
    }
  }
`);

const SNAPSHOT_ID = graphql(`
  query SnapshotId($at: AsOf!) {
    snapshot(at: $at) {
      transactionId
    }
  }
`);

const UNDO_BY_ID = graphql(`
  mutation UndoById($id: ID!) {
    undoTransaction(id: $id) {
      transaction {
        id
        undoOf {
          id
        }
      }
    }
  }
`);

let server: TestServer;
/** The first entity, written by the first transactions: their numbers are the same as its own. */
let id: string;
beforeAll(async () => {
  server = await startSharedServer();
  id = await addCollection(server, "one");
  await server.run(UPDATE, { id, input: { label: "two" } });
});
afterAll(() => server.stop());

async function post(query: string) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${server.url}/graphql`, {
    ...{ method: "POST", headers, body: JSON.stringify({ query }) },
  });
  return (await response.json()) as { extensions: object };
}

describe("an id is of one thing only", () => {
  test("an entity, its version and the transaction of the same number are three nodes", async () => {
    expect((await server.run(NODE, { id: "1" })).node).toEqual({
      ...{ __typename: "Entity", id: "1", entityId: "1", label: "two", version: 2 },
    });
    expect((await server.run(NODE, { id: "1@1" })).node).toEqual({
      ...{
        __typename: "EntityVersion",
        id: "1@1",
        entityId: "1",
        label: "one",
        version: 1,
        operation: "CREATE",
      },
    });
    expect((await server.run(NODE, { id: "T1" })).node).toEqual({
      ...{ __typename: "Transaction", id: "T1", mutation: "createCollection", entityCount: 1 },
    });
  });

  test("many come in the order of their ids, null for those that there are not, each as often as it is named", async () => {
    const ids = ["T2", "1@2", "999", "1", "1@9", "T9", "1", "T1", "nothing"];
    const { nodes } = await server.run(NODES, { ids });
    expect(nodes.map((node) => node && `${node.__typename} ${node.id}`)).toEqual([
      ...[
        "Transaction T2",
        "EntityVersion 1@2",
        null,
        "Entity 1",
        null,
        null,
        "Entity 1",
        "Transaction T1",
        null,
      ],
    ]);
  });

  test.each(
    [
      "",
      " ",
      "0",
      "01",
      "-1",
      "1.0",
      "1e3",
      "9".repeat(20),
      "1@",
      "@1",
      "1@0",
      "1@01",
      "1@1@1",
      "1 @1",
      "T",
      "T0",
    ].concat(["t1", "T01", "T-1", "TT1", "T1@1", `T${"9".repeat(20)}`, "Entity:1", "1\u0000", "١"]),
  )("%j is an id of nothing", async (wrong) => {
    expect((await server.run(NODE, { id: wrong })).node).toBeNull();
  });

  test("a version of what was destroyed is found as the transaction shows it", async () => {
    const gone = await addCollection(server, "gone");
    await server.run(HARD_DELETE, { id: gone });
    expect((await server.run(NODE, { id: gone })).node).toBeNull();
    expect((await server.run(NODE, { id: `${gone}@1` })).node).toBeNull();
    expect((await server.run(NODE, { id: `${gone}@2` })).node).toMatchObject({
      ...{ __typename: "EntityVersion", id: `${gone}@2`, operation: "HARD_DELETE", label: null },
    });
  });
});

describe("many at once", () => {
  test("a hundred are read with one statement for each type", async () => {
    const ids = Array.from({ length: 100 }, (_, n) => ["1", "1@1", "1@2", "T1", "T2"][n % 5]!);
    const statements = await statementsOf(() => server.run(NODES, { ids }));
    expect(statements).toHaveLength(3);
  });

  test("single ones under many names are read together", async () => {
    const query = `{ ${["1", "1@1", "T1"].map((one, n) => `n${n}: node(id: "${one}") { id }`).join(" ")} }`;
    const statements = await statementsOf(() => post(query));
    expect(statements).toHaveLength(3);
  });

  test("more than a hundred are refused", async () => {
    const { extensions, message } = await server.fail(NODES, { ids: Array<string>(101).fill("1") });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "ids" });
    expect(message).toContain("at most 100, got 101");
  });
});

// Seen: a young library's first transaction and its first entity were one record in a client's cache.
describe("a transaction's id", () => {
  test("is the same in every field, and every argument takes it with its letter or without it", async () => {
    const newest = await lastTransaction(server);
    expect(newest).toMatch(/^T[1-9]\d*$/);
    const { snapshot: now } = await server.run(SNAPSHOT_ID, { at: { time: new Date().toISOString() } });
    expect(now.transactionId).toBe(newest);
    expect((await post("{ __typename }")).extensions).toMatchObject({ transactionId: newest });
    for (const given of [newest, newest.slice(1)]) {
      expect((await server.run(TRANSACTION_BY_ID, { id: given })).transaction).toEqual({ id: newest });
      const { snapshot } = await server.run(SNAPSHOT_ID, { at: { transactionId: given } });
      expect(snapshot.transactionId).toBe(newest);
    }
  });

  test.each([(last: string) => last, (last: string) => last.slice(1)])("undoes (%#)", async (write) => {
    await server.run(UPDATE, { id, input: { label: `to be undone ${write("T1")}` } });
    const last = await lastTransaction(server);
    const { undoTransaction } = await server.run(UNDO_BY_ID, { id: write(last) });
    expect(undoTransaction.transaction.undoOf).toEqual({ id: last });
  });

  test.each(["0", "T0"])("%s is before the first", async (start) => {
    expect(
      (await server.run(SNAPSHOT_ID, { at: { transactionId: start } })).snapshot.transactionId,
    ).toBeNull();
    expect((await server.run(TRANSACTION_BY_ID, { id: start })).transaction).toBeNull();
    expect((await server.fail(UNDO_BY_ID, { id: start })).extensions.code).toBe("NOT_FOUND");
  });

  test.each(["t1", "T01", "01", "T-1", "-1", "T", "TT1", "T 1", `T${"9".repeat(16)}`, "1@1"])(
    "%j is none",
    async (wrong) => {
      expect((await server.run(TRANSACTION_BY_ID, { id: wrong })).transaction).toBeNull();
      expect((await server.fail(UNDO_BY_ID, { id: wrong })).extensions.code).toBe("NOT_FOUND");
      const then = await server.fail(SNAPSHOT_ID, { at: { transactionId: wrong } });
      expect(then.extensions.code).toBe("NOT_FOUND");
    },
  );
});
