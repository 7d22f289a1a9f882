import {
  partsFor,
  type Box,
  type Dialect,
  type EntitySource,
  type Matching,
  type Ordered,
} from "../dialect.ts";
import { Prisma } from "../generated/client.ts";
import { empty, identifier, join, raw, sql, type Query, type Sql } from "../sql.ts";
import { postgresText } from "./text-search.ts";

/** The type of an array's elements: what a column of it is compared with. */
function arrayType(values: readonly (string | number)[]): "text" | "integer" | "bigint" | "float8" {
  if (values.some((value) => typeof value === "string")) return "text";
  const numbers = values as readonly number[];
  if (!numbers.every(Number.isInteger)) return "float8";
  return numbers.every((value) => Math.abs(value) < 2 ** 31) ? "integer" : "bigint";
}

/** One value however long the list, so that one statement serves every length. */
const array = (values: readonly (string | number)[]): Sql =>
  sql`CAST(${[...values]} AS ${raw(arrayType(values))}[])`;

const list: Dialect["list"] = (values) => sql`SELECT unnest(${array(values)}) AS "value"`;

const rows: Dialect["rows"] = (alias, columns, given) => {
  const arrays = columns.map((_, index) => array(given.map((row) => row[index] ?? "")));
  return sql`unnest(${join(arrays)}) AS ${identifier(alias)} (${join(columns.map(identifier))})`;
};

/** The planner has statistics, and decides by them which way is shorter. */
const matching = ({ condition, columns, where, groupBy }: Matching): Sql => sql`
  SELECT ${columns}${groupBy == null ? empty : sql`, COUNT(*) AS "n"`}
  FROM "Entity" e WHERE (${condition}) AND ${where}
  ${groupBy == null ? empty : sql`GROUP BY ${groupBy}`}`;

/** Strings of up to 1,000 characters; an entry of an index has 2,704 bytes at most. */
const longColumns: ReadonlySet<string> = new Set(["labelFolded", "originalNameFolded"]);
const entryBytesMax = 2400;
const entryBytes = raw(String(entryBytesMax));

/** Long strings have an index of their own, which does not order them: they are few, and sorted for each page. */
function inIndexes({ where }: EntitySource, column: string | null): readonly Sql[] {
  if (column == null || !longColumns.has(column)) return [where];
  // As the indexes' conditions have it.
  const bytes = sql`COALESCE(octet_length(e.${identifier(column)}), 0)`;
  return [sql`${where} AND ${bytes} <= ${entryBytes}`, sql`${where} AND ${bytes} > ${entryBytes}`];
}

/** Members of a compound are planned by themselves: without an order and a limit of its own each would be read to its end. */
function ordered({ columns, sources, column, orderBy, most }: Ordered): Sql {
  const selects = sources
    .flatMap((source) => inIndexes(source, column))
    .map((where) => sql`SELECT ${columns} FROM "Entity" e WHERE ${where} ORDER BY ${orderBy}`);
  const [only] = selects;
  if (selects.length === 1 && only != null) return only;
  const members = selects.map((select) => sql`(${select} LIMIT ${most})`);
  return sql`${join(members, " UNION ALL ")} ORDER BY ${orderBy}`;
}

/** As the condition of the index of strings says it, where each of the strings can be in that index. */
function inShortIndex(column: Sql, name: string, values: readonly string[]): Sql {
  const areShort = values.every((value) => Buffer.byteLength(value) <= entryBytesMax);
  if (!longColumns.has(name) || !areShort) return empty;
  return sql` AND COALESCE(octet_length(${column}), 0) <= ${entryBytes}`;
}

const inBox = ({ north, south, east, west }: Box): Sql => sql`
  point("longitude", "latitude") <@ box(
    point(CAST(${west} AS float8), CAST(${south} AS float8)), point(CAST(${east} AS float8), CAST(${north} AS float8)))`;

/** PostgreSQL 15 and newer. */
export const postgresDialect: Dialect = {
  list,
  rows,
  isString: (column, name, value) => sql`(${column} = ${value}${inShortIndex(column, name, [value])})`,
  isOneOf: (column, name, values) =>
    sql`(${column} IN (${list(values)})${inShortIndex(column, name, values)})`,
  contains: (column, value) => sql`strpos(${column}, ${value}) > 0`,
  bitsBetween: (column, value) =>
    sql`CAST(bit_count(CAST(${column} # CAST(${value} AS integer) AS bit(32))) AS integer)`,
  startsWith: (column, value) => sql`starts_with(${column}, ${value})`,
  endsWith: (column, value) => sql`right(${column}, length(CAST(${value} AS text))) = ${value}`,
  lineOf: (column, line) => sql`split_part(${column}, chr(10), ${raw(String(line))})`,
  isBeyondAscii: (column) => sql`length(${column}) <> octet_length(${column})`,
  rowOf: (alias) => sql`${identifier(alias)}.ctid`,
  unindexed: (column) => column,
  walking: () => empty,
  ordered,
  thenJoin: sql`JOIN`,
  matching,
  idsInBoxes: (boxes) => sql`
    SELECT "id" FROM "Entity"
    WHERE "latitude" IS NOT NULL AND "longitude" IS NOT NULL AND (${join(boxes.map(inBox), " OR ")})`,
  text: postgresText,
};

/** The statement as PostgreSQL takes it, with `$1` for the first of its values. */
export function writeForPostgres(query: Query): {
  readonly text: string;
  readonly values: readonly unknown[];
} {
  const written = partsFor(postgresDialect, query);
  if (written instanceof Prisma.Sql) return { text: written.text, values: written.values };
  let count = 0;
  return { text: written.sql.replaceAll("?", () => `$${++count}`), values: written.values };
}
