import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pino } from "pino";
import { readConfig } from "../../src/config/config.ts";
import { createAdmission } from "../../src/server/admission/admission.ts";
import { createHostCheck, hostRulesOf } from "../../src/server/admission/cross-site.ts";
import { startServer, type Fixture } from "./fixture.ts";
import { RawClient } from "./raw.ts";

let server: Fixture;

beforeAll(async () => {
  server = await startServer({ ALLOWED_HOSTS: "media.example" });
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
});

// Listens on loopback only, and is to the rules what any other machine can reach.
const open = { HOST: "::ffff:127.0.0.1", ALLOW_OPEN_ACCESS: "true" };

// A server with HOST=0.0.0.0 checked nothing, whatever ALLOWED_HOSTS said: a page whose name was pointed at it, as that
// of a container on its visitor's machine, could read and destroy the library.
describe("a server that other machines can reach", () => {
  const rebound = "rebind.evil.example";
  const local = ["localhost", "192.168.1.5", "[fd00::5]", "media-store", "nas.local"];

  const answerTo = async (env: Record<string, string>, hosts: readonly string[]) => {
    const own = await startServer({ ...open, ...env });
    const answers: Record<string, number | undefined> = {};
    for (const host of hosts) {
      const client = await RawClient.open(`http://127.0.0.1:${new URL(own.url).port}`);
      await client.send(`GET /health HTTP/1.1\r\nHost: ${host}:4000\r\nOrigin: http://${host}:4000\r\n\r\n`);
      const answer = await client.answer();
      answers[host] = answer?.status;
      if (answer?.status === 421) expect(answer.body).toContain("ALLOWED_HOSTS");
      client.close();
    }
    await own.close();
    return answers;
  };
  const statuses = (status: number, hosts: readonly string[]) =>
    Object.fromEntries(hosts.map((host) => [host, status]));

  test.each([["off"], ["write"]])(
    "and where anonymous viewers may do something (AUTH_MODE=%s) answers to no name that a page can have",
    async (mode) => {
      const env = { AUTH_MODE: mode };
      expect(await answerTo(env, local)).toEqual(statuses(200, local));
      expect(await answerTo(env, [rebound, "localhost.evil.example"])).toEqual({
        [rebound]: 421,
        "localhost.evil.example": 421,
      });
    },
  );

  test("answers to any name where everything needs a token", async () => {
    expect(await answerTo({ AUTH_MODE: "all" }, ["media.example"])).toEqual({ "media.example": 200 });
  });

  test.each([["off"], ["all"]])(
    "answers to those of ALLOWED_HOSTS alone, with AUTH_MODE=%s",
    async (mode) => {
      const env = {
        AUTH_MODE: mode,
        ALLOWED_HOSTS: "Media.Example, [FD00:0::7]",
        PUBLIC_URL: "https://cdn.example",
      };
      const admitted = [
        "media.example",
        "MEDIA.example.",
        "[fd00::7]",
        "cdn.example",
        "localhost",
        "127.0.0.1",
      ];
      expect(await answerTo(env, admitted)).toEqual(statuses(200, admitted));
      const others = [rebound, "x.media.example", "192.168.1.5", "media-store", "nas.local"];
      expect(await answerTo(env, others)).toEqual(statuses(421, others));
    },
  );

  test.each([["off"], ["all"]])(
    "answers to PUBLIC_URL's name and to local ones, with AUTH_MODE=%s",
    async (mode) => {
      const env = { AUTH_MODE: mode, PUBLIC_URL: "https://media.example/library" };
      expect(await answerTo(env, ["media.example", ...local])).toEqual(
        statuses(200, ["media.example", ...local]),
      );
      expect(await answerTo(env, [rebound])).toEqual({ [rebound]: 421 });
    },
  );

  test.each([
    ["192.168.1.5", true],
    ["[::ffff:10.0.0.1]:80", true],
    ["[fe80::1%25eth0]:4000", true],
    ["media_store:4000", true],
    ["NAS.Local.:4000", true],
    ["localhost.", true],
    ["localhost:", true],
    ["127.1", false],
    ["[::1", false],
    ["::1", false],
    ["[evil.example]", false],
    ["evil.example.", false],
    ["EVIL.example", false],
    ["evil.local.example", false],
    ["localhost@evil.example", false],
    ["evil.example@localhost", false],
    ["localhost:80@evil.example", false],
    ["localhost:port", false],
    ["localhost, evil.example", false],
    ["localhost/evil.example", false],
    ["evil\u3002example", false],
    [".", false],
    ["", false],
  ])("judges the Host '%s' as it is written", (host, isAdmitted) => {
    const check = createHostCheck(hostRulesOf(readConfig(open)));
    const judge = () => {
      check({ headers: { host } });
    };
    if (isAdmitted) expect(judge).not.toThrow();
    else expect(judge).toThrow(/ALLOWED_HOSTS/);
  });
});

describe("the origin of a WebSocket", () => {
  const judge = (origin: string, host: string, env: Record<string, string> = {}) => {
    const { checkOrigin } = createAdmission({ config: readConfig(env), log: pino({ level: "silent" }) });
    return () => {
      checkOrigin({ headers: { origin, host } });
    };
  };

  test.each([
    ["http://localhost:4000", "localhost:4000"],
    ["http://localhost", "LOCALHOST:80"],
    ["https://media.example", "media.example"],
    ["https://media.example", "media.example:443"],
    ["http://[::1]:4000", "[::1]:4000"],
  ])("is the server's own: %s at %s", (origin, host) => {
    expect(judge(origin, host)).not.toThrow();
  });

  test.each([
    ["null", "localhost:4000"],
    ["http://localhost:4001", "localhost:4000"],
    ["http://localhost:4000@evil.example", "localhost:4000"],
    ["http://localhost:4000/evil", "localhost:4000"],
    ["localhost:4000", "localhost:4000"],
    ["file://", "localhost:4000"],
    ["http://localhost:4000", ""],
  ])("is another one: %s at %s", (origin, host) => {
    expect(judge(origin, host)).toThrow(/another origin/);
  });

  test("is the server's own where it is that of PUBLIC_URL, for any name that a proxy uses", () => {
    const env = { PUBLIC_URL: "https://media.example/library" };
    expect(judge("https://media.example", "127.0.0.1:4000", env)).not.toThrow();
    expect(judge("http://media.example", "127.0.0.1:4000", env)).toThrow();
  });
});
