// What was seen: 490 circles joined with OR, fewer clauses than are allowed, ended in INTERNAL_SERVER_ERROR
// ("Expression tree is too large (maximum depth 1000)"). The clauses are written as balanced trees now; clauses and
// lists are read from the schema, so that a new one is tried as well.
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
} from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { schema } from "../../../../src/app/schema.ts";
import { HARD_DELETE } from "../../../support/documents.ts";
import { plantCollections, plantFiles } from "../../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../../support/server.ts";

const filterType = schema.getType("EntityFilter") as GraphQLInputObjectType;
const joins = ["AND", "OR", "NOT"];

/** Something of the type, another one for each number. */
function sample(type: GraphQLInputType, index: number): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [sample(nullable.ofType, index)];
  if (isEnumType(nullable)) return nullable.getValues()[index % nullable.getValues().length]!.name;
  if (isInputObjectType(nullable))
    return Object.fromEntries(
      Object.values(nullable.getFields())
        .filter(isRequiredInputField)
        .map(({ name, type: of }) => [name, sample(of, index)]),
    );
  switch (nullable.toString()) {
    case "Boolean":
      return index % 2 === 0;
    case "Int":
    case "Float":
    case "BigInt":
      return index % 80;
    case "ID":
      return String(index + 1);
    case "DateTime":
      return new Date(1.6e12 + index * 1e6).toISOString();
    case "LocalDateTime":
      return new Date(1.6e12 + index * 1e6).toISOString().slice(0, 23);
    default:
      return `x${index}`;
  }
}

type Filter = Readonly<Record<string, unknown>>;
type Make = (index: number) => Filter;

/** Each field of a filter with each operator of it; `kind` is alike for those that become the same comparison. */
interface Clause {
  readonly kind: string;
  readonly make: Make;
}

const clauses: Clause[] = Object.values(filterType.getFields()).flatMap(({ name, type }): Clause[] => {
  if (joins.includes(name)) return [];
  const operators = getNullableType(type);
  if (!isInputObjectType(operators))
    return [{ kind: name, make: (index) => ({ [name]: sample(type, index) }) }];
  return Object.values(operators.getFields()).map((operator) => ({
    kind: `${operators.name}.${operator.name}`,
    make: (index: number) => ({ [name]: { [operator.name]: sample(operator.type, index) } }),
  }));
});

const kinds: ReadonlyMap<string, Make> = new Map([
  ...clauses.map(({ kind, make }) => [kind, make] as const),
  ["every field in turn", (index: number) => clauses[index % clauses.length]!.make(index)],
]);

const many = (make: Make, count: number) => Array.from({ length: count }, (_, at) => make(at));

/** 500 clauses each: the filter around a list is one, too. */
const shapes: Readonly<Record<string, (make: Make) => Filter>> = {
  OR: (make) => ({ OR: many(make, 499) }),
  NOT: (make) => ({ NOT: many(make, 499) }),
  // Each of the groups is a clause itself.
  nested: (make) => ({
    OR: many((at) => ({ AND: [make(at), { NOT: [make(at + 100), make(at + 200)] }] }), 99),
  }),
};

/** How an object is reached from the query's root, for lists that are not there themselves. */
const ways: Readonly<Record<string, (list: string) => string>> = {
  Query: (list) => list,
  Entity: (list) => `entity(id: $id) { ${list} }`,
  Snapshot: (list) => `snapshot(at: { transactionId: "1" }) { ${list} }`,
};

const literal = (type: GraphQLInputType): string => {
  const named = getNamedType(type);
  if (!isListType(getNullableType(type)) || !isEnumType(named)) return JSON.stringify(sample(type, 0));
  const names = named.getValues().map(({ name }) => name);
  return `[${names.join(" ")}]`;
};

/** Everything that can be asked of a type without going in circles. */
function selection(type: GraphQLObjectType, levels: number): string {
  const fields = Object.values(type.getFields()).map((field) => {
    const below = getNamedType(field.type);
    if (!isLeafType(below) && (levels === 0 || !isObjectType(below))) return "";
    const given = field.args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${literal(arg.type)}`);
    const asked = given.length === 0 ? field.name : `${field.name}(${given.join(" ")})`;
    return isObjectType(below) ? `${asked} { ${selection(below, levels - 1)} }` : asked;
  });
  return ["__typename", ...fields].join(" ");
}

const takesFilter = (field: GraphQLField<unknown, unknown>) =>
  field.args.find(({ type }) => getNamedType(type) === filterType);

function lists(): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith("__") || type === schema.getSubscriptionType()) return [];
    return Object.values(type.getFields()).flatMap((field) => {
      const argument = takesFilter(field);
      const below = getNamedType(field.type);
      if (argument == null || !isObjectType(below)) return [];
      const way = ways[type.name];
      if (way == null) throw new Error(`say in "ways" how ${type.name}.${field.name} is reached`);
      // As deep as a page's pagination and facets, not as what hangs on each item.
      const asked = selection(below, isListType(getNullableType(field.type)) ? 0 : 1);
      const others = field.args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${literal(arg.type)}`);
      return [way(`${field.name}(${argument.name}: $filter ${others.join(" ")}) { ${asked} }`)];
    });
  });
}

let server: TestServer;
let collectionId: string;
beforeAll(async () => {
  server = await startSharedServer({
    // The point is that each can be read, on a slow machine too.
    env: { QUERY_TIMEOUT_MS: "600000", QUERY_COST_MAX: "1000000", QUERY_ALIASES_MAX: "1000" },
  });
  const [id] = await plantCollections(server, [{ label: "x1" }]);
  collectionId = id!;
  await plantFiles(
    server,
    Array.from({ length: 5 }, (_, at) => ({
      ...{ label: `x${at}`, parentId: collectionId, latitude: at, longitude: at },
      ...{ type: "IMAGE", capturedLocal: "2020-01-01T00:00:00.000", capturedAt: new Date(1.6e12) },
    })),
  );
  const [gone] = await plantFiles(server, [{ label: "gone" }]);
  await server.run(HARD_DELETE, { id: gone! });
});
afterAll(() => server.stop());

const post = (query: string, variables: object, accept: string, signal?: AbortSignal) =>
  fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: JSON.stringify({ query, variables }),
    ...(signal == null ? {} : { signal }),
  });

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

/** What of the answer is neither data nor a refusal. */
const faults = ({ data, errors = [] }: Answer) => {
  const others = errors.filter(({ extensions }) => extensions.code !== "QUERY_TOO_COMPLEX");
  return data == null && errors.length === 0 ? ["no answer"] : others;
};

/** The first event, which comes whatever the filter: an entity was destroyed. */
async function firstEvent(query: string, variables: object): Promise<Answer> {
  const ending = new AbortController();
  const response = await post(query, variables, "text/event-stream", ending.signal);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const data = /^data: (.+)$/m.exec(text)?.[1];
      if (data != null) return JSON.parse(data) as Answer;
      const { value, done } = await reader.read();
      if (done) throw new Error(`the stream ended: ${text}`);
      text += value;
    }
  } finally {
    ending.abort();
  }
}

test("the schema has lists and clauses to try", () => {
  expect(lists().length).toBeGreaterThanOrEqual(6);
  expect(clauses.length).toBeGreaterThan(100);
});

test.each([...kinds.keys()])(
  "500 clauses of %s are answered by every list, or too complex",
  async (kind) => {
    // An alias in front of what is reached by a way stands on the way.
    const questions = lists().map((list, at) => `q${at}: ${list}`);
    const query = `query ($filter: EntityFilter, $id: ID!) { ${questions.join(" ")} }`;
    for (const [shape, filterOf] of Object.entries(shapes)) {
      const filter = filterOf(kinds.get(kind)!);
      const response = await post(query, { filter, id: collectionId }, "application/json");
      expect(faults((await response.json()) as Answer), shape).toEqual([]);

      for (const field of Object.values(schema.getSubscriptionType()!.getFields())) {
        const argument = takesFilter(field);
        if (argument == null) continue;
        const follow = `subscription ($filter: EntityFilter) {
          ${field.name}(${argument.name}: $filter, afterTransactionId: "0") { __typename }
        }`;
        expect(faults(await firstEvent(follow, { filter })), shape).toEqual([]);
      }
    }
  },
  600_000,
);
