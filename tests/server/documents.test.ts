import { getIntrospectionQuery } from "graphql";
import { WebSocket } from "ws";
import { afterEach, describe, expect, test } from "vitest";
import { cpuFloorMs, cpuMsOf } from "../support/cpu.ts";
import { startServer, type TestServer } from "../support/server.ts";

let server: TestServer;

interface Failure {
  readonly message: string;
  readonly extensions: { readonly code: string };
}
interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly Failure[];
}

async function overHttp(query: string, variables?: unknown): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

async function asEvents(query: string, variables?: unknown): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  return JSON.parse(/^data: ?(\{.*)$/m.exec(text)?.[1] ?? text) as Answer;
}

function overWebSocket(query: string, variables?: unknown): Promise<Answer> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("open", () => {
      socket.send('{"type":"connection_init"}');
    });
    socket.on("message", (data: Buffer) => {
      const { type, payload } = JSON.parse(data.toString()) as { type: string; payload?: unknown };
      if (type === "connection_ack")
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query, variables } }));
      else if (type === "next" || type === "error") {
        // What a message of these types carries.
        resolve(type === "next" ? (payload as Answer) : { errors: payload as readonly Failure[] });
        socket.close();
      }
    });
  });
}

const ways = [
  ["HTTP", overHttp],
  ["server-sent events", asEvents],
  ["a WebSocket", overWebSocket],
] as const;

const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions.code);

afterEach(async () => {
  // The process lives, and answers what is usual.
  expect(await overHttp("{ stats { entities } }")).toMatchObject({ data: { stats: { entities: 0 } } });
});

describe.each(ways)("over %s", (_way, ask) => {
  test("a document of too many words is refused before it is looked at", async () => {
    server = await startServer();
    const query = `{ stats { ${"bytes ".repeat(5_000)} } }`;
    const { errors } = await ask(query);
    expect(errors?.map(({ message }) => message)).toEqual([
      "The GraphQL document has more than the 5000 tokens allowed (QUERY_TOKENS_MAX)",
    ]);
    expect(codesOf({ errors: errors! })).toEqual(["QUERY_TOO_COMPLEX"]);
    expect(codesOf(await ask(query.replace("bytes ".repeat(4_900), "")))).toEqual([]);
  });

  test("so are too many directives, known or not", async () => {
    server = await startServer({ env: { QUERY_DIRECTIVES_MAX: "3" } });
    const query = (count: number) =>
      `{ stats { ${Array.from({ length: count }, (_, at) => `f${at}: bytes @include(if: true)`).join(" ")} # @@@@\n} }`;
    expect(codesOf(await ask(query(3)))).toEqual([]);
    for (const wrong of [
      query(4),
      `{ stats { bytes ${"@a".repeat(4)} } }`,
      "query @a @b @c @d { stats { bytes } }",
    ])
      expect(await ask(wrong)).toMatchObject({
        errors: [
          {
            message: "The GraphQL document has more than the 3 directives allowed (QUERY_DIRECTIVES_MAX)",
            extensions: { code: "QUERY_TOO_COMPLEX" },
          },
        ],
      });
  });

  const guess = "{ statts { bytes } }";
  const enumGuess = "query ($scope: TrashScope!) { entities(trash: $scope) { pagination { totalItems } } }";

  test("the schema may be queried, and misspelt names get suggestions, unless switched off", async () => {
    server = await startServer();
    expect(codesOf(await ask('{ __schema { queryType { name } } __type(name: "Entity") { name } }'))).toEqual(
      [],
    );
    expect((await ask(guess)).errors?.[0]?.message).toContain('Did you mean "stats"?');
  });

  test("where INTROSPECTION is off it may not, and they are not, however often they ask", async () => {
    server = await startServer({ env: { INTROSPECTION: "false" } });
    for (let turn = 0; turn < 2; turn++) {
      for (const query of [
        getIntrospectionQuery({ descriptions: false }),
        '{ __type(name: "Entity") { name } }',
        "{ ...A } fragment A on Query { a: __schema { queryType { name } } }",
      ]) {
        const answer = await ask(query);
        expect(answer.data ?? null).toBeNull();
        expect(new Set(codesOf(answer))).toEqual(new Set(["BAD_USER_INPUT"]));
      }
      const wrong = await ask(guess);
      expect(wrong.errors?.map(({ message }) => message)).toEqual([
        'Cannot query field "statts" on type "Query".',
      ]);
      const value = await ask(enumGuess, { scope: "LIFE" });
      expect(codesOf(value)).toEqual(["BAD_USER_INPUT"]);
      expect(JSON.stringify(value)).not.toMatch(/Did you mean|LIVE/);
      expect(codesOf(await ask("{ __typename stats { __typename bytes } }"))).toEqual([]);
    }
  });
});

describe("what is expensive to look at is refused at once", () => {
  const spreads = (count: number) => Array.from({ length: count }, (_, at) => `...F${at}`).join(" ");
  const fragments = (count: number, body: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => `fragment F${at} on Query { ${body(at)} }`).join(" ");

  test.each<[what: string, query: string]>([
    ["fragments in a circle of 500", `{ ...F0 } ${fragments(500, (at) => `...F${(at + 1) % 500}`)}`],
    [
      "fragments that double each other 300 times",
      `{ ...F0 } ${fragments(300, (at) => (at < 299 ? `...F${at + 1} ...F${at + 1}` : "nope"))}`,
    ],
    [
      "2^16 fields by fragments",
      `{ ...F0 } ${fragments(17, (at) => (at < 16 ? `a${at}: __typename ...F${at + 1} ...F${at + 1}` : "nope"))}`,
    ],
    [
      "fragments compared with fragments",
      `{ ${spreads(300)} } ${fragments(300, (at) => `stats { a${at}: bytes } nope`)}`,
    ],
    ["one field 4,900 times", `{ stats { ${"bytes ".repeat(4_900)} nope } }`],
    ["one object 1,200 times", `{ ${"stats{bytes}".repeat(1_200)} nope }`],
    ["4,900 unknown fields", `{ ${Array.from({ length: 4_900 }, (_, at) => `a${at}`).join(" ")} }`],
    [
      "1,200 variables",
      `query (${Array.from({ length: 1_200 }, (_, at) => `$a${at}: Int`).join(" ")}) { nope }`,
    ],
    ["1,600 arguments", `{ entity(${"id:1 ".repeat(1_600)}) { id } }`],
    ["30,000 tokens", "{a}".repeat(10_000)],
    ["30,000 directives", `{ stats { bytes ${"@a".repeat(30_000)} } }`],
  ])("%s", async (_what, query) => {
    server = await startServer();
    await overHttp("{ nope }");
    const floorMs = await cpuFloorMs();
    let answer: Answer = {};
    const tookMs = await cpuMsOf(async () => (answer = await overHttp(query)));
    expect(tookMs).toBeLessThan(20 * floorMs);
    expect(codesOf(answer).length).toBeGreaterThan(0);
    for (const code of codesOf(answer)) expect(["BAD_USER_INPUT", "QUERY_TOO_COMPLEX"]).toContain(code);
    expect(JSON.stringify(answer).length).toBeLessThan(60_000);
  });
});
