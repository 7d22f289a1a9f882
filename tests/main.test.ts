import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clientOf } from "./support/client.ts";
import { ENTITIES, UPLOAD } from "./support/documents.ts";
import { makeJpeg } from "./support/pictures.ts";
import { spawnServer, startProcess, type ServerProcess } from "./support/process.ts";

let dir: string;
let server: ServerProcess | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-"));
});
afterEach(async () => {
  await server?.end("SIGKILL");
  server = undefined;
  await rm(dir, { recursive: true, force: true });
});

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function exitOf(env: Record<string, string>) {
  const { child, stdout, stderr } = spawnServer(dir, env);
  const [code] = (await once(child, "exit")) as [number];
  return { code, stdout: stdout(), stderr: stderr() };
}

describe("the server process", () => {
  test("prints its address, the data's paths and how to upload, and answers", async () => {
    server = await startProcess(dir);
    expect(server.stderr()).toContain(`${server.url}/graphql`);
    expect(server.stderr()).toContain(join(dir, "media_store.db"));
    expect(server.stderr()).toContain(join(dir, "media_files"));
    expect(server.stderr()).toContain("curl");
    const { entities } = await clientOf(server.url).run(ENTITIES);
    expect(entities.pagination.totalItems).toBe(0);
  });

  test("ends cleanly on SIGTERM: what was asked is answered, children end, the journal is empty", async () => {
    server = await startProcess(dir);
    const client = clientOf(server.url);
    await client.run(UPLOAD, { input: { file: null } }, [{ at: "input.file", bytes: await makeJpeg() }]);
    const children = childrenOf(server.child.pid!);
    expect(children.length).toBeGreaterThan(0);
    const uploads = await Promise.all([makeJpeg(), makeJpeg(), makeJpeg()]);
    const running = Promise.allSettled(
      uploads.map((bytes) => client.ask(UPLOAD, { input: { file: null } }, [{ at: "input.file", bytes }])),
    );
    // The first of them has arrived when its bytes are being staged.
    while ((await readdir(join(dir, "media_files", ".staging"))).length === 0)
      await new Promise(setImmediate);
    const code = await server.end("SIGTERM");
    expect(code).toBe(0);
    const answers = await running;
    expect(answers.some((answer) => answer.status === "fulfilled" && answer.value.status === 200)).toBe(true);
    expect(children.filter(isAlive)).toEqual([]);
    expect(await readdir(join(dir, "media_files", ".staging"))).toEqual([]);
    const journal = await stat(join(dir, "media_store.db-wal")).catch(() => ({ size: 0 }));
    expect(journal.size).toBe(0);
    expect(server.stdout()).toContain('"msg":"stopped"');
  });

  // The log's library tried the same line again forever, and only SIGKILL ended the server.
  test("ends on SIGTERM when its log is no longer read", async () => {
    server = await startProcess(dir);
    server.child.stdout?.destroy();
    await clientOf(server.url).run(ENTITIES);
    expect(await server.end("SIGTERM")).toBe(0);
  });

  test("reports every wrong setting at once and exits with 78", async () => {
    const { code, stderr } = await exitOf({ PORT: "http", LOG_LEVEL: "loud" });
    expect(code).toBe(78);
    expect(stderr).toContain('PORT: expected a whole number from 0 to 65535, got "http"');
    expect(stderr).toContain(
      'LOG_LEVEL: expected fatal, error, warn, info, debug, trace or silent, got "loud"',
    );
  });

  // A line of JSON with a stack came first, and then "listen EADDRINUSE".
  test("says in one line why it cannot start: a port in use, a folder that is a file", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    // A server that listens on a port has an address of this kind.
    const { port } = other.address() as AddressInfo;
    const taken = await exitOf({ PORT: String(port) });
    other.close();
    expect(taken.code).toBe(69);
    expect(taken.stderr).toBe(
      `PORT: ${port} on 127.0.0.1 is in use by another program; stop that one, or set PORT to another port\n`,
    );
    const folder = join(dir, "file");
    await writeFile(folder, "");
    const unusable = await exitOf({ MEDIA_DIR: folder });
    expect(unusable.code).toBe(69);
    expect(unusable.stderr.trim().split("\n")).toHaveLength(1);
    expect(unusable.stderr).toContain(`The media directory ${folder} cannot be used`);
    expect(taken.stdout + unusable.stdout).not.toMatch(/could not start|stack/);
  });

  test("does not listen beyond loopback without the setting", async () => {
    const { code, stderr } = await exitOf({ HOST: "0.0.0.0" });
    expect(code).toBe(78);
    expect(stderr).toContain("ALLOW_OPEN_ACCESS=true");
  });

  test("refuses a second server on the same files, in a sentence", async () => {
    server = await startProcess(dir);
    const { code, stderr } = await exitOf({});
    expect(code).toBe(69);
    expect(stderr).toContain("is in use by another process");
    await clientOf(server.url).run(ENTITIES);
  });

  test("refuses a database that a newer version has changed", async () => {
    server = await startProcess(dir);
    await server.end("SIGTERM");
    const database = new Libsql(join(dir, "media_store.db"));
    database.exec(
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
       VALUES ('x', 'x', '29990101000000_future', 1, 1)`,
    );
    database.close();
    const { code, stderr } = await exitOf({});
    expect(code).toBe(69);
    expect(stderr).toMatch(/newer/);
  });

  test("logs JSON lines with the request's id, and no file names, variables or headers", async () => {
    server = await startProcess(dir);
    const response = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-request-id": "trace-me",
        authorization: "Bearer canary-token",
      },
      body: JSON.stringify({
        query: "query Named($s: String) { entities(search: $s) { items { id } } }",
        variables: { s: "canary-value" },
        operationName: "Named",
      }),
    });
    expect(response.headers.get("x-request-id")).toBe("trace-me");
    await server.end("SIGTERM");
    const lines = server
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({ requestId: "trace-me", operationName: "Named", status: 200 }),
    );
    expect(server.stdout() + server.stderr()).not.toContain("canary");
  });
});

function childrenOf(pid: number): number[] {
  const out = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" }).stdout;
  return out.trim().split(/\s+/).filter(Boolean).map(Number);
}
