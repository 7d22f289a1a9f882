import { lineOf, startsWith } from "../../database/dialect.ts";
import { sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { BadUserInputError } from "../../errors.ts";
import { foldSought } from "../../library/entities/described.ts";

type Needs = Pick<Deps, "db"> & Asking;

export interface KeywordCount {
  readonly keyword: string;
  readonly count: number;
}

const limitMax = 100;

/**
 * Keywords of the live library with how many entities have them, the most frequent first, then by keyword.
 * @throws {BadUserInputError} for a limit out of range
 */
export async function listKeywords(
  { db, signal }: Needs,
  { startsWith: prefix, limit }: { startsWith?: string | null | undefined; limit: number },
): Promise<KeywordCount[]> {
  if (limit < 1 || limit > limitMax)
    throw new BadUserInputError("limit", `expected 1 to ${limitMax}, got ${limit}`);
  const folded = foldSought(prefix ?? "");
  const begins = folded === "" ? sql`TRUE` : startsWith(sql`t."value"`, folded);
  return db.reader.all<KeywordCount>(
    sql`
      SELECT MIN(${lineOf(sql`t."value"`, 2)}) AS "keyword", CAST(SUM(t."count") AS integer) AS "count" FROM "Tally" t
      WHERE t."isDeleted" = FALSE AND t."field" = 'keyword' AND ${begins}
      GROUP BY ${lineOf(sql`t."value"`, 1)} ORDER BY 2 DESC, 1 LIMIT ${limit}`,
    { cost: "repeated", signal },
  );
}
