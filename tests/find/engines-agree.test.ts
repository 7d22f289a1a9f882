import { afterAll, beforeAll, describe, expect, test } from "vitest";
import fc from "../support/fast-check.ts";
import { postgresUrl } from "../support/postgres.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { libraries, replaceLibrary, rowsOf, stepMs, words } from "./search/differential/library.ts";
import { questions, resolve, searchText, type Question } from "./search/differential/questions.ts";

const librariesMax = 20;
const questionsEach = 12;

const page = "items { id: entityId version label parentId isDeleted } pagination { totalItems hasNext }";
const edges =
  "edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount";
const given = "$filter: EntityFilter, $search: String, $orderBy: [EntityOrderBy!], $trash: TrashScope!";
const passed = "filter: $filter, search: $search, orderBy: $orderBy, trash: $trash";

const LISTS = `query (${given}, $offset: Int!, $limit: Int!, $at: AsOf!) {
  entities(${passed}, offset: $offset, limit: $limit) {
    ${page}
    facets(fields: [TYPE, EXTENSION, MIME_TYPE, CAMERA_MODEL, PARENT, YEAR, MONTH], limit: 100) { field buckets { value count } }
  }
  entitiesConnection(${passed}, first: 3) { ${edges} }
  last: entitiesConnection(${passed}, last: 2) { ${edges} }
  snapshot(at: $at) { transactionId entities(${passed}, offset: $offset, limit: $limit) { ${page} } }
  year: timeline(unit: YEAR, filter: $filter) { key count cover { id } }
  day: timeline(unit: DAY, filter: $filter) { key count cover { id } }
}`;
const NEXT = `query (${given}, $after: String!) {
  entitiesConnection(${passed}, first: 3, after: $after) { ${edges} }
  back: entitiesConnection(${passed}, last: 3, before: $after) { ${edges} }
}`;
const RANKED = `query ($filter: EntityFilter, $search: String!, $trash: TrashScope!) {
  search(text: $search, filter: $filter, trash: $trash, limit: 100) { items { entity { id } } pagination { totalItems } }
}`;
const HISTORY = `query ($id: ID!) {
  transactions(limit: 100) {
    items { id at operation actor reason entityCount undoOf { id } undoneBy { id } }
    pagination { totalItems }
  }
  entity(id: $id) {
    version
    ancestors { id }
    versions(limit: 100) { items { version operation label at: updatedAt transaction { id } } pagination { totalItems } }
  }
  stats { entities collections trashed bytes versions transactions }
}`;

/** What people do, as the API takes it; refusals are answers too. */
const changes: readonly (readonly [mutation: string, arguments_: string])[] = [
  ["updateEntity", "input: { label: $text }"],
  ["updateEntity", "input: { description: $text }"],
  ["updateEntity", "input: { parentId: $other }"],
  ["softDeleteEntity", "reason: $text"],
  ["restoreEntity", ""],
  ["revertEntity", "toVersion: 1"],
];
const change = fc.record({
  kind: fc.nat(changes.length - 1),
  one: fc.nat(19),
  other: fc.nat(19),
  text: fc.option(fc.constantFrom(...words)),
});

interface Answer {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

async function ask({ url }: TestServer, query: string, variables: object): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as Answer;
  return {
    data,
    // Each request has an id of its own.
    ...(errors != null && {
      errors: errors.map(({ message, extensions }) => ({
        message,
        extensions: { ...extensions, requestId: "" },
      })),
    }),
  };
}

/** The servers' clocks, which show the same at the same step. */
const start = Date.UTC(2024, 0, 1);
const clocks = { sqlite: start, postgres: start };
function tick(): number {
  const now = Math.max(clocks.sqlite, clocks.postgres) + stepMs;
  clocks.sqlite = clocks.postgres = now;
  return now;
}

let nextId = 1;
let sqlite: TestServer;
let postgres: TestServer;

/** The answer that both engines give. */
async function agree(query: string, variables: object, read = (answer: Answer): unknown => answer) {
  const [one, other] = await Promise.all([ask(sqlite, query, variables), ask(postgres, query, variables)]);
  expect({ variables, answer: read(other) }).toEqual({ variables, answer: read(one) });
  return one;
}

const variablesOf = ({ search, orderBy, ...others }: Question) => ({
  ...others,
  orderBy: [...orderBy],
  search: searchText(search),
});

/** Ids that were found by rank, which is the engine's own. */
const idsOf = ({ data, errors }: Answer): unknown => {
  // The query asks for these.
  const found = data as { search: { items: { entity: { id: string } }[]; pagination: object } } | null;
  return {
    errors,
    ids: found?.search.items.map(({ entity }) => entity.id).sort(),
    ...found?.search.pagination,
  };
};

async function compare(question: Question, transactionId: string): Promise<boolean> {
  const variables = variablesOf(question);
  const { data, errors } = await agree(LISTS, { ...variables, at: { transactionId } });
  expect(errors).toBeUndefined();
  await agree(RANKED, variables, idsOf);
  // The query asks for these.
  const { edges: found } = data!["entitiesConnection"] as { edges: { cursor: string }[] };
  for (const { cursor } of found.slice(-1)) await agree(NEXT, { ...variables, after: cursor });
  return found.length > 0;
}

// Without a server, tests/database/engine and `npm run test:postgres` say so.
describe.skipIf(postgresUrl == null)("SQLite and PostgreSQL, of one library and its history,", () => {
  beforeAll(async () => {
    sqlite = await startSharedServer({ clock: { now: () => clocks.sqlite }, engine: "sqlite" });
    postgres = await startSharedServer({ clock: { now: () => clocks.postgres }, engine: "postgres" });
  });
  afterAll(async () => {
    await sqlite.stop();
    await postgres.stop();
  });

  test("give equal answers to random questions", async () => {
    let [asked, decided] = [0, 0];
    const property = fc.asyncProperty(
      libraries,
      fc.array(change, { minLength: 4, maxLength: 8 }),
      fc.array(questions, { minLength: questionsEach, maxLength: questionsEach }),
      async (seeds, steps, list) => {
        const base = tick();
        const rows = rowsOf(seeds, base, nextId);
        nextId += rows.length;
        await replaceLibrary(sqlite, rows, (time) => (clocks.sqlite = time));
        await replaceLibrary(postgres, rows, (time) => (clocks.postgres = time));
        const ids = rows.map(({ id }) => id);
        const pick = (place: number) => ids[place % ids.length] ?? "0";
        const transactionId = `T${String(sqlite.app.deps.db.now().transactionId)}`;
        for (const { kind, one, other, text } of steps) {
          tick();
          const [mutation, args] = changes[kind]!;
          const declared = `$id: ID!${args.includes("$text") ? ", $text: String" : ""}${args.includes("$other") ? ", $other: ID" : ""}`;
          const document = `mutation (${declared}) { ${mutation}(id: $id${args === "" ? "" : `, ${args}`}) { entity { id version } } }`;
          await agree(document, { id: pick(one), text, other: pick(other) });
        }
        await agree(HISTORY, { id: pick(0) });
        for (const question of list) {
          asked++;
          if (await compare(resolve(question, ids, base), transactionId)) decided++;
        }
      },
    );
    await fc.assert(property, { numRuns: librariesMax });
    // Questions that find nothing would prove nothing.
    expect(decided / asked).toBeGreaterThan(0.1);
  }, 300_000);
});
