import { WebSocket } from "ws";
import { afterEach, describe, expect, test } from "vitest";
import { graphql } from "../generated/index.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer as startStore } from "../support/server.ts";
import { upload } from "../support/uploading.ts";
import { startServer, type Fixture } from "./fixture.ts";

let server: Fixture;
afterEach(() => server.close());

const friend = "https://photos.example";
const stranger = "https://evil.example";

const body = '{"query":"{ hello }"}';
const json = { "content-type": "application/json" };

const ask = (origin: string | undefined, headers: Record<string, string> = json) =>
  fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { ...headers, ...(origin == null ? {} : { origin }) },
    body,
  });

const preflight = (origin: string, path = "/graphql") =>
  fetch(server.url + path, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });

const granted = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-allow")));

describe("without a list", () => {
  test.each([friend, "null", "http://localhost:4000"])("a page at %s gets nothing", async (origin) => {
    server = await startServer();
    for (const response of [await ask(origin), await preflight(origin)]) {
      expect(granted(response)).toEqual({});
      expect(response.headers.get("vary")).toBeNull();
    }
    expect((await preflight(origin)).status).toBe(403);
  });
});

describe("with a list", () => {
  const env = { CORS_ORIGINS: `${friend}, http://localhost:5173` };

  test.each([friend, "http://localhost:5173"])("a page at %s may read answers", async (origin) => {
    server = await startServer(env);
    const response = await ask(origin);
    expect(response.status).toBe(200);
    expect(granted(response)).toEqual({ "access-control-allow-origin": origin });
    expect(response.headers.get("vary")).toBe("origin");
    expect(response.headers.get("access-control-expose-headers")).toContain("x-request-id");
    expect(response.headers.get("access-control-expose-headers")).toContain("colan-seen-transaction");
  });

  test("its preflight allows what the API needs, for a while", async () => {
    server = await startServer(env);
    for (const path of ["/graphql", "/files/x", "/derivatives/x"]) {
      const response = await preflight(friend, path);
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-origin")).toBe(friend);
      expect(response.headers.get("access-control-allow-methods")).toBe("GET, HEAD, POST");
      const allowed = response.headers.get("access-control-allow-headers")?.split(", ");
      for (const name of [
        "authorization",
        "content-type",
        "x-graphql-yoga-csrf",
        "apollo-require-preflight",
        "range",
        "colan-seen-transaction",
        // Seen: browsers refused every request of an app across origins that sets Apollo's `clientAwareness`.
        "apollographql-client-name",
        "apollographql-client-version",
      ])
        expect(allowed).toContain(name);
      expect(response.headers.get("access-control-max-age")).toBe("7200");
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    }
  });

  test.each([
    stranger,
    "null",
    "https://photos.example.evil.example",
    "https://evil.photos.example",
    "http://photos.example",
    "https://photos.example:444",
    "HTTPS://PHOTOS.EXAMPLE",
    `${friend}, ${stranger}`,
    "*",
  ])("a page at %s gets nothing, and its origin is not repeated", async (origin) => {
    server = await startServer(env);
    for (const response of [await ask(origin), await preflight(origin)]) {
      expect(granted(response)).toEqual({});
      // A cache that has this answer must not give it to the page that may.
      expect(response.headers.get("vary")).toBe("origin");
    }
    expect((await preflight(origin)).status).toBe(403);
  });

  test("the page may read why it was refused, and is not spared the check against forged requests", async () => {
    server = await startServer(env);
    const refused = await ask(friend, { "content-type": "text/plain" });
    expect(refused.status).toBe(403);
    expect(granted(refused)).toEqual({ "access-control-allow-origin": friend });
    expect(await refused.text()).toContain("x-graphql-yoga-csrf");
  });

  test("an answer that varies with what is accepted says both", async () => {
    server = await startServer(env);
    const response = await fetch(`${server.url}/graphql?query={hello}`, {
      headers: { origin: friend, "x-graphql-yoga-csrf": "1" },
    });
    expect(response.headers.get("vary")).toBe("origin, accept");
    const events = await fetch(`${server.url}/graphql?query={hello}`, {
      headers: { origin: friend, accept: "text/event-stream", "x-graphql-yoga-csrf": "1" },
    });
    expect(granted(events)).toEqual({ "access-control-allow-origin": friend });
    await events.body?.cancel();
  });

  test("credentials are a setting of their own", async () => {
    server = await startServer({ ...env, CORS_CREDENTIALS: "true" });
    for (const response of [await ask(friend), await preflight(friend)])
      expect(response.headers.get("access-control-allow-credentials")).toBe("true");
    expect(granted(await ask(stranger))).toEqual({});
  });
});

test("with * every page may read, and none with credentials", async () => {
  server = await startServer({ CORS_ORIGINS: "*" });
  for (const origin of [friend, stranger, "null"])
    expect(granted(await ask(origin))).toEqual({ "access-control-allow-origin": "*" });
  expect((await preflight(stranger)).status).toBe(204);
});

describe("a WebSocket", () => {
  const open = (origin: string | undefined) =>
    new Promise<number>((resolve) => {
      const url = `${server.url.replace("http", "ws")}/graphql`;
      const socket = new WebSocket(url, "graphql-transport-ws", origin == null ? {} : { origin });
      socket.on("open", () => {
        socket.close();
        resolve(101);
      });
      socket.on("unexpected-response", (_request, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      socket.on("error", () => undefined);
    });

  test("may be opened by pages of the same list", async () => {
    server = await startServer({ CORS_ORIGINS: friend });
    expect([await open(friend), await open(undefined), await open(server.url)]).toEqual([101, 101, 101]);
    expect([await open(stranger), await open("null"), await open(`${friend}.evil.example`)]).toEqual([
      403, 403, 403,
    ]);
    await server.close();
    server = await startServer();
    expect(await open(friend)).toBe(403);
    await server.close();
    server = await startServer({ CORS_ORIGINS: "*" });
    expect(await open(stranger)).toBe(101);
  });
});

const URLS = graphql(`
  query CorsUrls($id: ID!) {
    entity(id: $id) {
      fileUrl
      thumbnail(width: 100) {
        url
      }
    }
  }
`);

test("files and derivatives obey the same list, and may then be shown elsewhere", async () => {
  server = await startServer();
  const store = await startStore({ env: { CORS_ORIGINS: friend } });
  const { entity } = await upload(store, await makeJpeg());
  const { entity: found } = await store.run(URLS, { id: entity.id });
  for (const path of [found!.fileUrl!, found!.thumbnail!.url]) {
    const get = (headers: Record<string, string>) => fetch(store.url + path, { headers });
    const allowed = await get({ origin: friend });
    expect(granted(allowed)).toEqual({ "access-control-allow-origin": friend });
    expect(allowed.headers.get("access-control-expose-headers")).toContain("content-range");
    expect(allowed.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    const known = await get({ origin: friend, "if-none-match": allowed.headers.get("etag")! });
    expect([known.status, granted(known)]).toEqual([304, { "access-control-allow-origin": friend }]);
    const other = await get({ origin: stranger });
    expect([granted(other), other.headers.get("vary")]).toEqual([{}, "origin"]);
  }
});
