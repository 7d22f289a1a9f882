import { sql } from "../sql.ts";
import type { Database } from "./database.ts";

/**
 * Takes the writer's turn, writes a row and rolls it back: nothing is changed, and no event is sent.
 * @throws {Error} of SQLite
 */
export async function tryWriting(database: Database): Promise<void> {
  await database.exclusive(async (writer) => {
    await database.whenUnlocked(() => {
      writer.exec("BEGIN IMMEDIATE");
    });
    writer.run(sql`INSERT INTO "FileRemoval" ("filePath") VALUES ('a trial')`);
    writer.exec("ROLLBACK");
  });
}
