import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { createGraphQL } from "../../src/server/graphql/service.ts";
import { SharedAnswers } from "../../src/server/graphql/shared-answers.ts";
import { ample } from "../support/budget.ts";

// Seen: six requests of 199 fields, each with a filter of 400 clauses, held the event loop for 0.4 s and more:
// the pieces are short, and followed each other as promises do, without a turn of the loop between them.

/** In which turn of the event loop each of them was done. */
async function turnsOf(begin: (done: () => void) => readonly Promise<unknown>[]): Promise<number[]> {
  let turn = 0;
  let isOver = false;
  const next = () => {
    turn++;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  const turns: number[] = [];
  await Promise.all(begin(() => turns.push(turn)));
  isOver = true;
  return turns;
}

/** More than one turn of the loop is for: the slice of long answers is 8 ms. */
function compute() {
  const begunAt = performance.now();
  while (performance.now() - begunAt < 10);
}

test("fields with long arguments have a turn of the event loop each, of one operation or of several", async () => {
  const operations = [ample(), ample(), ample()];
  const turns = await turnsOf((done) =>
    operations.flatMap((budget) =>
      [1, 2, 3].map(() =>
        budget.fewAtOnce(() => {
          compute();
          done();
        }),
      ),
    ),
  );
  expect(turns).toHaveLength(9);
  expect(new Set(turns).size).toBe(9);
});

test("long documents that come in the same moment are read in a turn of the event loop each", async () => {
  const query = `{ ${Array.from({ length: 500 }, (_, at) => `field${at}: __typename`).join(" ")} }`;
  const turns = await turnsOf((done) => {
    const graphql = createGraphQL({
      schema: buildSchema("type Query { a: Int }"),
      limits: { queryCostMax: 1 } as never,
      context: () => ({}) as never,
      answers: new SharedAnswers(),
      documents: {
        parse: () => {
          compute();
          done();
          throw new Error("this is all that is asked of it");
        },
      } as never,
    });
    const call = { params: { query } } as never;
    return [1, 2, 3, 4].map(() => graphql.answer(call).catch(() => undefined));
  });
  expect(turns).toHaveLength(4);
  expect(new Set(turns).size).toBe(4);
});
