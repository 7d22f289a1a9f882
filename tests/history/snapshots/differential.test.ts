import fc from "../../support/fast-check.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { NowQueryVariables } from "../../generated/graphql.ts";
import { libraries, replaceLibrary, rowsOf, stepMs, words } from "../../find/search/differential/library.ts";
import { questions, resolve, searchText, type Question } from "../../find/search/differential/questions.ts";
import { RESTORE, SOFT_DELETE, UPDATE } from "../../support/documents.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { LAST_TRANSACTION, NOW, THEN } from "./documents.ts";

const historiesMax = 25;

/** One change; entities are meant by their place in the library. Those the server refuses change nothing. */
const text = fc.option(fc.constantFrom(...words));
const one = fc.nat(19);
const changes = fc.oneof(
  fc.record({ kind: fc.constant("label" as const), one, text }),
  fc.record({ kind: fc.constant("description" as const), one, text }),
  fc.record({ kind: fc.constant("move" as const), one, into: fc.option(one) }),
  fc.record({ kind: fc.constant("trash" as const), one }),
  fc.record({ kind: fc.constant("restore" as const), one }),
  fc.record({ kind: fc.constant("file" as const), one, text, size: fc.nat(3), width: fc.nat(200) }),
);
type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;

let server: TestServer;
let now = Date.UTC(2024, 0, 1);
let nextId = 1;
beforeAll(async () => {
  server = await startSharedServer({ clock: { now: () => now } });
});
afterAll(() => server.stop());

/** Refusals are answers too: a change that is refused leaves nothing behind. */
function apply(change: Change, ids: readonly string[]): Promise<unknown> {
  const pick = (place: number) => ids[place % ids.length] ?? "0";
  const id = pick(change.one);
  switch (change.kind) {
    case "label":
    case "description":
      return server.ask(UPDATE, { id, input: { [change.kind]: change.text } });
    case "move": {
      const parentId = change.into == null ? null : pick(change.into);
      return server.ask(UPDATE, { id, input: { parentId } });
    }
    case "trash":
      return server.ask(SOFT_DELETE, { id });
    case "restore":
      return server.ask(RESTORE, { id });
    case "file": {
      // What another file would bring, without a file.
      const { text, size, width } = change;
      const data = { fileSize: size, width, originalName: text, cameraLens: text, keywords: text };
      const where = { id: Number(id), isCollection: false };
      const opening = { operation: "plant", actor: null, reason: null };
      return server.app.deps.db.transaction(opening, ({ prisma }) =>
        prisma.entity.updateMany({ where, data }),
      );
    }
  }
}

const variablesOf = ({ search, orderBy, ...others }: Question): NowQueryVariables => ({
  ...others,
  orderBy: [...orderBy],
  search: searchText(search),
});

interface Recorded {
  readonly variables: NowQueryVariables;
  readonly transactionId: string;
  /** A time at which nothing had followed yet. */
  readonly time: string;
  readonly answer: unknown;
}

async function record(question: Question, ids: readonly string[], base: number): Promise<Recorded> {
  const variables = variablesOf(resolve(question, ids, base));
  const { entities } = await server.run(NOW, variables);
  const { transactions } = await server.run(LAST_TRANSACTION);
  const time = new Date(now).toISOString();
  return { variables, transactionId: transactions.items[0]!.id, time, answer: entities };
}

test("a snapshot answers random questions as the live library answered them at that point of a random history", async () => {
  let asked = 0;
  let decided = 0;
  let outdated = 0;
  const property = fc.asyncProperty(
    libraries,
    fc.array(
      fc.tuple(
        fc.array(changes, { minLength: 2, maxLength: 6 }),
        fc.array(questions, { minLength: 3, maxLength: 3 }),
      ),
      { minLength: 2, maxLength: 6 },
    ),
    async (seeds, history) => {
      const base = now + stepMs;
      const rows = rowsOf(seeds, base, nextId);
      nextId += rows.length;
      await replaceLibrary(server, rows, (time) => (now = time));
      const ids = rows.map(({ id }) => id);
      const recorded: Recorded[] = [];
      for (const [steps, list] of history) {
        // Some changes fall into one millisecond, some points between two transactions.
        now += stepMs;
        for (const step of steps) await apply(step, ids);
        now += stepMs / 2;
        for (const question of list) recorded.push(await record(question, ids, base));
      }
      for (const { variables, transactionId, time, answer } of recorded) {
        for (const at of [{ transactionId }, { time }]) {
          const { snapshot } = await server.run(THEN, { ...variables, at });
          expect({ at, variables, transactionId: snapshot.transactionId, ...snapshot.entities }).toEqual({
            at,
            variables,
            transactionId,
            ...(answer as object),
          });
        }
        asked++;
        const { totalItems } = (answer as { pagination: { totalItems: number } }).pagination;
        if (totalItems > 0) decided++;
        const { entities } = await server.run(NOW, variables);
        if (JSON.stringify(entities) !== JSON.stringify(answer)) outdated++;
      }
    },
  );
  await fc.assert(property, { numRuns: historiesMax });
  // Questions that find nothing, and answers that are the same today, would prove nothing.
  expect(decided / asked).toBeGreaterThan(0.1);
  expect(outdated / asked).toBeGreaterThan(0.05);
}, 240_000);
