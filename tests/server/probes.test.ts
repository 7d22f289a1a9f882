import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { graphql } from "../generated/index.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { upload } from "../support/uploading.ts";

const CREATE = graphql(`
  mutation ProbedCollection {
    createCollection(input: { label: "a" }) {
      entity {
        id
      }
    }
  }
`);

interface Told {
  status: string;
  failed: string[];
  checks: Record<string, string>;
}

const readyz = async ({ url }: { url: string }) => {
  const response = await fetch(`${url}/readyz`);
  return { code: response.status, ...((await response.json()) as Told) };
};

/** With headers that fetch would not send. */
async function ask(url: string, path: string, headers: Record<string, string>, agent?: Agent) {
  const sent = request(`${url}${path}`, { headers, ...(agent && { agent }) }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response;
}

/** Answers are a second old at most. */
async function untilStatus(server: TestServer, status: string): Promise<Told> {
  for (;;) {
    const told = await readyz(server);
    if (told.status === status) return told;
    await delay(50);
  }
}

describe("probes", () => {
  test("say that the server lives and is ready, to GET and HEAD, uncached", async () => {
    const server = await startServer();
    const alive = await fetch(`${server.url}/livez`);
    expect([alive.status, await alive.text(), alive.headers.get("cache-control")]).toEqual([
      200,
      "ok\n",
      "no-store",
    ]);
    const ready = await readyz(server);
    expect(ready).toMatchObject({ code: 200, status: "ready", failed: [] });
    expect(ready.checks).toMatchObject({ database: "ok", media: "ok", space: "ok" });
    expect(ready.checks["exiftool"]).toMatch(/^\d+\.\d+$/);
    for (const path of ["/livez", "/readyz"])
      expect((await fetch(server.url + path, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect((await fetch(`${server.url}/readyz`, { method: "POST" })).status).toBe(404);
  });

  test("answer any client under any host name, where others are refused", async () => {
    const { url } = await startServer();
    for (const path of ["/livez", "/readyz"])
      expect((await ask(url, path, { host: "10.1.2.3:4000" })).statusCode).toBe(200);
    expect((await ask(url, "/graphql", { host: "10.1.2.3:4000" })).statusCode).toBe(421);
  });

  test("leave no log line above debug, for any result", async () => {
    const server = await startServer({ env: { FREE_BYTES_MIN: String(2 ** 52) } });
    for (const path of ["/livez", "/readyz", "/health"]) await fetch(server.url + path);
    const lines = server.log.map((line) => JSON.parse(line) as { msg: string; path?: string });
    expect(lines.filter(({ msg }) => msg === "request")).toEqual([]);
    expect(lines.filter(({ msg }) => msg === "not ready")).toHaveLength(1);
  });

  test("say why the server is not ready, and that it is again", async () => {
    const server = await startServer();
    await upload(server, await makeJpeg());
    const staging = join(server.mediaDir, ".staging");
    await rename(staging, `${staging}-away`);
    const { failed, checks } = await untilStatus(server, "unready");
    expect(failed).toEqual(["media", "space"]);
    expect(checks).toMatchObject({ media: "ENOENT", database: "ok" });
    await rename(`${staging}-away`, staging);
    await untilStatus(server, "ready");
    expect(server.log.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(
      expect.arrayContaining(["not ready", "ready again"]),
    );
    expect(JSON.stringify(checks)).not.toContain(server.dir);
  });

  test("say that there is too little room, with FREE_BYTES_MIN", async () => {
    const server = await startServer({ env: { FREE_BYTES_MIN: String(2 ** 52) } });
    expect(await readyz(server)).toMatchObject({ code: 503, failed: ["space"] });
    expect((await readyz(server)).checks["space"]).toMatch(/^\d+ bytes free of 4503599627370496/);
  });

  test("write to the database without changing anything, so that kept answers stay true", async () => {
    const server = await startServer();
    const { db } = server.app.deps;
    await server.run(CREATE);
    const before = db.revision();
    await db.tryWriting();
    expect(db.revision()).toBe(before);
  });

  test("cannot load the server: hundreds at once are one a second", async () => {
    const server = await startServer();
    const { db } = server.app.deps;
    let written = 0;
    const original = db.tryWriting.bind(db);
    Object.assign(db, {
      tryWriting: () => {
        written++;
        return original();
      },
    });
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 300 }, () => readyz(server)));
    expect(written).toBeLessThanOrEqual((performance.now() - startedAt) / 1000 + 2);
  });

  test("say no as soon as the server is being stopped, before it refuses connections", async () => {
    const server = await startServer({ env: { STOP_DELAY_MS: "300" } });
    const agent = new Agent({ keepAlive: true });
    await ask(server.url, "/readyz", {}, agent);
    const stopped = server.stop();
    await untilStatus(server, "stopping");
    // A new connection is still taken, and whoever did not know yet is answered.
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    await server.run(CREATE);
    await stopped;
    agent.destroy();
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
  });
});
