import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpuFloorMs } from "../support/cpu.ts";
import { startServer, type Fixture } from "./fixture.ts";
import { RawClient } from "./raw.ts";

let server: Fixture;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

interface Reply {
  data?: unknown;
  errors?: {
    message: string;
    path?: string[];
    extensions: { code: string; requestId?: string; http?: unknown };
  }[];
}

async function ask(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const reply = JSON.parse(text) as Reply;
  const codes = reply.errors?.map(({ extensions }) => extensions.code);
  return {
    status: response.status,
    type: response.headers.get("content-type")?.split(";")[0],
    text,
    reply,
    codes,
  };
}

const newType = "application/graphql-response+json";
const oldType = "application/json";

describe("an answer", () => {
  test.each([
    // accept, then type and status of a success, then of a failure
    ["*/*", oldType, newType, 404],
    [newType, newType, newType, 404],
    [`${newType}, ${oldType};q=0.9`, newType, newType, 404],
    [`${oldType}, ${newType}`, oldType, newType, 404],
    ["application/*", oldType, newType, 404],
    [oldType, oldType, oldType, 200],
    [`${newType}; charset=utf-8, ${oldType}; charset=utf-8`, newType, newType, 404],
  ])("to a client that accepts %s", async (accept, successType, failureType, failureStatus) => {
    expect(await ask({ query: "{ hello }" }, { accept })).toMatchObject({ status: 200, type: successType });
    const failed = await ask({ query: "{ missing hello }" }, { accept });
    expect(failed).toMatchObject({ status: failureStatus, type: failureType, codes: ["NOT_FOUND"] });
    expect(failed.reply.data).toEqual({ missing: null, hello: "world" });
    expect(failed.reply.errors?.[0]?.path).toEqual(["missing"]);
  });

  test("is 406 to a client that accepts nothing we have", async () => {
    expect(await ask({ query: "{ hello }" }, { accept: "image/png" })).toMatchObject({ status: 406 });
  });

  test("takes the most severe status of several errors", async () => {
    expect(await ask({ query: "{ missing bug }" })).toMatchObject({
      status: 500,
      codes: ["NOT_FOUND", "INTERNAL_SERVER_ERROR"],
    });
  });

  test.each(["bug", "thrownText", "thrownGraphQL", "huge", "even", "big"])(
    "hides what went wrong in our own code: %s",
    async (fieldName) => {
      const { status, text, reply, codes } = await ask({ query: `{ ${fieldName} }` });
      expect({ status, codes }).toEqual({ status: 500, codes: ["INTERNAL_SERVER_ERROR"] });
      expect(text).not.toMatch(/secret|srv|BigInt|32-bit|\.ts|at /);
      const requestId = reply.errors?.[0]?.extensions.requestId;
      const line = server.logged.find((entry) => entry.includes(requestId!) && entry.includes('"level":50'));
      expect(JSON.parse(line!)).toMatchObject({ requestId, err: { stack: expect.any(String) as string } });
    },
  );
});

const nested = (open: string, depth: number, close: string) => open.repeat(depth) + close.repeat(depth);

describe("a request that is wrong", () => {
  test.each<[string, unknown, number, string?]>([
    ["a document that is no GraphQL", { query: "{" }, 400],
    ["an empty document", { query: "" }, 400],
    ["an unknown field", { query: "{ nope }" }, 400],
    ["an argument of the wrong kind", { query: '{ even(value: "x") }' }, 400],
    ["an argument a scalar refuses", { query: "{ even(value: 3) }" }, 400],
    [
      "a variable a scalar refuses",
      { query: "query($v: Even) { even(value: $v) }", variables: { v: 3 } },
      400,
    ],
    ["an operation that is not there", { query: "query A { hello }", operationName: "B" }, 400],
    ["two operations and no name", { query: "query A { hello } query B { hello }" }, 400],
    ["no document", { variables: {} }, 400],
    ["a document that is a number", { query: 7 }, 400],
    ["a document that is an array", { query: ["{ hello }"] }, 400],
    ["variables that are a string", { query: "{ hello }", variables: "x" }, 400],
    ["variables that are an array", { query: "{ hello }", variables: [] }, 400],
    ["a name that is a number", { query: "{ hello }", operationName: 7 }, 400],
    ["extensions that are a string", { query: "{ hello }", extensions: "x" }, 400],
    ["an unknown parameter", { query: "{ hello }", nope: 1 }, 400],
    ["__proto__ as a parameter", '{"query":"{ hello }","__proto__":{"x":1}}', 400],
    ["a batch", [{ query: "{ hello }" }], 400],
    ["null", "null", 400],
    ["a string", '"{ hello }"', 400],
    ["no JSON", "{", 400],
    ["nothing", "", 400],
    [
      "variables nested 200,000 deep",
      `{"query":"{hello}","variables":${nested('{"a":', 200_000, "").slice(0, -1)}:1`,
      400,
    ],
    ["arrays nested 200,000 deep", `{"query":"{hello}","variables":{"a":${nested("[", 200_000, "]")}}}`, 400],
    [
      "a selection nested 20,000 deep",
      { query: `${"{a".repeat(20_000)}${"}".repeat(20_000)}` },
      400,
      "QUERY_TOO_COMPLEX",
    ],
    [
      "a list nested 20,000 deep",
      { query: `{ nested(in: ${nested("[", 20_000, "]")}) }` },
      400,
      "QUERY_TOO_COMPLEX",
    ],
    [
      "a type nested 20,000 deep",
      { query: `query($v: ${nested("[", 20_000, "]")}) { hello }` },
      400,
      "QUERY_TOO_COMPLEX",
    ],
    ["a document over 64 KiB", { query: `{ hello } ${"x".repeat(65_536)}` }, 400, "QUERY_TOO_COMPLEX"],
    [
      "a document over 64 KiB of comments",
      { query: `{ hello } #${"x".repeat(65_536)}` },
      400,
      "QUERY_TOO_COMPLEX",
    ],
    [
      "a document over 64 KiB in bytes only",
      { query: `{ hello } #${"é".repeat(40_000)}` },
      400,
      "QUERY_TOO_COMPLEX",
    ],
    ["a body over 1 MiB", { query: "{ hello }", variables: { a: "x".repeat(1_100_000) } }, 413],
    [
      "fragments in a circle",
      { query: "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }" },
      400,
    ],
  ])("%s", async (_, body, status, code = "BAD_USER_INPUT") => {
    const floorMs = await cpuFloorMs();
    const startedAt = process.cpuUsage();
    const { text, codes, ...answer } = await ask(body);
    const { user, system } = process.cpuUsage(startedAt);
    expect(answer.status).toBe(status);
    expect(new Set(codes)).toEqual(new Set([code]));
    expect(text.length).toBeLessThan(2000);
    expect(text).not.toMatch(/node_modules|\.ts:|\.js:/);
    expect((user + system) / 1000).toBeLessThan(20 * floorMs);
    expect((await ask({ query: "{ hello }" })).reply).toMatchObject({ data: { hello: "world" } });
  });

  test("is answered without quoting it at length", async () => {
    const { text, status } = await ask({ query: `{ ${"x".repeat(60_000)} }` });
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(1000);
  });

  test("does not change objects that all requests share", async () => {
    await ask('{"query":"query($v: Any) { nested(in: $v) }","variables":{"v":{"__proto__":{"polluted":1}}}}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test.each([
    ["gzip", { "content-encoding": "gzip" }],
    ["UTF-7", { "content-type": "application/json; charset=utf-7" }],
    ["UTF-16", { "content-type": 'application/json; charset="utf-16le"' }],
    ["XML", { "content-type": "application/xml" }],
    ["plain GraphQL", { "content-type": "application/graphql" }],
  ])("in %s is 415", async (_, headers) => {
    expect(await ask({ query: "{ hello }" }, headers)).toMatchObject({
      status: 415,
      codes: ["BAD_USER_INPUT"],
    });
  });

  test("that announces too much is refused before it is sent", async () => {
    const client = await RawClient.open(server.url);
    await client.send(
      "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2000000000\r\n\r\n",
    );
    expect((await client.answer())?.status).toBe(413);
    client.close();
  });

  test("sent in chunks is bounded too", async () => {
    const client = await RawClient.open(server.url);
    await client.send(
      "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    // 2710 is 10,000 in the hexadecimal of chunk sizes.
    const chunk = `2710\r\n${"x".repeat(10_000)}\r\n`;
    void client.send(`${chunk.repeat(200)}0\r\n\r\n`);
    expect((await client.answer())?.status).toBe(413);
    client.close();
  });
});

describe("a GET request", () => {
  const get = (search: string, headers: Record<string, string> = { "x-graphql-yoga-csrf": "1" }) =>
    fetch(`${server.url}/graphql?${search}`, { headers });

  test("may query", async () => {
    const query = encodeURIComponent("query Q($v: Even) { even(value: $v) }");
    const response = await get(`query=${query}&operationName=Q&variables=${encodeURIComponent('{"v":4}')}`);
    expect(await response.json()).toMatchObject({ data: { even: 4 } });
  });

  // Seen: 200 to clients that accept application/json alone, and in a stream of events. Yoga's refusal is one of GraphQL's
  // errors, and those leave the status at 200 there; the method of a request is HTTP's business.
  test.each([
    ["*/*", newType],
    ["", newType],
    [oldType, oldType],
    [newType, newType],
    [`${oldType}, text/event-stream`, oldType],
    ["text/event-stream", oldType],
  ])("never runs a mutation, cached or not, for a client that accepts %j", async (accept, type) => {
    const named = "query A { hello } mutation B { touch }";
    const headers = { "x-graphql-yoga-csrf": "1", ...(accept !== "" && { accept }) };
    const touch = "query=mutation{touch}";
    const other = ["query=mutation{nothing}", `query=${encodeURIComponent(named)}&operationName=B`];
    for (const search of [touch, touch, ...other]) {
      const response = await get(search, headers);
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("POST");
      expect(response.headers.get("content-type")).toBe(`${type}; charset=utf-8`);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
    }
    const query = await get(`query=${encodeURIComponent(named)}&operationName=A`, headers);
    expect(query.status).toBe(200);
    await query.body?.cancel();
  });
});
