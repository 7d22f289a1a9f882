import type { Check, Wrong } from "../engine.ts";
import type { Reader } from "../reader.ts";
import { identifier, join, raw, sql, type Sql } from "../sql.ts";
import { rowsOf } from "../dialect.ts";
import { isIndexed, keywordIndex, rowChecks, wrongMax } from "../row-checks.ts";
import { textColumns, type Texts } from "../model/search-terms.ts";
import { vectorOf } from "./lexemes.ts";
import { countTallies } from "./derived.ts";

/** Checksums of pages are the server's own to check (pg_amcheck, data_checksums); that each table can be read is seen here. */
const readable = sql`
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path", 'a constraint is not valid: ' || "conname" AS "message"
  FROM pg_constraint WHERE NOT "convalidated" AND "connamespace" = CAST(current_schema() AS regnamespace)`;

/** References that a server without triggers, such as one that restores, would have let in. */
const dangling = (table: string, column: string, parent: string): Sql => sql`
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path",
    ${raw(`'row of ${table} refers to a row of ${parent} that is not there'`)} AS "message"
  FROM ${identifier(table)} c WHERE c.${identifier(column)} IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM ${identifier(parent)} p WHERE p."id" = c.${identifier(column)})`;

const references = join(
  [
    dangling("Entity", "parentId", "Entity"),
    dangling("Entity", "originalId", "Original"),
    dangling("EntityVersion", "transactionId", "Transaction"),
    dangling("EntityVersion", "originalId", "Original"),
    dangling("Transaction", "undoOfId", "Transaction"),
    dangling("Tombstone", "transactionId", "Transaction"),
    dangling("Picture", "originalId", "Original"),
    dangling("Preparation", "originalId", "Original"),
    dangling("FactsReading", "originalId", "Original"),
    dangling("DerivativeFailure", "originalId", "Original"),
  ],
  " UNION ALL ",
);

/** Places are found by an index of the table's own, which cannot be out of step. */
const places = sql`
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path", '' AS "message" WHERE FALSE`;

const indexed = sql`
  SELECT COALESCE(e."id", t."entityId") AS "entityId", CAST(NULL AS text) AS "path", 'the search index is out of step' AS "message"
  FROM "Entity" e FULL JOIN "EntityText" t ON t."entityId" = e."id"
  WHERE ${isIndexed} AND (e."id" IS NULL OR t."entityId" IS NULL OR e."isDeleted" <> t."isDeleted")`;

const statements = {
  DATABASE: readable,
  REFERENCE: references,
  ...rowChecks(countTallies),
  PLACE_INDEX: places,
  KEYWORD_INDEX: keywordIndex((text, part) => sql`strpos(${text}, ${part}) > 0`),
  SEARCH_INDEX: indexed,
} as const satisfies Readonly<Record<Check, Sql>>;

/** Walks whole tables: a second for a hundred thousand entities. */
export const runCheck = (reader: Pick<Reader, "all">, check: Check): Promise<readonly Wrong[]> =>
  reader.all<Wrong>(sql`SELECT * FROM (${statements[check]}) w LIMIT ${wrongMax}`);

const lotRows = 2000;
const texts = join(textColumns.map((column) => sql`e.${identifier(column)}`));

interface Indexed extends Texts {
  readonly id: number;
  readonly isSame: number;
}

/** Entities whose words are not those that their strings have. */
export async function* findMisindexed(reader: Pick<Reader, "all">): AsyncGenerator<number> {
  let above = 0;
  let lot: Indexed[];
  do {
    lot = await reader.all<Indexed>(sql`
      SELECT e."id", ${texts} FROM "Entity" e WHERE e."id" > ${above} ORDER BY e."id" LIMIT ${lotRows}`);
    const pairs = lot.map((row) => [row.id, vectorOf(row)] as const);
    const wrong = await reader.all<{ id: number }>(sql`
      SELECT t."id" FROM ${rowsOf("t", ["id", "words"], pairs)}
      LEFT JOIN "EntityText" x ON x."entityId" = t."id"
      WHERE x."words" IS DISTINCT FROM CAST(t."words" AS tsvector) ORDER BY t."id"`);
    for (const { id } of wrong) yield id;
    above = lot.at(-1)?.id ?? above;
  } while (lot.length === lotRows);
}
