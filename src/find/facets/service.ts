import { lineOf, matching } from "../../database/dialect.ts";
import { identifier, join, sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { BadUserInputError } from "../../errors.ts";
import { whereOf } from "../search/filters/conditions.ts";
import { conditionOf, isBlank } from "../search/service.ts";
import { live } from "../search/source.ts";
import { isIndexed, withoutOwn, type FacetField } from "./rules.ts";
import type { TrashScope } from "../../database/text-search.ts";
import type { EntityQuery } from "../search/query.ts";

type Needs = Pick<Deps, "db"> & Asking;

export interface FacetBucket {
  readonly value: string;
  readonly count: number;
}

export interface Facet {
  readonly field: FacetField;
  /** Most entities first, then by value. */
  readonly buckets: readonly FacetBucket[];
}

type Row = FacetBucket & { readonly field: FacetField };

const limitMax = 100;

/** Fields that are a column of the entity. */
type Columned = Exclude<FacetField, "KEYWORD">;

/** The column of `Entity_facets` that a field's values are taken from, and what `Tally` calls the field. */
const columns: Readonly<Record<Columned, { readonly column: string; readonly tally: string }>> = {
  TYPE: { column: "type", tally: "type" },
  MIME_TYPE: { column: "mimeType", tally: "mimeType" },
  EXTENSION: { column: "extension", tally: "extension" },
  CAMERA_MODEL: { column: "cameraModel", tally: "cameraModel" },
  YEAR: { column: "month", tally: "year" },
  MONTH: { column: "month", tally: "month" },
  PARENT: { column: "parentId", tally: "parentId" },
  RATING: { column: "rating", tally: "rating" },
  CREATOR: { column: "creator", tally: "creator" },
};

/** Fields that are counted each by itself. */
const alone: ReadonlySet<FacetField> = new Set<FacetField>(["PARENT", "RATING", "CREATOR"]);

/** In the order of the index. */
const grouped = ["type", "mimeType", "extension", "cameraModel", "month"];

const valueOf = (column: string): Sql =>
  column === "month" ? sql`substr(e."capturedLocal", 1, 7)` : sql`e.${identifier(column)}`;

/**
 * How many of all entities that a page's query matches have each value, pages left aside: for each field as if its
 * own clause were not in the filter. What has no value is in no bucket.
 * @param fields each is answered once, in the order first asked.
 * @param limit most buckets of a facet, 1 to 100.
 * @throws {BadUserInputError} for a limit out of range
 * @throws {QueryTooComplexError} when counting takes too long
 */
export async function listFacets(
  needs: Needs,
  query: EntityQuery,
  fields: readonly FacetField[],
  limit: number,
): Promise<Facet[]> {
  if (limit < 1 || limit > limitMax)
    throw new BadUserInputError("limit", `expected 1 to ${limitMax}, got ${limit}`);
  const { db, signal } = needs;
  const distinct = [...new Set(fields)];
  const questions = questionsOf(query, distinct);
  const statements = await Promise.all(questions.map((question) => statementsOf(needs, question, limit)));
  const answers = await Promise.all(
    statements.flat().map((statement) => db.reader.all<Row>(statement, { cost: "repeated", signal })),
  );
  const rows = answers.flat();
  return distinct.map((field) => ({ field, buckets: rows.filter((row) => row.field === field) }));
}

/** Fields that count the same entities. */
interface Question {
  readonly query: EntityQuery;
  readonly fields: FacetField[];
}

function questionsOf(query: EntityQuery, fields: readonly FacetField[]): Question[] {
  const questions = new Map<string, Question>();
  for (const field of fields) {
    const filter = withoutOwn(query.filter, field);
    const key = JSON.stringify(filter);
    const known = questions.get(key);
    if (known == null) questions.set(key, { query: { ...query, filter }, fields: [field] });
    else known.fields.push(field);
  }
  return [...questions.values()];
}

async function statementsOf(needs: Needs, { query, fields }: Question, limit: number): Promise<Sql[]> {
  const { filter, search, parentId, trash } = query;
  const isPlain = isBlank(search) && parentId == null;
  const columned = fields.filter((field): field is Columned => field !== "KEYWORD");
  const isAll = isPlain && filter == null;
  const keywords =
    columned.length === fields.length
      ? []
      : [isAll ? talliedKeywords(trash, limit) : await keywordsOf(needs, query, limit)];
  if (columned.length === 0) return keywords;
  if (isAll) return [...keywords, tallied(columned, trash, limit)];
  const read = isPlain && (filter == null || isIndexed(filter)) ? fromIndex : fromMatches;
  // With that many values, groups of equal rows would be small, so they are sorted separately.
  const others = columned.filter((field) => !alone.has(field));
  const asked = [...columned.filter((field) => alone.has(field)).map((field) => [field]), others];
  const answers = asked.filter(({ length }) => length > 0).map((some) => read(needs, some, query, limit));
  return [...keywords, ...(await Promise.all(answers))];
}

const sidesIn = (trash: TrashScope): Sql =>
  ({ LIVE: sql`FALSE`, TRASHED: sql`TRUE`, ANY: sql`FALSE, TRUE` })[trash];

/** Of all entities: of each keyword the first of its spellings. */
const talliedKeywords = (trash: TrashScope, limit: number): Sql => sql`
  SELECT 'KEYWORD' AS "field", MIN(${lineOf(sql`t."value"`, 2)}) AS "value", SUM(t."count") AS "count"
  FROM "Tally" t WHERE t."isDeleted" IN (${sidesIn(trash)}) AND t."field" = 'keyword'
  GROUP BY ${lineOf(sql`t."value"`, 1)} ORDER BY 3 DESC, 2 LIMIT ${limit}`;

async function keywordsOf(needs: Needs, query: EntityQuery, limit: number): Promise<Sql> {
  const condition = whereOf(await conditionOf(needs, live, query));
  return sql`
    SELECT 'KEYWORD' AS "field", MIN(k."keyword") AS "value", COUNT(*) AS "count" FROM "EntityKeyword" k
    WHERE k."entityId" IN (SELECT e."id" FROM "Entity" e WHERE ${condition})
    GROUP BY k."folded" ORDER BY 3 DESC, 2 LIMIT ${limit}`;
}

/** One SELECT for each field, of which each keeps its own order. */
const united = (fields: readonly Columned[], select: (field: Columned) => Sql, limit: number): Sql =>
  join(
    fields.map(
      (field) => sql`
        SELECT * FROM (
          SELECT ${field} AS "field", ${select(field)} GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT ${limit}) f`,
    ),
    " UNION ALL ",
  );

/** Of all entities, in constant time. */
function tallied(fields: readonly Columned[], trash: TrashScope, limit: number): Sql {
  const select = (field: Columned) => sql`
    "value", SUM("count") AS "count" FROM "Tally"
    WHERE "isDeleted" IN (${sidesIn(trash)}) AND "field" = ${columns[field].tally}`;
  return united(fields, select, limit);
}

/** Columns that a question needs, as far as the last in the order of the index, so that grouping costs no sorting. */
function namesOf(fields: readonly Columned[]): readonly string[] {
  const [first] = fields;
  if (first != null && alone.has(first)) return [columns[first].column];
  const last = Math.max(...fields.map((field) => grouped.indexOf(columns[field].column)));
  return grouped.slice(0, last + 1);
}

const selected = (names: readonly string[]): Sql =>
  join(names.map((name) => sql`${valueOf(name)} AS ${identifier(name)}`));

/** The index begins with the side of the trash; over both at once its order would be lost. */
const sidesOf = (trash: TrashScope) => (trash === "ANY" ? (["LIVE", "TRASHED"] as const) : [trash]);

/** In one pass over the index: rows that agree in everything are counted first, and there are few such groups. */
async function fromIndex(
  needs: Needs,
  fields: readonly Columned[],
  query: EntityQuery,
  limit: number,
): Promise<Sql> {
  const names = namesOf(fields);
  const conditions = await Promise.all(
    sidesOf(query.trash).map((trash) => conditionOf(needs, live, { ...query, trash })),
  );
  const groups = conditions.map(
    (condition) => sql`
      SELECT ${selected(names)}, COUNT(*) AS "n" FROM "Entity" e
      WHERE ${whereOf(condition)} GROUP BY ${join(names.map(valueOf))}`,
  );
  return sql`
    WITH counted AS MATERIALIZED (${join(groups, " UNION ALL ")})
    ${united(fields, selectCounted, limit)}`;
}

/** For any filter: few rows are read from the table, many are found in the index. */
async function fromMatches(
  needs: Needs,
  fields: readonly Columned[],
  query: EntityQuery,
  limit: number,
): Promise<Sql> {
  const condition = whereOf(await conditionOf(needs, live, query));
  const names = namesOf(fields);
  const matches = matching({
    ...{ condition, columns: selected(names), index: "Entity_facets", where: sql`TRUE` },
    ...{ sides: sidesOf(query.trash).map((trash) => (trash === "LIVE" ? 0 : 1)) },
    groupBy: join(names.map(valueOf)),
  });
  return sql`
    WITH counted AS MATERIALIZED (${matches})
    ${united(fields, selectCounted, limit)}`;
}

function selectCounted(field: Columned): Sql {
  const column = identifier(columns[field].column);
  const value =
    field === "YEAR"
      ? sql`substr(${column}, 1, 4)`
      : field === "PARENT" || field === "RATING"
        ? sql`CAST(${column} AS TEXT)`
        : column;
  return sql`${value} AS "value", SUM("n") AS "count" FROM counted WHERE ${column} IS NOT NULL`;
}
