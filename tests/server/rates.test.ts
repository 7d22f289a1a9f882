import { WebSocket } from "ws";
import { afterEach, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { createDocuments } from "../../src/server/graphql/documents.ts";
import {
  createFailedLogins,
  createOperationRate,
  TooOftenError,
} from "../../src/server/admission/rate-limits.ts";
import { closeGate, gate, schema, startServer, type Fixture } from "./fixture.ts";
import { file, map, multipart, operations, post, RawClient, uploadOne } from "./raw.ts";

describe("operations are counted by root fields", () => {
  const documents = createDocuments(schema, readConfig({}));

  test.each<[query: string, count: number]>([
    ["{ hello }", 1],
    ["mutation { a: touch b: touch touch }", 3],
    ["mutation { ... { a: touch b: touch } ... on Mutation { touch } }", 3],
    ["mutation { ...A ...A } fragment A on Mutation { ...B ...B } fragment B on Mutation { touch }", 4],
    ["mutation { ...A } fragment A on Mutation { touch ...A }", 1],
    ["query A { hello } query B { hello a: hello }", 1],
    ["fragment A on Query { hello }", 1],
    ["{ hello { hello { hello } } }", 1],
  ])("%s", (query, count) => {
    expect(documents.rootFieldsOf({ query })).toBe(count);
  });

  test("that double each other are counted in full, and at once", () => {
    const levels = Array.from(
      { length: 60 },
      (_, at) => `fragment f${at} on Query { ...f${at + 1} ...f${at + 1} }`,
    );
    const query = `{ ...f0 } ${levels.join(" ")} fragment f60 on Query { hello }`;
    expect(documents.rootFieldsOf({ query })).toBe(2 ** 60);
  });
});

describe("a rate", () => {
  test("is counted for each viewer and for each address apart, with the time to wait", async () => {
    const rate = createOperationRate(3);
    const count = (actor: string | null, address: string, times = 1) =>
      rate?.count({ actor, address }, times);
    await count(null, "203.0.113.1", 3);
    await expect(count(null, "203.0.113.1")).rejects.toThrow(TooOftenError);
    await count(null, "203.0.113.2");
    await count("ann", "203.0.113.1", 2);
    await count("ann", "203.0.113.2");
    await expect(count("ann", "203.0.113.3")).rejects.toMatchObject({
      code: "RATE_LIMITED",
      retryAfterSeconds: 60,
    });
    await count("address 203.0.113.1", "203.0.113.3");
  });

  test("counts a network of IPv6 as one client", async () => {
    const rate = createOperationRate(1);
    await rate?.count({ actor: null, address: "2001:db8::1" }, 1);
    await expect(rate?.count({ actor: null, address: "2001:db8::2" }, 1)).rejects.toThrow(TooOftenError);
  });

  test("of nothing is no limit", () => {
    expect(createOperationRate(0)).toBeUndefined();
  });
});

describe("failed logins", () => {
  test("of one address end in a wait, which the next right one has too", async () => {
    const logins = createFailedLogins(3);
    for (let failed = 0; failed < 3; failed++) {
      await logins.check("203.0.113.1");
      logins.failedAuthentication("203.0.113.1");
    }
    await expect(logins.check("203.0.113.1")).rejects.toMatchObject({
      code: "RATE_LIMITED",
      retryAfterSeconds: 60,
    });
    await logins.check("203.0.113.2");
    // Noted once more, which nobody waits for: it must not end the process.
    logins.failedAuthentication("203.0.113.1");
    await expect(logins.check("203.0.113.1")).rejects.toThrow(TooOftenError);
  });

  test("are not counted where there is no limit", async () => {
    const logins = createFailedLogins(0);
    logins.failedAuthentication("203.0.113.1");
    await logins.check("203.0.113.1");
  });
});

describe("over HTTP", () => {
  let server: Fixture;
  afterEach(async () => {
    gate.open();
    await server.close();
  });

  const ask = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });

  test("every root field counts, and what is too much is 429 with the time to wait", async () => {
    server = await startServer({ OPERATIONS_PER_MINUTE_MAX: "5" });
    expect((await ask("mutation { a: touch b: touch c: touch }")).status).toBe(200);
    expect((await ask("{ hello }")).status).toBe(200);
    const refused = await ask("mutation { a: touch b: touch }");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED" } }] });
  });

  test("answers that are known already, wrong documents and uploads count too", async () => {
    server = await startServer({ OPERATIONS_PER_MINUTE_MAX: "4" });
    for (const [query, status] of [
      ["{ hello }", 200],
      ["{ hello }", 200],
      ["{", 400],
    ] as const)
      expect((await ask(query)).status).toBe(status);
    const upload = post(
      multipart([operations(uploadOne, { file: null }), map({ 0: ["variables.file"] }), file("0", "hello")]),
    );
    const client = await RawClient.open(server.url);
    await client.send(upload);
    expect((await client.answer())?.status).toBe(200);
    await client.send(upload);
    expect((await client.answer())?.status).toBe(429);
    client.close();
    expect(await server.staged()).toEqual([]);
  });

  test("a proxy's clients are counted apart where it is trusted, and as one where it is not", async () => {
    server = await startServer({ OPERATIONS_PER_MINUTE_MAX: "1", TRUST_PROXY: "127.0.0.1" });
    const from = async (address: string) => (await ask("{ hello }", { "x-forwarded-for": address })).status;
    expect([await from("203.0.113.1"), await from("203.0.113.2"), await from("203.0.113.1")]).toEqual([
      200, 200, 429,
    ]);
    await server.close();
    server = await startServer({ OPERATIONS_PER_MINUTE_MAX: "1" });
    expect([await from("203.0.113.1"), await from("203.0.113.2")]).toEqual([200, 429]);
  });

  test("operations over one WebSocket count each", async () => {
    server = await startServer({ OPERATIONS_PER_MINUTE_MAX: "2" });
    closeGate();
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    const codes: string[] = [];
    socket.on("open", () => {
      socket.send('{"type":"connection_init"}');
    });
    socket.on("message", (data: Buffer) => {
      const { type, payload } = JSON.parse(data.toString()) as {
        type: string;
        payload?: { extensions: { code: string } }[];
      };
      if (type === "connection_ack")
        for (const id of ["1", "2", "3"])
          socket.send(JSON.stringify({ id, type: "subscribe", payload: { query: "{ slow }" } }));
      if (type === "error") codes.push(...payload!.map(({ extensions }) => extensions.code));
    });
    await expect.poll(() => codes).toEqual(["RATE_LIMITED"]);
    socket.close();
  });
});
