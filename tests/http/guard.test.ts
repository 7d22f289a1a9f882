import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHostCheck } from "../../src/http/guard.ts";
import { startServer, type Fixture } from "./fixture.ts";
import { RawClient } from "./raw.ts";

let server: Fixture;

beforeAll(async () => {
  server = await startServer({}, { hosts: ["media.example"] });
});
afterAll(() => server.close());

async function exchange(method: string, path: string, headers: Record<string, string>, body = "") {
  const client = await RawClient.open(server.url);
  const lines = Object.entries({ Host: "localhost", "Content-Length": String(body.length), ...headers });
  await client.send(
    `${method} ${path} HTTP/1.1\r\n${lines.map((line) => line.join(": ")).join("\r\n")}\r\n\r\n${body}`,
  );
  // The answer to HEAD has a length, but no body.
  const answer = method === "HEAD" ? undefined : await client.answer();
  client.close();
  return answer;
}

const json = '{"query":"mutation{touch}"}';

describe("a request that a page of another origin could send unasked", () => {
  test.each([
    ["a form with files", "POST", "multipart/form-data; boundary=b"],
    ["a plain form", "POST", "application/x-www-form-urlencoded"],
    ["text", "POST", "text/plain"],
    ["text that says it is JSON", "POST", "text/plain; application/json"],
    ["TEXT in capitals", "POST", "TEXT/PLAIN"],
    ["a GET", "GET", "application/json"],
  ])("is refused without one of our headers: %s", async (_, method, type) => {
    const answer = await exchange(
      method,
      "/graphql?query={hello}",
      { "Content-Type": type },
      method === "GET" ? "" : json,
    );
    expect(answer?.status).toBe(403);
    expect(answer?.body).toContain('"code":"FORBIDDEN"');
    expect(answer?.body).toContain("x-graphql-yoga-csrf: 1");
    expect([...answer!.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("is refused without any content type", async () => {
    expect((await exchange("POST", "/graphql", {}, json))?.status).toBe(403);
  });

  test("is refused when the header is empty", async () => {
    expect((await exchange("GET", "/graphql?query={hello}", { "x-graphql-yoga-csrf": "" }))?.status).toBe(
      403,
    );
  });

  test.each(["apollo-require-preflight", "x-graphql-yoga-csrf", "graphql-require-preflight"])(
    "is let in with %s",
    async (name) => {
      expect((await exchange("GET", "/graphql?query={hello}", { [name]: "x" }))?.body).toContain(
        '{"data":{"hello":"world"}',
      );
      const type = { "Content-Type": "application/x-www-form-urlencoded", [name]: "x" };
      expect((await exchange("POST", "/graphql", type, "query=mutation{touch}"))?.body).toContain(
        '{"data":{"touch":"touched"}',
      );
    },
  );

  test("does not exist as JSON, which needs a preflight, and the preflight is not granted", async () => {
    expect((await exchange("POST", "/graphql", { "Content-Type": "application/json" }, json))?.status).toBe(
      200,
    );
    const preflight = await exchange("OPTIONS", "/graphql", {
      Origin: "https://evil.example",
      "Access-Control-Request-Method": "POST",
      "Content-Type": "application/json",
    });
    expect(preflight?.status).toBe(405);
    expect(preflight?.headers.has("access-control-allow-origin")).toBe(false);
  });
});

describe("a request for another host", () => {
  test.each([
    "evil.example",
    "evil.example:4000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "0.0.0.0",
    "[::2]:80",
    "",
  ])("is refused on loopback, as DNS rebinding sends it: %s", async (host) => {
    const answer = await exchange(
      "POST",
      "/graphql",
      { Host: host, "Content-Type": "application/json" },
      json,
    );
    expect(answer?.status).toBe(421);
    expect(answer?.body).toContain('"code":"FORBIDDEN"');
  });

  test.each(["localhost", "LOCALHOST:80", "127.0.0.1:4000", "[::1]:4000", "media.example"])(
    "is no such one: %s",
    async (host) => {
      expect(
        (await exchange("POST", "/graphql", { Host: host, "Content-Type": "application/json" }, json))
          ?.status,
      ).toBe(200);
    },
  );

  test("is nothing a server that other machines reach can tell", () => {
    expect(() => {
      createHostCheck("0.0.0.0")({ headers: { host: "media.example" } });
    }).not.toThrow();
    expect(() => {
      createHostCheck("::1")({ headers: { host: "media.example" } });
    }).toThrow();
    expect(() => {
      createHostCheck("::1")({ headers: { host: "[::1]:4000" } });
    }).not.toThrow();
  });
});
