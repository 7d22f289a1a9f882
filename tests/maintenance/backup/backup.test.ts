import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { holdRemovals } from "../../../src/storage/removal-hold.ts";
import { openConnection, type Connection } from "../../../src/database/sqlite/connection.ts";
import { openRemovalSchedule } from "../../../src/library/originals/removal-schedule.ts";
import { colan, startColan } from "../../support/colan.ts";
import { HARD_DELETE, UPDATE } from "../../support/documents.ts";
import { replace } from "../../support/going-back.ts";
import { addPicture } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { listRows } from "../../support/uploading.ts";
import { verify } from "../verify/verifying.ts";

const rowsOf = (connection: Connection, sql: string) => connection.all<object>({ sql, values: [] });

/** Versions as they were right after a transaction, of entities that another list does not have. */
const versionsAt = (connection: Connection, transactionId: number, without: readonly number[]) =>
  rowsOf(
    connection,
    `SELECT *, CASE WHEN "untilTransactionId" <= ${transactionId} THEN "untilTransactionId" END AS "untilTransactionId"
     FROM "EntityVersion" WHERE "transactionId" <= ${transactionId} AND "entityId" NOT IN (${without.join(",") || "0"})
     ORDER BY "entityId", "version"`,
  );

/** Uploads, replaces, renames and destroys until it is told to stop. @returns how much it did. */
async function churn(server: TestServer, signal: AbortSignal): Promise<number> {
  let rounds = 0;
  const kept: string[] = [];
  while (!signal.aborted) {
    const id = await addPicture(server);
    kept.push(id);
    await replace(server, id, await makeJpeg());
    await server.run(UPDATE, { id, input: { label: `round ${rounds}` } });
    const old = kept.length > 3 ? kept.shift() : undefined;
    if (old != null) await server.run(HARD_DELETE, { id: old });
    rounds++;
  }
  return rounds;
}

test("a backup made while others write is the library at one transaction, and restores to a clean one", async () => {
  const server = await startServer();
  for (let index = 0; index < 8; index++) await addPicture(server);
  const dir = join(server.dir, "backups");
  const stopping = new AbortController();
  const churning = Promise.all([churn(server, stopping.signal), churn(server, stopping.signal)]);
  const first = await colan(server, ["backup", dir]);
  const second = await colan(server, ["backup", dir]);
  stopping.abort();
  expect(Math.min(...(await churning))).toBeGreaterThan(2);
  expect([first, second]).toMatchObject([
    { code: 0, stderr: "" },
    { code: 0, stderr: "" },
  ]);
  const names = (await readdir(dir)).filter((name) => !name.startsWith(".lock"));
  expect(names).toHaveLength(2);

  const to = join(server.dir, "restored");
  const restored = { databasePath: join(to, "media_store.db"), mediaDir: join(to, "media_files") };
  expect(await colan(server, ["restore", dir, "--to", to])).toMatchObject({ code: 0, stderr: "" });
  expect((await verify(restored)).lines).toEqual([]);

  const manifest = JSON.parse(await readFile(join(dir, names.sort()[1]!, "manifest.json"), "utf8")) as {
    lastTransactionId: number;
    files: { path: string }[];
  };
  const at = manifest.lastTransactionId;
  const [copy, live] = [restored.databasePath, server.databasePath].map((path) =>
    openConnection(path, { readOnly: true }),
  ) as [Connection, Connection];
  try {
    expect(rowsOf(copy, `SELECT MAX("id") AS "id" FROM "Transaction"`)).toEqual([{ id: at }]);
    const destroyed = live.all<{ id: number }>({
      sql: `SELECT "entityId" AS "id" FROM "Tombstone" WHERE "transactionId" > ?`,
      values: [at],
    });
    const without = destroyed.map(({ id }) => id);
    const expected = versionsAt(live, at, without);
    expect(expected.length).toBeGreaterThan(8);
    expect(versionsAt(copy, at, without)).toEqual(expected);
    const last = live.all<{ id: number }>({ sql: `SELECT MAX("id") AS "id" FROM "Transaction"`, values: [] });
    expect(last[0]!.id, "something was written after the snapshot").toBeGreaterThan(at);
  } finally {
    copy.close();
    live.close();
  }

  // What both backups have lies on the disk once.
  const again = manifest.files.filter(({ path }) => existsSync(join(dir, names[0]!, "media_files", path)));
  expect(again.length).toBeGreaterThan(0);
  for (const { path } of again) expect((await stat(join(dir, names[1]!, "media_files", path))).nlink).toBe(2);
  // The library's own bytes are nobody else's.
  const [row] = await listRows(server);
  expect((await stat(join(server.mediaDir, row!.filePath))).nlink).toBe(1);
});

describe("while files are held", () => {
  test("a destroyed entity's file stays, and goes by itself afterwards", async () => {
    const server = await startServer();
    const id = await addPicture(server);
    const [row] = await listRows(server);
    const path = join(server.mediaDir, row!.filePath);
    const release = await holdRemovals(server.mediaDir);
    await server.run(HARD_DELETE, { id });
    expect(existsSync(path)).toBe(true);
    // Noted for removal, it is no stranger.
    expect((await verify(server)).lines).toEqual([]);
    const schedule = openRemovalSchedule(server.app.deps, 10);
    release();
    await vi.waitFor(() => {
      expect(existsSync(path)).toBe(false);
    }, 100_000);
    await schedule.close();
    expect((await verify(server)).lines).toEqual([]);
  });
});

describe("a backup is refused, and leaves nothing", () => {
  test("when an original is damaged or missing, naming each", async () => {
    const server = await startServer();
    for (let index = 0; index < 3; index++) await addPicture(server);
    const [first, second] = await listRows(server);
    const bytes = await readFile(join(server.mediaDir, first!.filePath));
    bytes[100]! ^= 1;
    await writeFile(join(server.mediaDir, first!.filePath), bytes);
    await rm(join(server.mediaDir, second!.filePath));
    const dir = join(server.dir, "backups");
    const { code, stderr } = await colan(server, ["backup", dir]);
    expect(code).toBe(1);
    expect(stderr).toContain(first!.filePath);
    expect(stderr).toContain(`${second!.filePath} is missing`);
    expect((await readdir(dir)).filter((name) => name !== ".lock")).toEqual([]);
  });

  test("when it is killed; the next one removes what it left", async () => {
    const server = await startServer();
    for (let index = 0; index < 3; index++) await addPicture(server);
    const dir = join(server.dir, "backups");
    const { child } = startColan(server, ["backup", dir]);
    await vi.waitFor(
      () => {
        expect(readdirSync(dir).some((name) => name.startsWith(".partial-"))).toBe(true);
      },
      { timeout: 100_000, interval: 1 },
    );
    child.kill("SIGKILL");
    await once(child, "close");
    const complete = (await readdir(dir)).filter((name) => !name.startsWith("."));
    for (const name of complete) expect(existsSync(join(dir, name, "manifest.json"))).toBe(true);
    expect(await colan(server, ["backup", dir])).toMatchObject({ code: 0 });
    expect((await readdir(dir)).filter((name) => name.startsWith(".partial-"))).toEqual([]);
  });
});

test("a restore never overwrites, refuses a damaged backup, and goes on where it was stopped", async () => {
  const server = await startServer();
  for (let index = 0; index < 3; index++) await addPicture(server);
  const dir = join(server.dir, "backups");
  await colan(server, ["backup", dir]);
  expect(await colan(server, ["restore", dir])).toMatchObject({ code: 69 });
  const [name] = (await readdir(dir)).filter((entry) => !entry.startsWith("."));
  const [row] = await listRows(server);
  const file = join(dir, name!, "media_files", row!.filePath);
  const bytes = await readFile(file);

  const to = join(server.dir, "restored");
  await mkdir(join(to, "media_files"), { recursive: true });
  await writeFile(join(to, "media_files", "mine.txt"), "mine");
  const refused = await colan(server, ["restore", dir, "--to", to]);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain("is not empty (mine.txt)");
  await rm(join(to, "media_files", "mine.txt"));

  await writeFile(file, Buffer.alloc(bytes.length));
  expect((await colan(server, ["restore", dir, "--to", to])).stderr).toContain("sha256");
  expect(existsSync(join(to, "media_store.db"))).toBe(false);
  await writeFile(file, bytes);
  expect(await colan(server, ["restore", dir, "--to", to])).toMatchObject({ code: 0, stderr: "" });
  const restored = { databasePath: join(to, "media_store.db"), mediaDir: join(to, "media_files") };
  expect((await verify(restored)).lines).toEqual([]);
});
