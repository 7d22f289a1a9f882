import {
  buildSchema,
  execute,
  getNamedType,
  getOperationAST,
  GraphQLError,
  isCompositeType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anonymous } from "../../src/auth/viewer.ts";
import { planOf } from "../../src/graphql/plan.ts";
import { schema as ours } from "../../src/schema.ts";
import { plantChain, plantFiles } from "../support/planted.ts";
import { readSeed } from "../support/seed.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { ample } from "../support/budget.ts";
import { cpuFloorMs, cpuMsOf } from "../support/cpu.ts";

const schema = buildSchema(`
  interface Named { name: String }
  type Query {
    one: Thing  many: [Thing!]!  sparse: [Thing]  late: Thing  lateMany: [Thing!]
    echo(text: String = "none", number: Int): String
    thrown: String  rejected: String  error: String  missing: String!  wrong: Int  odd: [Int!]  noList: [Int]
    named: Named
    broken: Thing
  }
  type Thing implements Named { name: String  size: Int!  next: Thing  hurt: String!  late: String  lateHurt: String! }
`);

const thing = (name: string, size: number): object => ({
  ...{ name, size },
  next: () => (size > 0 ? thing(`${name}+`, size - 1) : null),
  hurt: () => {
    throw new Error("hurt");
  },
  late: () => Promise.resolve(`late ${name}`),
  lateHurt: () => new Promise((_resolve, reject) => setImmediate(reject, new Error("later"))),
});

const root: Record<string, unknown> = {
  one: () => thing("one", 3),
  many: () => [thing("a", 1), Promise.resolve(thing("b", 2))],
  sparse: () => [null, thing("c", 1), undefined],
  late: () => Promise.resolve(thing("late", 1)),
  lateMany: () => Promise.resolve([thing("d", 1)]),
  echo: ({ text, number }: { text: string; number?: number }) => `${text} ${number}`,
  thrown: () => {
    throw new GraphQLError("thrown");
  },
  rejected: () => Promise.reject(new Error("rejected")),
  error: () => new Error("returned"),
  broken: () => new Error("returned"),
  missing: () => null,
  wrong: () => "text",
  odd: () => [1, null],
  noList: () => "text",
  named: () => ({ __typename: "Thing" }),
};
// A plan has no root value; the schema's own resolvers stand for it.
for (const field of Object.values(schema.getQueryType()!.getFields())) {
  const value = root[field.name];
  if (typeof value === "function")
    field.resolve = (_root, args: object) => (value as (args: object) => unknown)(args);
}

function planned(of: GraphQLSchema, query: string) {
  const document = parse(query);
  expect(validate(of, document), query).toEqual([]);
  return planOf(of, document, getOperationAST(document)!);
}

const answerOf = async (query: string, variables = {}) =>
  (await planned(schema, query)?.execute({}, variables)) ?? null;

const executed = async (query: string, variables = {}) =>
  execute({ schema, document: parse(query), contextValue: {}, variableValues: variables });

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => void process.on("unhandledRejection", note));
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

describe("a plan answers what graphql-js answers, in its order", () => {
  test.each([
    "{ one { name size } }",
    "{ b: one { size name } a: one { name } }",
    "{ one { name ... { size } ...T ...T } } fragment T on Thing { next { name next { ...U } } } fragment U on Thing { size }",
    "{ one { ... on Named { name } ... on Thing { size } } }",
    "{ one { next { name } next { size } } one { name } }",
    "{ many { name __typename late } __typename sparse { name } late { next { late } } lateMany { late name } }",
    "{ many { next { next { next { name } } } } }",
    'query ($t: String, $n: Int = 4) { echo(text: $t, number: $n) b: echo c: echo(text: "x") }',
  ])("%s", async (query) => {
    for (const variables of [{}, { t: "given", n: 7 }, { t: null }]) {
      const { data, errors } = await executed(query, variables);
      expect(errors).toBeUndefined();
      expect(JSON.stringify(await answerOf(query, variables))).toBe(JSON.stringify(data));
    }
  });
});

describe("a plan leaves to graphql-js", () => {
  test.each([
    "{ thrown }",
    "{ rejected }",
    "{ error }",
    "{ broken { name } }",
    "{ missing }",
    "{ wrong }",
    "{ odd }",
    "{ noList }",
    "{ one { hurt } }",
    "{ many { late lateHurt hurt } }",
    "{ many { lateHurt } late { lateHurt } }",
    "{ one { lateHurt } thrown }",
  ])("what fails: %s", async (query) => {
    expect((await executed(query)).errors).toBeDefined();
    expect(await answerOf(query)).toBeNull();
  });

  test("wrong variables", async () => {
    expect(await answerOf("query ($n: Int) { echo(number: $n) }", { n: "text" })).toBeNull();
  });

  test.each([
    "{ one { name @include(if: false) } }",
    "{ one { ... @skip(if: true) { name } } }",
    "{ one { ...T @include(if: true) } } fragment T on Thing { name }",
    "{ named { name } }",
    "{ __schema { queryType { name } } }",
    "{ one { __proto__: name } }",
  ])("what it does not know: %s", (query) => {
    expect(planned(schema, query)).toBeUndefined();
  });

  test("nothing of fragments that are spread again and again, which bring nothing new", () => {
    const fragments = Array.from(
      { length: 40 },
      (_, n) => `fragment F${n} on Thing { ...F${n + 1} ...F${n + 1} }`,
    );
    const document = parse(`{ one { ...F0 } } ${fragments.join(" ")} fragment F40 on Thing { name }`);
    expect(planOf(schema, document, getOperationAST(document)!)).toBeDefined();
  });

  test("what doubles with every fragment, at once", async () => {
    const fragments = Array.from(
      { length: 40 },
      (_, n) => `fragment F${n} on Thing { a: next { ...F${n + 1} } b: next { ...F${n + 1} } }`,
    );
    const document = parse(`{ one { ...F0 } } ${fragments.join(" ")} fragment F40 on Thing { name }`);
    const floorMs = await cpuFloorMs();
    const tookMs = await cpuMsOf(() => {
      expect(planOf(schema, document, getOperationAST(document)!)).toBeUndefined();
    });
    expect(tookMs).toBeLessThan(20 * floorMs);
  });
});

describe("random queries over the whole schema", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startSharedServer({ env: { RESPONSE_CACHE_BYTES_MAX: "0" } });
    const chain = await plantChain(server, 3);
    await plantFiles(
      server,
      Array.from({ length: 8 }, (_, n) => ({
        label: `file ${n}`,
        parentId: chain[n % 3]!,
        width: n,
        duration: n / 3,
      })),
    );
  });
  afterAll(() => server.stop());

  /** Fields with arguments that have no defaults need somebody who knows what they mean. */
  const isFree = ({ args }: GraphQLField<unknown, unknown>) =>
    args.every(
      ({ type, defaultValue, name }) =>
        !(isNonNullType(type) && defaultValue === undefined) && name !== "version",
    );

  function selection(type: GraphQLObjectType, depth: number, random: () => number): string {
    const chosen = Object.values(type.getFields())
      .filter((field) => isFree(field))
      .filter(({ type: of }) => depth > 0 || !isCompositeType(getNamedType(of)))
      .filter(() => random() < 0.4);
    const parts = chosen.map((field) => {
      const named = getNamedType(field.type);
      const alias = random() < 0.2 ? `${field.name}_again: ` : "";
      const below = isObjectType(named) ? ` { ${selection(named, depth - 1, random)} }` : "";
      const text = `${alias}${field.name}${below}`;
      return random() < 0.1 ? `... on ${type.name} { ${text} }` : text;
    });
    return ["__typename", ...parts].join(" ");
  }

  test("are answered alike by plan and graphql-js", async () => {
    let state = readSeed();
    const random = () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 2 ** 31;
    let answered = 0;
    for (let round = 0; round < 150; round++) {
      const query = `{ ${selection(ours.getQueryType()!, 4, random)} }`;
      const plan = planned(ours, query);
      const contextOf = () => ({
        ...server.app.deps,
        viewer: anonymous,
        budget: ample(),
        requestId: "1",
        log: server.app.deps.log,
      });
      const { data, errors } = await execute({
        schema: ours,
        document: parse(query),
        contextValue: contextOf(),
      });
      const answer = await plan?.execute(contextOf(), {});
      if (errors != null) expect(answer, query).toBeUndefined();
      else if (plan != null) {
        expect(JSON.stringify(answer), query).toBe(JSON.stringify(data));
        answered++;
      }
    }
    expect(answered).toBeGreaterThan(30);
  });
});
