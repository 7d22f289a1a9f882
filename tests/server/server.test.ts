import { afterEach, describe, expect, test } from "vitest";
import { closeGate, gate, startServer, type Fixture } from "./fixture.ts";
import { RequestRefusedError } from "../../src/server/errors.ts";
import { normalUpload, RawClient } from "./raw.ts";

let server: Fixture;

afterEach(async () => {
  gate.open();
  await server.close();
});

const ask = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

const jsonRequest = (query: string) => {
  const body = JSON.stringify({ query });
  return `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};

describe("the server", () => {
  test("writes one line per request, without what was asked or answered", async () => {
    server = await startServer();
    const query = 'query Look { echo(text: "secret in the document") }';
    const response = await ask(
      { query, operationName: "Look", variables: { a: "secret variable" } },
      { authorization: "Bearer secret", "x-request-id": "from-proxy.1" },
    );
    await response.text();
    await expect.poll(() => server.logged).toHaveLength(1);
    const line = JSON.parse(server.logged[0]!) as Record<string, unknown>;
    expect(line).toMatchObject({
      requestId: "from-proxy.1",
      method: "POST",
      path: "/graphql",
      operationName: "Look",
      status: 200,
      ms: expect.any(Number) as number,
    });
    expect(server.logged[0]).not.toContain("secret");
  });

  test("keeps the names of what was looked for out of its log's path", async () => {
    server = await startServer();
    await fetch(`${server.url}/${"x".repeat(500)}?query=secret`);
    await expect.poll(() => server.logged).toHaveLength(1);
    expect(server.logged[0]).not.toContain("secret");
    expect(server.logged[0]!.length).toBeLessThan(400);
  });

  test.each(["a b", "x".repeat(65), "täst", "<script>", ""])(
    "gives a request its own id instead of '%s'",
    async (id) => {
      server = await startServer();
      const client = await RawClient.open(server.url);
      await client.send(
        Buffer.from(`GET /health HTTP/1.1\r\nHost: localhost\r\nx-request-id: ${id}\r\n\r\n`),
      );
      expect((await client.answer())?.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      client.close();
    },
  );

  test("protects every answer from being sniffed or framed", async () => {
    server = await startServer();
    for (const path of ["/graphql", "/health", "/nothing", "/"]) {
      const { headers } = await fetch(server.url + path, {
        headers: { accept: "text/html" },
        redirect: "manual",
      });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });

  test("has a health check, and says so in JSON where there is nothing", async () => {
    server = await startServer();
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    for (const path of ["/graphql/x", "/media/../../etc/passwd", "/x/health"]) {
      const response = await fetch(server.url + path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('"code":"NOT_FOUND"');
    }
  });

  test("shows no GraphiQL where it is switched off", async () => {
    server = await startServer({ GRAPHIQL: "false" });
    const response = await fetch(`${server.url}/graphql`, { headers: { accept: "text/html" } });
    expect(response.status).toBe(403);
  });

  test("ends a request whose body does not come", async () => {
    server = await startServer({ BODY_TIMEOUT_MS: "100" });
    const client = await RawClient.open(server.url);
    await client.send(jsonRequest("{ hello }").slice(0, -5));
    expect((await client.answer())?.status).toBe(408);
    client.close();
  });

  test.each([
    ["two lengths", "Content-Length: 5\r\nContent-Length: 6"],
    ["a negative length", "Content-Length: -5"],
    ["a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"],
    ["a chunk of no size", "Transfer-Encoding: chunked\r\n\r\nxyz"],
    ["a header of 20 KB", `X: ${"y".repeat(20_000)}`],
  ])("refuses and closes a request with %s", async (_, headers) => {
    server = await startServer();
    const client = await RawClient.open(server.url);
    await client.send(
      `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n\r\nhello`,
    );
    expect([400, 431]).toContain((await client.answer())?.status);
    await client.closed();
    expect((await ask({ query: "{ hello }" })).status).toBe(200);
  });
});

const upgrade =
  "GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n";

describe("a request is answered once, whichever failure occurs:", () => {
  // An answer that could not be sent, here for a header that Node refuses, was only the end of the connection.
  test("a fault outside of GraphQL is a 500 with a code, and the server goes on", async () => {
    const find = () => {
      throw new RequestRefusedError("NOT_FOUND", "gone", { headers: { "x-broken": "a\nb" } });
    };
    server = await startServer({}, { downloads: { files: find } });
    const response = await fetch(`${server.url}/files/a`);
    expect(response.status).toBe(500);
    const answer = (await response.json()) as { errors: { extensions: { requestId: string } }[] };
    expect(answer).toMatchObject({ errors: [{ extensions: { code: "INTERNAL_SERVER_ERROR" } }] });
    expect(answer.errors[0]!.extensions.requestId).toBe(response.headers.get("x-request-id"));
    expect(server.logged.join()).toContain("a request could not be answered");
    expect((await ask({ query: "{ hello }" })).status).toBe(200);
  });

  // Node forgets the requests before an upgrade: their answers came into the middle of it, or never.
  test("a request to upgrade waits for the answers to those before it on the connection", async () => {
    server = await startServer();
    closeGate();
    const client = await RawClient.open(server.url);
    await client.send(jsonRequest("{ slow }") + upgrade);
    await (await ask({ query: "{ hello }" })).text();
    gate.open();
    expect((await client.answer())?.body).toContain("done");
    expect((await client.answer())?.status).toBe(101);
    client.close();
  });

  test.each([
    ["another path", upgrade.replace("/graphql", "/elsewhere"), 400],
    ["no host", upgrade.replace("Host: localhost\r\n", ""), 400],
    ["two hosts", upgrade.replace("Host:", "Host: localhost\r\nHost:"), 400],
    ["a foreign host", upgrade.replace("localhost", "evil.example"), 421],
    ["a foreign origin", upgrade.replace("Host:", "Origin: http://evil.example\r\nHost:"), 403],
    ["another version", upgrade.replace("Version: 13", "Version: 1"), 400],
  ])("an upgrade with %s is refused and its connection ends", async (_, request, status) => {
    server = await startServer();
    const client = await RawClient.open(server.url);
    await client.send(request);
    expect((await client.answer())?.status).toBe(status);
    await client.closed();
  });

  test("an upgrade past WEB_SOCKETS_MAX is refused with Retry-After", async () => {
    server = await startServer({ WEB_SOCKETS_MAX: "0" });
    const client = await RawClient.open(server.url);
    await client.send(upgrade);
    const answer = await client.answer();
    expect([answer?.status, answer?.headers.get("retry-after")]).toEqual([503, "1"]);
    await client.closed();
  });
});

describe("a server that is closed", () => {
  // Idle connections were destroyed at once, also those over which a request was on its way.
  test("answers what still comes over open connections, WebSockets with 503, and ends each", async () => {
    server = await startServer();
    const [kept, fresh, socket] = await Promise.all([1, 2, 3].map(() => RawClient.open(server.url)));
    for (const client of [kept!, socket!]) {
      await client.send(jsonRequest("{ hello }"));
      expect((await client.answer())?.headers.get("connection")).toBe("keep-alive");
    }
    const closing = server.close();
    const sent = [kept!.send(jsonRequest("{ hello }")), fresh!.send(jsonRequest("{ hello }"))];
    await Promise.all([...sent, socket!.send(upgrade)]);
    for (const client of [kept!, fresh!]) {
      const answer = await client.answer();
      expect([answer?.status, answer?.headers.get("connection")]).toEqual([200, "close"]);
      await client.closed();
    }
    expect((await socket!.answer())?.status).toBe(503);
    await socket!.closed();
    await closing;
  });

  // Under the 30 s that ws by itself gives a silent client.
  const limit = { timeout: 25_000 };
  test(
    "does not wait longer for a WebSocket that says nothing than for any other request",
    limit,
    async () => {
      server = await startServer({ STOP_TIMEOUT_MS: "300" });
      const client = await RawClient.open(server.url);
      await client.send(upgrade);
      expect((await client.answer())?.status).toBe(101);
      await server.close();
    },
  );

  test("lets a running request finish and takes no other", async () => {
    server = await startServer();
    closeGate();
    const client = await RawClient.open(server.url);
    await client.send(jsonRequest("{ slow }"));
    // Answered behind the first on the server's side: so that one is certainly running.
    await (await ask({ query: "{ hello }" })).text();
    const closing = server.close();
    await expect(ask({ query: "{ hello }" })).rejects.toThrow();
    gate.open();
    expect((await client.answer())?.body).toContain('{"data":{"slow":"done"}');
    await client.closed();
    await closing;
  });

  test("closes connections that were only kept alive", async () => {
    // Longer than a test may last: the server waits for nothing.
    server = await startServer({ STOP_TIMEOUT_MS: "600000" });
    const client = await RawClient.open(server.url);
    await client.send(jsonRequest("{ hello }"));
    await client.answer();
    await server.close();
    await client.closed();
  });

  test("breaks off what takes too long, and cleans up behind it", async () => {
    server = await startServer({ STOP_TIMEOUT_MS: "200" });
    const client = await RawClient.open(server.url);
    await client.send(normalUpload("x".repeat(900_000)).subarray(0, 300_000));
    await expect.poll(() => server.staged()).toHaveLength(1);
    await server.stop();
    expect(await server.staged()).toEqual([]);
    expect(await client.answer()).toBeUndefined();
  });
});
