import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { startColan } from "../../support/colan.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { lastTransaction, replace } from "../../support/going-back.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { upload } from "../../support/uploading.ts";
import { keptOf, plantHistory, rename } from "./pruning.ts";

let server: TestServer;
let id: string;
beforeEach(async () => {
  server = await startServer();
  id = (await upload(server, await makeJpeg())).entity.id;
  await replace(server, id, await makeJpeg());
  await rename(server, id, 2);
});

const startPruning = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startColan(server, ["prune", ...args], env);
const prune = (...args: Parameters<typeof startPruning>) => startPruning(...args).ended;

const newest = { HISTORY_VERSIONS_MAX: "1" };

describe("the command", () => {
  test("says with --dry-run what would go, then does it and says so, then has nothing more to do", async () => {
    const filesBefore = await server.listFiles();
    await server.stop();
    const what = /3 versions, 1 file \(\d+ bytes\): versions beyond the newest 1 of an entity\.\n$/;
    const foretold = await prune(["--dry-run"], newest);
    expect(foretold).toMatchObject({ code: 0, stderr: "" });
    expect(foretold.stdout).toMatch(/^Would prune /);
    expect(foretold.stdout).toMatch(what);
    server = await server.restart();
    expect(await keptOf(server, id)).toEqual([4, 3, 2, 1]);
    expect(await server.listFiles()).toEqual(filesBefore);
    await server.stop();

    const done = await prune([], newest);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toBe(foretold.stdout.replace("Would prune", "Pruned"));
    expect((await prune([], newest)).stdout).toMatch(/^Pruned 0 versions, 0 files \(0 bytes\)/);
    server = await server.restart();
    expect(await keptOf(server, id)).toEqual([4]);
    expect(await server.listFiles()).toHaveLength(1);
    // One transaction for the whole, and none for the run that found nothing.
    expect(await lastTransaction(server)).toBe("T5");
  });

  test.each([[[]], [["--dry-run"]]])("refuses to run beside a server (%j)", async (args) => {
    const { code, stdout, stderr } = await prune(args, newest);
    expect({ code, stdout }).toEqual({ code: 69, stdout: "" });
    expect(stderr).toContain(`The media directory ${server.mediaDir} is in use by another process`);
    expect(await keptOf(server, id)).toEqual([4, 3, 2, 1]);
  });

  test("has nothing to do when the settings keep everything", async () => {
    await server.stop();
    const { code, stdout } = await prune([]);
    expect(code).toBe(0);
    expect(stdout).toContain("Nothing to prune: HISTORY_VERSIONS_MAX and HISTORY_DAYS_MAX are 0");
    server = await server.restart();
    expect(await keptOf(server, id)).toEqual([4, 3, 2, 1]);
  });

  test("makes no library where there is none: a path may be mistyped", async () => {
    await server.stop();
    const dir = await mkdtemp(join(tmpdir(), "colan-none-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    for (const env of [{ MEDIA_DIR: `${dir}/media` }, { DATABASE_URL: `file:${dir}/none.db` }]) {
      const { code, stderr } = await prune([], { ...newest, ...env });
      expect(code).toBe(69);
      expect(stderr).toContain(`There is no ${dir}/`);
    }
    expect(await readdir(dir)).toEqual([]);
  });

  test("refuses wrong settings and unknown arguments", async () => {
    await server.stop();
    const wrong = await prune([], { HISTORY_VERSIONS_MAX: "-1", HISTORY_DAYS_MAX: "week" });
    expect(wrong.code).toBe(78);
    expect(wrong.stderr).toContain("HISTORY_VERSIONS_MAX: expected a whole number from 0 to 1000000");
    expect(wrong.stderr).toContain("HISTORY_DAYS_MAX");
    for (const args of [["--dryrun"], ["--dry-run", "now"]]) {
      const { code, stderr } = await prune(args, newest);
      expect(code).toBe(64);
      expect(stderr).toMatch(/^colan prune: .*see: colan prune --help\n$/);
    }
    server = await server.restart();
    expect(await keptOf(server, id)).toEqual([4, 3, 2, 1]);
  });

  test.skipIf(process.platform !== "linux")(
    "being stopped says what it did, and leaves the rest for the next time",
    async () => {
      await plantHistory(server, 2000);
      await server.stop();
      // While another program writes, it cannot begin; so the signal comes before it is done.
      const other = new Libsql(server.databasePath);
      other.exec("BEGIN IMMEDIATE");
      const { child, ended } = startPruning([], newest);
      await vi.waitFor(
        () => {
          const fds = readdirSync(`/proc/${child.pid}/fd`);
          const open = fds.map((fd) => readlinkSync(`/proc/${child.pid}/fd/${fd}`));
          expect(open).toContain(server.databasePath);
        },
        { timeout: 100_000, interval: 20 },
      );
      child.kill("SIGTERM");
      other.exec("ROLLBACK");
      other.close();
      const { code, stdout, stderr } = await ended;
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
      const versions = Number(/^Pruned (\d+) version/.exec(stdout)?.[1]);
      expect(versions).toBeLessThan(2103);
      expect(stdout).toContain("Stopped before the end; the rest goes the next time.");

      const rest = await prune([], newest);
      expect(rest.code).toBe(0);
      expect(rest.stdout).toContain(`Pruned ${2103 - versions} versions`);
    },
  );
});
