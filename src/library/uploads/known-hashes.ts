import { list } from "../../database/dialect.ts";
import type { Entity } from "../../database/generated/client.ts";
import { entityColumns, entityOf } from "../../database/model/rows.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { BadUserInputError } from "../../errors.ts";
import { checkMd5 } from "./rules.ts";

const hashesMax = 1000;

/**
 * The entities, live or in the trash, whose current files have these checksums.
 * @throws {BadUserInputError} for more than 1000, or for what is no MD5.
 */
export async function listKnownHashes({ db }: Pick<Deps, "db">, md5s: readonly string[]): Promise<Entity[]> {
  if (md5s.length > hashesMax)
    throw new BadUserInputError("md5", `expected at most ${hashesMax}, got ${md5s.length}`);
  const hashes = md5s.map((md5, index) => checkMd5(`md5.${index}`, md5));
  if (hashes.length === 0) return [];
  return (
    await db.reader.all<Record<string, unknown>>(
      sql`SELECT ${entityColumns} FROM "Entity" e WHERE e."md5" IN (${list(hashes)}) ORDER BY e."id"`,
    )
  ).map(entityOf);
}
