import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyMigrations } from "../../src/database/sqlite/migrations.ts";
import { openDatabase } from "../../src/database/sqlite/database.ts";
import { refreshIndex } from "../../src/database/sqlite/text-index.ts";

let template: Promise<Buffer> | undefined;

/**
 * Writes a database that has all migrations and nothing else. A server that finds it has only to make it its own, as
 * its first start does after a migration that was interrupted: the library gets its id then.
 */
export async function writeEmptyDatabase(path: string): Promise<void> {
  template ??= makeTemplate();
  await writeFile(path, await template);
}

/** Once for all files of a worker: each of the migrations waits for the disk. */
async function makeTemplate(): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), "colan-template-"));
  try {
    const database = openDatabase(join(dir, "migrating.db"));
    await applyMigrations(database);
    await database.exclusive((writer) => refreshIndex(writer));
    database.writer.run({ sql: "VACUUM INTO ?", values: [join(dir, "template.db")] });
    database.close();
    return await readFile(join(dir, "template.db"));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
