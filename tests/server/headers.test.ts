import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../generated/index.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer as startStore, startSharedServer, type TestServer } from "../support/server.ts";
import { upload } from "../support/uploading.ts";
import { RawClient } from "./raw.ts";

let server: TestServer;
const paths = { file: "", thumbnail: "" };
beforeAll(async () => {
  server = await startSharedServer({ env: { DERIVATIVES_AHEAD: "false" } });
  const { entity } = await upload(server, await makeJpeg());
  const { entity: found } = await server.run(URLS, { id: entity.id });
  Object.assign(paths, { file: found?.fileUrl, thumbnail: found?.thumbnail?.url });
});
afterAll(() => server.stop());

const URLS = graphql(`
  query HeaderUrls($id: ID!) {
    entity(id: $id) {
      fileUrl
      thumbnail(width: 100) {
        url
      }
    }
  }
`);

const always = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};
const data = {
  ...always,
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
};

const json = { "content-type": "application/json" };
const ask = (body: string, headers: Record<string, string> = json): RequestInit => ({
  ...{ method: "POST", headers, body },
});
const page = { headers: { accept: "text/html" } };

describe("an answer is not sniffed, framed, run or embedded elsewhere", () => {
  test.each<[what: string, path: string, init: RequestInit, status: number]>([
    ["data", "/graphql", ask('{"query":"{ stats { entities } }"}'), 200],
    ["a wrong document", "/graphql", ask('{"query":"{ nope }"}'), 400],
    [
      "an entity that is not there",
      "/graphql",
      ask('{"query":"mutation { restoreEntity(id: 9) { entity { id } } }"}'),
      404,
    ],
    ["a forged request", "/graphql", ask("x", { "content-type": "text/plain" }), 403],
    ["a method that is none", "/graphql", { ...ask("x"), method: "PUT" }, 405],
    ["a body that is too large", "/graphql", ask(`{"query":"${"x".repeat(1_100_000)}"}`), 413],
    ["a type that is none", "/graphql", ask("x", { "content-type": "application/xml" }), 415],
    ["nothing", "/nothing", {}, 404],
    ["a file that is not there", "/files/nothing", {}, 404],
    ["the health check", "/health", {}, 200],
  ])("%s", async (_what, path, init, status) => {
    const response = await fetch(server.url + path, init);
    await response.arrayBuffer();
    expect(response.status).toBe(status);
    expect(Object.fromEntries(response.headers)).toMatchObject(data);
    expect(response.headers.get("strict-transport-security")).toBeNull();
    expect(response.headers.get("x-powered-by")).toBeNull();
    expect(response.headers.get("server")).toBeNull();
  });

  test.each(["/", "/graphql"])("the page at %s, which may run scripts, of this server only", async (path) => {
    const response = await fetch(server.url + path, page);
    await response.arrayBuffer();
    expect(Object.fromEntries(response.headers)).toMatchObject(always);
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:|\*/);
  });

  test.each(["file", "thumbnail"] as const)(
    "a %s, and a 304 says no other than the 200 before",
    async (what) => {
      const whole = await fetch(server.url + paths[what]);
      await whole.arrayBuffer();
      expect(whole.status).toBe(200);
      const policies = {
        ...always,
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "same-site",
      };
      expect(Object.fromEntries(whole.headers)).toMatchObject(policies);
      const known = await fetch(server.url + paths[what], {
        headers: { "if-none-match": whole.headers.get("etag")! },
      });
      expect(known.status).toBe(304);
      expect(Object.fromEntries(known.headers)).toMatchObject(policies);
      const part = await fetch(server.url + paths[what], { headers: { range: "bytes=0-3" } });
      await part.arrayBuffer();
      expect(part.status).toBe(206);
      expect(Object.fromEntries(part.headers)).toMatchObject(policies);
      const none = await fetch(server.url + paths[what], { headers: { range: "bytes=99999999-" } });
      await none.arrayBuffer();
      expect(none.status).toBe(416);
      expect(Object.fromEntries(none.headers)).toMatchObject(always);
    },
  );

  test.each([
    ["what is no HTTP", "hello\r\n\r\n"],
    [
      "a WebSocket that is refused",
      "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
  ])("the answer to %s", async (_what, request) => {
    const client = await RawClient.open(server.url);
    await client.send(request);
    const answer = await client.answer();
    expect(answer?.status).toBe(400);
    expect(Object.fromEntries(answer!.headers)).toMatchObject(data);
    client.close();
  });
});

describe("PUBLIC_URL", () => {
  test("behind TLS makes browsers stay there", async () => {
    const store = await startStore({ env: { PUBLIC_URL: "https://media.example/library" } });
    const response = await fetch(`${store.url}/health`);
    expect(response.headers.get("strict-transport-security")).toBe("max-age=31536000");
  });

  test("names a host that the server answers to, and no other", async () => {
    const store = await startStore({ env: { PUBLIC_URL: "https://Media.example:8443" } });
    const status = async (host: string) => {
      const client = await RawClient.open(store.url);
      await client.send(`GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      const answer = await client.answer();
      client.close();
      return answer?.status;
    };
    expect(await status("media.example:8443")).toBe(200);
    expect(await status("media.example")).toBe(200);
    expect(await status("localhost")).toBe(200);
    expect(await status("evil.example")).toBe(421);
    expect(await status("x.media.example")).toBe(421);
  });
});
