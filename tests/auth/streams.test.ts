import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createClient, type ClientOptions } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createKey, revokeKey } from "../../src/auth/keys.ts";
import { clientOf } from "../support/client.ts";
import { CREATE_COLLECTION } from "../support/documents.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { claims, sign, trusting } from "./issuer.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ env: trusting() });
});
afterAll(() => server.stop());

const query = "subscription { entityChanged { label } }";

const makeKey = () =>
  createKey(server.app.deps, { name: "stream", permissions: ["read", "write"], expiresAt: null });

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const soon = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

/** Opens a connection. @returns how it ended, or what an operation on it gave. */
function openSocket(
  operation: string,
  options: Partial<ClientOptions>,
  headers: Record<string, string> = {},
) {
  class Socket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, { headers });
    }
  }
  return new Promise<{ closed?: { code: number; reason: string }; results: unknown[] }>((resolve) => {
    const results: unknown[] = [];
    const client = createClient({
      url: `${server.url.replace("http", "ws")}/graphql`,
      ...{ webSocketImpl: Socket, retryAttempts: 0, lazy: true },
      ...options,
    });
    client.on("closed", (event) => {
      const { code, reason } = event as { code: number; reason: string };
      resolve({ closed: { code, reason }, results });
    });
    client.subscribe(
      { query: operation },
      {
        next: (result) => results.push(result),
        error: (error) => results.push(error),
        complete: () => {
          resolve({ results });
          void client.dispose();
        },
      },
    );
  });
}

describe("a WebSocket", () => {
  const stats = "{ stats { entities } }";

  test("is known by its header or by what its first message brings", async () => {
    const authorization = `Bearer ${await sign()}`;
    const extensions = { cost: expect.anything() as unknown, transactionId: expect.any(String) as string };
    const ok = { results: [{ data: { stats: { entities: expect.any(Number) as number } }, extensions }] };
    expect(await openSocket(stats, { connectionParams: { authorization } })).toEqual(ok);
    expect(await openSocket(stats, {}, { authorization })).toEqual(ok);
  });

  test("without authentication is refused by each operation", async () => {
    const { results } = await openSocket(stats, {});
    expect(JSON.stringify(results)).toContain("UNAUTHENTICATED");
    const subscribed = await openSocket(query, {});
    expect(JSON.stringify(subscribed.results)).toContain("UNAUTHENTICATED");
  });

  test("with a token that is not accepted is closed with 4401 and the reason", async () => {
    for (const authorization of ["Bearer garbage", "Basic YTpi", 7])
      expect(await openSocket(stats, { connectionParams: { authorization } })).toMatchObject({
        closed: { code: 4401, reason: expect.stringMatching(/token|Bearer|string/) as string },
      });
  });

  test("whose key is revoked may do nothing more, and gets no more changes", async () => {
    const { id, key } = await makeKey();
    const client = createClient({
      url: `${server.url.replace("http", "ws")}/graphql`,
      ...{ webSocketImpl: WebSocket, retryAttempts: 0, lazy: false, onNonLazyError: () => undefined },
      connectionParams: { authorization: `Bearer ${key}` },
    });
    const ask = (operation: string) =>
      new Promise<string>((resolve) => {
        const told: unknown[] = [];
        const end = (error?: unknown) => {
          resolve(JSON.stringify([...told, error]));
        };
        client.subscribe(
          { query: operation },
          { next: (result) => told.push(result), error: end, complete: end },
        );
      });
    const make = 'mutation { createCollection(input: { label: "by key" }) { entity { id } } }';
    const changes = ask(query);
    expect(await ask(make)).toContain('"id"');
    await revokeKey(server.app.deps, id);
    const refused = await ask(make);
    expect(refused).toContain("UNAUTHENTICATED");
    expect(refused).not.toContain('"id"');
    await clientOf(server.url, await sign()).run(CREATE_COLLECTION, { input: { label: "secret" } });
    expect(await changes).toContain("UNAUTHENTICATED");
    expect(await changes).not.toContain("secret");
    await client.dispose();
  });

  test("ends when its token does", async () => {
    const authorization = `Bearer ${await sign(claims({ exp: soon(2) }))}`;
    expect(await openSocket(query, { connectionParams: { authorization } })).toMatchObject({
      closed: { code: 4401, reason: "The token has expired" },
    });
  });
});

describe("server-sent events", () => {
  const open = async (token?: string) =>
    fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: {
        ...{ "content-type": "application/json", accept: "text/event-stream" },
        ...(token == null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query }),
    });

  test("need the permission", async () => {
    expect(await (await open()).text()).toContain("UNAUTHENTICATED");
    expect(await (await open(await sign(claims({ permissions: [] })))).text()).toContain("FORBIDDEN");
    expect((await open("garbage")).status).toBe(401);
  });

  // Streams went on forever: what was to end them was an AbortSignal.timeout in an AbortSignal.any, which Node 20
  // collects as garbage before it has come to anything.
  test("come until the token expires, also after garbage collection", async () => {
    const stream = await open(await sign(claims({ exp: soon(2) })));
    const text = new Response(stream.body).text().catch((error: unknown) => String(error));
    await clientOf(server.url, await sign()).run(CREATE_COLLECTION, { input: { label: "seen" } });
    const collecting = setInterval(collectGarbage, 100);
    // The connection breaks off: nothing says that this was all.
    expect(await text).toMatch(/terminated|seen/);
    clearInterval(collecting);
  });

  test("end with a code when the key is revoked, before another event is sent", async () => {
    const { id, key } = await makeKey();
    const stream = await open(key);
    const text = new Response(stream.body).text();
    await revokeKey(server.app.deps, id);
    await clientOf(server.url, await sign()).run(CREATE_COLLECTION, { input: { label: "secret" } });
    expect(await text).toContain("UNAUTHENTICATED");
    expect(await text).not.toContain("secret");
  });
});
