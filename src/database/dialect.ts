import { Prisma } from "./generated/client.ts";
import { sql, type Query, type Sql } from "./sql.ts";
import type { Hits, Page, TextQuery } from "./text-search.ts";
import type { TextColumn } from "./model/search-terms.ts";

/** In degrees, edges included; west is never east of east. */
export interface Box {
  readonly north: number;
  readonly south: number;
  readonly east: number;
  readonly west: number;
}

/** Indexes that have every column of some question, and begin with `isDeleted`. */
export type CoveringIndex = "Entity_facets" | "Entity_isDeleted_capturedLocal_id_type_idx";

/** Rows `"Entity" e` that are read for what their columns say together. */
export interface Matching {
  readonly condition: Sql;
  /** Of `e`; the covering index has all of them. */
  readonly columns: Sql;
  readonly index: CoveringIndex;
  readonly sides: readonly (0 | 1)[];
  /** What a row must meet besides; the covering index has its columns. */
  readonly where: Sql;
  /**
   * Expressions of `e` by which rows are counted, as column "n"; a row may come in several groups of the same values.
   * Null for every row by itself, without "n".
   */
  readonly groupBy: Sql | null;
}

/** Where rows `"Entity" e` come from. */
export interface EntitySource {
  /** After the table in FROM, see `walking`. */
  readonly by: Sql;
  readonly where: Sql;
}

/** Rows of several sources in one order. */
export interface Ordered {
  readonly columns: Sql;
  readonly sources: readonly EntitySource[];
  /** The order's first column, by which an index has the rows of each source; null where none has. */
  readonly column: string | null;
  /** By the names of the result's columns. */
  readonly orderBy: Sql;
  /** How many rows are read, those that are skipped among them. */
  readonly most: number;
}

/** What the engines say differently in SQL. Every function returns a part of a statement. */
export interface Dialect {
  /** A subselect of one column with these values, in any number: the statement's text stays the same. Of none, they are integers. */
  readonly list: (values: readonly (string | number)[]) => Sql;
  /** An entry of FROM with one row for each of `rows`, in no order. */
  readonly rows: (
    alias: string,
    columns: readonly string[],
    rows: readonly (readonly (string | number)[])[],
  ) => Sql;
  /** Whether a column by which the library is ordered is that string; an index is walked where there is one. */
  readonly isString: (column: Sql, name: string, value: string) => Sql;
  /** The same for one of several strings. */
  readonly isOneOf: (column: Sql, name: string, values: readonly string[]) => Sql;
  /** Whether a string has another one in it, letter by letter. */
  readonly contains: (column: Sql, value: string) => Sql;
  readonly startsWith: (column: Sql, value: string) => Sql;
  /** In how many of 32 bits a column differs from a value; both are signed. */
  readonly bitsBetween: (column: Sql, value: number) => Sql;
  /** @param value not empty. */
  readonly endsWith: (column: Sql, value: string) => Sql;
  /** The first or the second line of a string of two lines. */
  readonly lineOf: (column: Sql, line: 1 | 2) => Sql;
  /** Whether a string has letters beyond ASCII. */
  readonly isBeyondAscii: (column: Sql) => Sql;
  /** What names a row of a table within one statement; it costs less than its key. */
  readonly rowOf: (alias: string) => Sql;
  /** The column itself, by which the planner is not to look for an index. */
  readonly unindexed: (column: Sql) => Sql;
  /** After a table in FROM: this index is walked, for its order is the one that is asked for. */
  readonly walking: (index: string) => Sql;
  /** A SELECT, or several as a compound, with its ORDER BY: each source is read in the order of an index, and all are merged. */
  readonly ordered: (ordered: Ordered) => Sql;
  /** JOIN whose left side is read first, since it is much the smaller one. */
  readonly thenJoin: Sql;
  /**
   * A whole SELECT, which may stand in FROM. Whether it takes less to read each row or to walk the index is seen only
   * when the rows are found.
   */
  readonly matching: (matching: Matching) => Sql;
  /** A subselect of the ids of entities in one of the boxes. */
  readonly idsInBoxes: (boxes: readonly Box[]) => Sql;
  readonly text: TextDialect;
}

/** The index of words and of pieces of file names over the live library, see `Hits`. */
export interface TextDialect {
  /** A subselect of the ids that a query finds on both sides of the trash. */
  readonly found: (query: TextQuery) => Sql;
  /** A subselect of the ids of all hits, whatever the filter. */
  readonly hitIds: (hits: Hits) => Sql;
  /** A select of "id": a page of hits, the newest arrivals, which have the highest ids, first. */
  readonly newest: (hits: Hits, page: Page) => Sql;
  /** A select of "count": all hits. @param among whether an index of the filter's is likely to be quicker than each hit. */
  readonly count: (hits: Hits, among: boolean) => Sql;
  /** A select of "count": hits whatever the filter, counted up to `max`. */
  readonly countUpTo: (hits: Hits, max: number) => Sql;
  /**
   * A select of "id" and "score", the best first, ties by falling id. The score is Okapi BM25 with a weight for each
   * column, or the engine's nearest; comparable within one search only.
   */
  readonly scored: (hits: Hits, weights: Readonly<Record<TextColumn, number>>, page: Page) => Sql;
}

/** A part of a statement that each engine writes in its own way; it stands among the values until then. */
class EnginePart {
  /** Says what is asked for: two parts with the same JSON are the same. */
  readonly toJSON: () => unknown;
  readonly write: (dialect: Dialect) => Sql;

  constructor(name: string, given: readonly unknown[], write: (dialect: Dialect) => Sql) {
    this.toJSON = () => [name, ...given];
    this.write = write;
  }
}

/** A function of the dialect whose answer is written when the engine is known. */
const later =
  <Given extends readonly unknown[]>(name: string, of: (dialect: Dialect) => (...given: Given) => Sql) =>
  (...given: Given): Sql =>
    sql`${new EnginePart(name, given, (dialect) => of(dialect)(...given))}`;

const isEnginePart = (value: unknown) => value instanceof EnginePart;

/** Whether a part of the statement itself is left to the engine. */
export const hasEnginePart = ({ values }: Sql): boolean => values.some(isEnginePart);

const expand = (query: Sql, dialect: Dialect): Sql =>
  query.values.some(isEnginePart)
    ? new Prisma.Sql(
        query.strings,
        query.values.map((value) =>
          value instanceof EnginePart ? expand(value.write(dialect), dialect) : value,
        ),
      )
    : query;

/** The statement with every part as one engine writes it. */
export const partsFor = (dialect: Dialect, query: Query): Query =>
  query instanceof Prisma.Sql ? expand(query, dialect) : query;

/** The statement as one engine takes it. Every engine calls this before it runs or compares a query. */
export function writeFor(dialect: Dialect, query: Query): Query {
  if (!(query instanceof Prisma.Sql)) return query;
  const { sql: text, values } = expand(query, dialect);
  return { sql: text, values };
}

export const list = later("list", ({ list }) => list);
export const rowsOf = later("rows", ({ rows }) => rows);
export const isString = later("isString", ({ isString }) => isString);
export const isOneOf = later("isOneOf", ({ isOneOf }) => isOneOf);
export const contains = later("contains", ({ contains }) => contains);
export const bitsBetween = later("bitsBetween", ({ bitsBetween }) => bitsBetween);
export const startsWith = later("startsWith", ({ startsWith }) => startsWith);
export const endsWith = later("endsWith", ({ endsWith }) => endsWith);
export const lineOf = later("lineOf", ({ lineOf }) => lineOf);
export const isBeyondAscii = later("isBeyondAscii", ({ isBeyondAscii }) => isBeyondAscii);
export const rowOf = later("rowOf", ({ rowOf }) => rowOf);
export const unindexed = later("unindexed", ({ unindexed }) => unindexed);
export const walking = later("walking", ({ walking }) => walking);
export const ordered = later("ordered", ({ ordered }) => ordered);
export const thenJoin = later(
  "thenJoin",
  ({ thenJoin }) =>
    () =>
      thenJoin,
)();
export const matching = later("matching", ({ matching }) => matching);
export const idsInBoxes = later("idsInBoxes", ({ idsInBoxes }) => idsInBoxes);
export const text: TextDialect = {
  found: later("text.found", ({ text }) => text.found),
  hitIds: later("text.hitIds", ({ text }) => text.hitIds),
  newest: later("text.newest", ({ text }) => text.newest),
  count: later("text.count", ({ text }) => text.count),
  countUpTo: later("text.countUpTo", ({ text }) => text.countUpTo),
  scored: later("text.scored", ({ text }) => text.scored),
};
