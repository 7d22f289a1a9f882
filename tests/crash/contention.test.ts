import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { buildProgram } from "../support/program.ts";
import { check } from "./checker.ts";
import * as documents from "./documents.ts";
import { startServer } from "./server.ts";

const run = promisify(execFile);
const hasSqlite = spawnSync("sqlite3", ["-version"]).status === 0;
if (!hasSqlite) console.warn("Writers beside another program's backups are not tested: sqlite3 is missing");

const writers = 8;
const changesEach = 40;

test.skipIf(!hasSqlite)(
  "8 writers beside sqlite3 that backs up over and over are all answered, and each backup is whole",
  async () => {
    const library = mkdtempSync(join(tmpdir(), "colan-busy-"));
    const program = buildProgram();
    const server = await startServer(program, library);
    try {
      const database = join(library, "media_store.db");
      const progress = { isOver: false };
      const answers: (string | undefined)[] = [];
      const writing = Promise.all(
        Array.from({ length: writers }, async () => {
          const made = await server.run(documents.CRASH_COLLECTION);
          const { id } = made.createCollection.entity;
          for (let index = 0; index < changesEach; index++) {
            const { errors } =
              index % 2 === 0
                ? await server.ask(documents.CRASH_TRASH, { id })
                : await server.ask(documents.CRASH_RESTORE, { id });
            answers.push(errors?.[0]?.extensions.code);
          }
        }),
      ).finally(() => (progress.isOver = true));
      let backups = 0;
      const copy = join(library, "backup.db");
      while (!progress.isOver) {
        await run("sqlite3", [database, ".timeout 10000", `.backup '${copy}'`]);
        const { stdout } = await run("sqlite3", [copy, "PRAGMA integrity_check"]);
        expect(stdout.trim()).toBe("ok");
        backups++;
      }
      await writing;
      expect(answers).toEqual(Array.from({ length: writers * changesEach }, () => undefined));
      expect(backups).toBeGreaterThan(1);
      expect(server.log()).not.toMatch(/SQLITE_BUSY|database is locked/);
      expect(await check({ database, mediaDir: join(library, "media_files"), isRecovered: true })).toEqual(
        [],
      );
    } finally {
      await server.end("SIGKILL");
      for (const dir of [library, program]) rmSync(dir, { recursive: true });
    }
  },
);
