import { createClient } from "graphql-ws";
import { describe, expect, test } from "vitest";
import WebSocket from "ws";
import { sql } from "../../src/database/sql.ts";
import { graphql } from "../generated/index.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { tryUpload, upload } from "../support/uploading.ts";

const MANY = graphql(`
  mutation Audited($id: ID!, $other: ID!, $transaction: ID!) {
    moved: createCollection(input: { label: "canary-label" }) {
      entity {
        id
      }
    }
    updateEntity(id: $id, input: { label: "canary-label" }, reason: "canary-reason") {
      entity {
        id
      }
    }
    softDeleteEntities(ids: [$id, $other]) {
      ids
    }
    restoreEntities(ids: [$other]) {
      ids
    }
    hardDeleteEntity(id: $id) {
      deletedIds
    }
    undoTransaction(id: $transaction) {
      transaction {
        id
      }
    }
  }
`);

interface Line {
  msg: string;
  requestId?: string;
  transactionId: number;
  operation: string;
  actor: string | null;
  changes: Record<string, number>;
}

const audited = ({ log }: TestServer) =>
  log.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === "change");

/** Transactions as the database has them. */
const recorded = ({ app }: TestServer) =>
  app.deps.db.reader.all<{ transactionId: number; operation: string; entityCount: number }>(
    sql`SELECT "id" AS "transactionId", "operation", "entityCount" FROM "Transaction" ORDER BY "id"`,
  );

/** Each committed transaction has one line, which says the same. */
async function expectComplete(server: TestServer) {
  const lines = audited(server);
  expect(
    lines.map(({ transactionId, operation, changes }) => ({
      transactionId,
      operation,
      entityCount: Object.values(changes).reduce((sum, count) => sum + count, 0),
    })),
  ).toEqual(await recorded(server));
  return lines;
}

describe("the audit line", () => {
  test("records actor, operation, count and request of every transaction, and none of its values", async () => {
    const server = await startServer();
    const { entity, transaction } = await upload(server, await makeJpeg(), { name: "canary-name.jpg" });
    const other = await upload(server, await makeJpeg());
    const answer = await server.ask(MANY, {
      id: entity.id,
      other: other.entity.id,
      transaction: other.transaction!.id,
    });
    const lines = await expectComplete(server);
    expect(lines.map(({ operation, changes }) => [operation, changes])).toEqual(
      expect.arrayContaining([
        ["uploadEntity", { CREATE: 1 }],
        ["createCollection", { CREATE: 1 }],
        ["updateEntity", { UPDATE: 1 }],
        ["softDeleteEntities", { SOFT_DELETE: 2 }],
        ["restoreEntities", { RESTORE: 1 }],
        ["hardDeleteEntity", { HARD_DELETE: 1 }],
      ]),
    );
    expect(lines.every(({ actor }) => actor === null)).toBe(true);
    const requestId = answer.headers.get("x-request-id");
    expect(lines.filter((line) => line.requestId === requestId)).toHaveLength(
      (await recorded(server)).length - 2,
    );
    expect(transaction?.id).toBe(`T${lines[0]?.transactionId}`);
    expect(server.log.join("")).not.toContain("canary");
  });

  test("comes of the commit itself: of code that uses the client directly, and not of what was rolled back", async () => {
    const server = await startServer();
    const { entity } = await upload(server, await makeJpeg());
    const { db } = server.app.deps;
    await db.prisma.entity.update({ where: { id: Number(entity.id) }, data: { label: "x" } });
    const opening = { operation: "failing", actor: "somebody", reason: null };
    const failing = db.transaction(opening, async ({ prisma }) => {
      await prisma.entity.update({ where: { id: Number(entity.id) }, data: { label: "y" } });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await db.transaction({ ...opening, operation: "succeeding" }, ({ prisma }) =>
      prisma.entity.update({ where: { id: Number(entity.id) }, data: { label: "z" } }),
    );
    const lines = await expectComplete(server);
    expect(lines.map(({ operation }) => operation)).toEqual(["uploadEntity", "Entity.update", "succeeding"]);
    expect(lines[2]).toMatchObject({ actor: "somebody", changes: { UPDATE: 1 } });
    // Nobody asked over HTTP.
    expect(lines[2]).not.toHaveProperty("requestId");
  });

  test("names the request of each, also of those that wait for one another and of WebSockets", async () => {
    const server = await startServer();
    const pictures = await Promise.all(Array.from({ length: 6 }, () => makeJpeg()));
    await Promise.all(pictures.map((bytes) => tryUpload(server, bytes)));
    const client = createClient({
      url: `${server.url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
    });
    const query = `mutation { createCollection(input: { label: "a" }) { entity { id } } }`;
    for await (const result of client.iterate({ query })) expect(result.errors).toBeUndefined();
    await client.dispose();
    const lines = await expectComplete(server);
    expect(lines.every(({ requestId }) => typeof requestId === "string")).toBe(true);
    expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(7);
    const requests = server.log
      .map((line) => JSON.parse(line) as Line)
      .filter(({ msg }) => msg === "request")
      .map(({ requestId }) => requestId);
    // A WebSocket's request is never answered, so it has no line of its own.
    expect(lines.filter(({ requestId }) => requests.includes(requestId))).toHaveLength(6);
  });
});
