import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { HARD_DELETE, UPDATE } from "../../support/documents.ts";
import { lastTransaction, undo } from "../../support/going-back.ts";
import { addPicture } from "../../support/library.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const HISTORY = graphql(`
  query History($actor: String, $entityId: ID, $offset: Int! = 0, $limit: Int! = 20) {
    transactions(actor: $actor, entityId: $entityId, offset: $offset, limit: $limit) {
      items {
        id
        actor
        reason
        operation
        at
        undoOf {
          id
        }
        undoneBy {
          id
        }
        changes {
          items {
            entityId
            changes {
              field
              before
              after
            }
          }
        }
      }
      pagination {
        totalItems
      }
    }
  }
`);

let server: TestServer;
let a: string;
let b: string;
/** Until there are users, actors come from inside the program only. */
async function label(id: string, text: string, actor: string | null, reason: string) {
  const opening = { operation: "updateEntity", actor, reason };
  await server.app.deps.db.transaction(opening, ({ prisma }) =>
    prisma.entity.update({ where: { id: Number(id) }, data: { label: text } }),
  );
}

beforeAll(async () => {
  server = await startSharedServer();
  [a, b] = [await addPicture(server), await addPicture(server)];
  await label(a, "one", "ada", "first");
  await label(b, "one", "ada", "first");
  await label(a, "two", "ben", "second");
  await label(a, "three", "Ada", "another one of that name");
  await server.run(UPDATE, { id: a, input: { description: "nobody's" } });
});
afterAll(() => server.stop());

const history = async (where: { actor?: string; entityId?: string; limit?: number; offset?: number }) => {
  const { items, pagination } = (await server.run(HISTORY, where)).transactions;
  return { items, total: pagination.totalItems, reasons: items.map(({ reason }) => reason) };
};

describe("transactions", () => {
  test("of one actor, letter for letter", async () => {
    expect((await history({ actor: "ada" })).reasons).toEqual(["first", "first"]);
    expect((await history({ actor: "Ada" })).total).toBe(1);
    expect((await history({ actor: "" })).total).toBe(0);
  });

  test("of one actor with one entity", async () => {
    const { items, total } = await history({ actor: "ada", entityId: a });
    expect(total).toBe(1);
    expect(items[0]?.changes.items).toEqual([
      { entityId: a, changes: [{ field: "label", before: null, after: "one" }] },
    ]);
  });

  test("tell the history of a field: who, when, why, and from what to what", async () => {
    const { items } = await history({ entityId: a });
    const ofLabel = items
      .flatMap(({ actor, reason, changes }) =>
        changes.items.flatMap((version) => version.changes.map((change) => ({ actor, reason, ...change }))),
      )
      .filter(({ field }) => field === "label");
    expect(ofLabel).toEqual([
      {
        ...{ field: "label", before: "two", after: "three" },
        actor: "Ada",
        reason: "another one of that name",
      },
      { ...{ field: "label", before: "one", after: "two" }, actor: "ben", reason: "second" },
      { ...{ field: "label", before: null, after: "one" }, actor: "ada", reason: "first" },
    ]);
    const times = items.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((one, other) => other - one));
  });

  test("are paged under a filter", async () => {
    const whole = await history({ entityId: a });
    const part = await history({ entityId: a, offset: 1, limit: 2 });
    expect(part.items).toEqual(whole.items.slice(1, 3));
    expect(part.total).toBe(whole.total);
  });

  test("of an entity include what was undone and what undid it, each naming the other", async () => {
    await server.run(UPDATE, { id: b, input: { label: "x" } });
    const edited = await lastTransaction(server);
    const { transaction } = await undo(server, edited);
    const [newest, before] = (await history({ entityId: b })).items;
    expect(newest).toMatchObject({ id: transaction.id, undoOf: { id: edited }, undoneBy: null });
    expect(before).toMatchObject({ id: edited, undoOf: null, undoneBy: { id: transaction.id } });
  });

  test("of a destroyed entity are the last trace of it", async () => {
    const id = await addPicture(server);
    await server.run(UPDATE, { id, input: { label: "secret" } });
    await server.run(HARD_DELETE, { id });
    const { items } = await history({ entityId: id });
    expect(items.map(({ operation }) => operation)).toEqual(["hardDeleteEntity"]);
    expect(JSON.stringify(items)).not.toContain("secret");
  });
});

// A loader that remembered would answer the second question of a request with what was true at the first.
test("undoneBy is as new as the mutation that asks for it", async () => {
  await server.run(UPDATE, { id: b, input: { label: "y" } });
  const edited = await lastTransaction(server);
  const next = (steps: number) => `T${Number(edited.slice(1)) + steps}`;
  const THRICE = graphql(`
    mutation Thrice($edited: ID!, $undo: ID!) {
      first: undoTransaction(id: $edited) {
        transaction {
          undoOf {
            undoneBy {
              id
            }
          }
        }
      }
      second: undoTransaction(id: $undo) {
        transaction {
          id
        }
      }
      third: undoTransaction(id: $edited) {
        transaction {
          undoOf {
            undoneBy {
              id
            }
          }
        }
      }
    }
  `);
  const { first, third } = await server.run(THRICE, { edited, undo: next(1) });
  expect(first.transaction.undoOf?.undoneBy?.id).toBe(next(1));
  expect(third.transaction.undoOf?.undoneBy?.id).toBe(next(3));
});
