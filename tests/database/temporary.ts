import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openDatabase, type Database } from "../../src/database/sqlite/database.ts";

/** A folder that is gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "media-store-db-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** A database in a folder of its own, closed when the test ends. */
export function temporaryDatabase(script = ""): Database {
  const database = openDatabase(join(temporaryFolder(), "library.db"));
  onTestFinished(() => {
    database.close();
  });
  database.writer.exec(script);
  return database;
}

/** A query as `Prisma.sql` would make it. */
export const sql = (parts: TemplateStringsArray, ...values: unknown[]) => ({ sql: parts.join("?"), values });
