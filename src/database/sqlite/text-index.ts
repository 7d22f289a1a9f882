import { refoldEarlierKeywords } from "./earlier-keywords.ts";
import type { Connection } from "./connection.ts";
import { identifier, join, sql, type Sql } from "../sql.ts";
import { keywordRowsOf, type Keyworded } from "../keyword-rows.ts";
import { indexColumns, indexedTexts, indexRevision, textColumns, type Texts } from "../model/search-terms.ts";

/** Rows read, analysed and written together. */
const lotRows = 2000;

/** A row of the index is the entity's id while it is live, and minus the id while it is in the trash. */
const rowidOf = (id: number, isDeleted: number) => (isDeleted === 1 ? -id : id);

interface Indexed extends Texts {
  readonly id: number;
  readonly isDeleted: number;
  /** Null for one that had no row before. */
  readonly wasDeleted: number | null;
}

const names = join(indexColumns.map(identifier));
const values = join(indexColumns.map((_, index) => sql`value ->> ${index + 1}`));
const texts = join(textColumns.map((column) => sql`e.${identifier(column)}`));
const anyChanged = join(
  ["isDeleted", ...textColumns].map((column) => sql`e.${identifier(column)} IS NOT p.${identifier(column)}`),
  " OR ",
);

function writeRows(writer: Connection, rows: readonly Indexed[]): void {
  const lines = rows.map((row) => [rowidOf(row.id, row.isDeleted), ...indexedTexts(row)]);
  writer.run(sql`
    INSERT INTO "Entity_fts" (rowid, ${names}) SELECT value ->> 0, ${values} FROM json_each(${JSON.stringify(lines)})`);
}

interface Changed extends Indexed {
  readonly areKeywordsNew: number;
}

/** Writes the rows by which keywords are found. */
function writeKeywords(writer: Connection, entities: readonly Keyworded[]): void {
  const rows = keywordRowsOf(entities);
  if (rows.length === 0) return;
  writer.run(sql`
    INSERT INTO "EntityKeyword" ("folded", "entityId", "isDeleted", "keyword")
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(${JSON.stringify(rows)})`);
}

function replaceKeywords(writer: Connection, entities: readonly Changed[]): void {
  const known = entities.filter(({ wasDeleted }) => wasDeleted != null).map(({ id }) => id);
  if (known.length > 0)
    writer.run(sql`
      DELETE FROM "EntityKeyword" WHERE "entityId" IN (SELECT value FROM json_each(${JSON.stringify(known)}))`);
  writeKeywords(writer, entities);
}

/** Runs through rows by id, lot by lot. `rows` selects those above the id that it is given. */
function eachLot(writer: Connection, rows: (above: number) => Sql, work: (lot: readonly Changed[]) => void) {
  let above = 0;
  let lot: readonly Changed[];
  do {
    lot = writer.all<Changed>(rows(above));
    if (lot.length > 0) work(lot);
    above = lot.at(-1)?.id ?? above;
  } while (lot.length === lotRows);
}

/** Rows that are not there are no error. */
const removeRows = (writer: Connection, rowids: readonly number[]): unknown =>
  rowids.length > 0 &&
  writer.run(sql`
    DELETE FROM "Entity_fts" WHERE rowid IN (SELECT value FROM json_each(${JSON.stringify(rowids)}))`);

/**
 * Brings the full-text index to what the transaction leaves: entities whose texts or side of the trash are not those
 * of the version before, and those that are gone.
 */
export function indexChanges(writer: Connection, transactionId: number): void {
  const gone = writer.all<{ id: number }>(sql`
    SELECT "entityId" AS "id" FROM "Tombstone" WHERE "transactionId" = ${transactionId}`);
  removeRows(
    writer,
    gone.flatMap(({ id }) => [id, -id]),
  );
  const changed = (above: number) => sql`
    SELECT e."id", e."isDeleted", ${texts}, p."isDeleted" AS "wasDeleted",
      (e."keywords" IS NOT p."keywords" OR e."isDeleted" IS NOT p."isDeleted") AS "areKeywordsNew"
    FROM "Entity" e
    LEFT JOIN "EntityVersion" p ON p."entityId" = e."id" AND p."version" = (
      SELECT MAX(v."version") FROM "EntityVersion" v WHERE v."entityId" = e."id" AND v."transactionId" < ${transactionId})
    WHERE e."transactionId" = ${transactionId} AND e."id" > ${above} AND (${anyChanged})
    ORDER BY e."id" LIMIT ${lotRows}`;
  eachLot(writer, changed, (lot) => {
    removeRows(
      writer,
      lot.flatMap(({ id, wasDeleted }) => (wasDeleted == null ? [] : [rowidOf(id, wasDeleted)])),
    );
    writeRows(writer, lot);
    replaceKeywords(
      writer,
      lot.filter(({ areKeywordsNew }) => areKeywordsNew === 1),
    );
  });
}

const revisionName = "search.revision";

const isCurrent = (writer: Connection): boolean =>
  writer.get<{ value: number }>(sql`SELECT "value" FROM "Counter" WHERE "name" = ${revisionName}`)?.value ===
  indexRevision;

/** Rows of the index in one transaction while it is made again. */
const rebuildRows = 20_000;

/** FTS5's own default, and what is worth it while everything is written: fewer pieces to be merged. */
const usualBytes = 1024 * 1024;
const rebuildBytes = 64 * 1024 * 1024;

/** @see https://sqlite.org/fts5.html#the_hashsize_configuration_option */
const keepInMemory = (writer: Connection, bytes: number): unknown =>
  writer.run(sql`INSERT INTO "Entity_fts" ("Entity_fts", "rank") VALUES ('hashsize', ${bytes})`);

/**
 * Makes the full-text index of the whole library again, in transactions of its own: some 40 s for a million
 * entities. Cut off in between, it begins again at the next start.
 * @param progress is told how many entities are done.
 */
export function rebuildIndex(writer: Connection, progress?: (done: number) => void): void {
  const transact = (work: () => void) => {
    writer.exec("BEGIN IMMEDIATE");
    try {
      work();
      writer.exec("COMMIT");
    } catch (error) {
      if (writer.inTransaction) writer.exec("ROLLBACK");
      throw error;
    }
  };
  transact(() => {
    writer.run(sql`DELETE FROM "Counter" WHERE "name" = ${revisionName}`);
    writer.run(sql`INSERT INTO "Entity_fts" ("Entity_fts") VALUES ('delete-all')`);
    writer.run(sql`DELETE FROM "EntityKeyword"`);
  });
  keepInMemory(writer, rebuildBytes);
  let above = 0;
  let done = 0;
  // TypeScript does not see that the work below changes it.
  let isOver = false as boolean;
  while (!isOver)
    transact(() => {
      for (let rows = 0; rows < rebuildRows && !isOver; rows += lotRows) {
        const lot = writer.all<Indexed>(sql`
          SELECT e."id", e."isDeleted", ${texts}, NULL AS "wasDeleted" FROM "Entity" e
          WHERE e."id" > ${above} ORDER BY e."id" LIMIT ${lotRows}`);
        writeRows(writer, lot);
        writeKeywords(writer, lot);
        above = lot.at(-1)?.id ?? above;
        done += lot.length;
        isOver = lot.length < lotRows;
      }
      progress?.(done);
    });
  keepInMemory(writer, usualBytes);
  transact(() => {
    // One piece instead of many: about a third less to read for each question.
    writer.run(sql`INSERT INTO "Entity_fts" ("Entity_fts") VALUES ('optimize')`);
    writer.run(sql`INSERT INTO "Counter" ("name", "value") VALUES (${revisionName}, ${indexRevision})`);
  });
}

/** Makes the index again unless it is of this program's revision. @returns whether it was. */
export function refreshIndex(writer: Connection, progress?: (done: number) => void): boolean {
  if (isCurrent(writer)) return false;
  refoldEarlierKeywords(writer);
  rebuildIndex(writer, progress);
  return true;
}
