import type { Db } from "../../database/db.ts";
import { list } from "../../database/dialect.ts";
import type { Reader } from "../../database/reader.ts";
import { sql } from "../../database/sql.ts";
import type { ObjectIntent, ObjectIntents } from "../../storage/object-intents.ts";

export const listIntents = (reader: Reader): Promise<ObjectIntent[]> =>
  reader.all<ObjectIntent>(sql`SELECT "id", "key", "holder", "beat" FROM "ObjectIntent"`);

/** The table of what is being stored in a bucket. */
export const openIntents = (db: Db): ObjectIntents => ({
  add: async ({ id, key, holder }) => {
    await db.write(
      sql`INSERT INTO "ObjectIntent" ("id", "key", "holder", "beat") VALUES (${id}, ${key}, ${holder}, 0)`,
    );
  },
  remove: async (id) => {
    await db.write(sql`DELETE FROM "ObjectIntent" WHERE "id" = ${id}`);
  },
  list: () => listIntents(db.reader),
  beat: async (ids) => {
    await db.write(sql`UPDATE "ObjectIntent" SET "beat" = "beat" + 1 WHERE "id" IN (${list(ids)})`);
  },
});
