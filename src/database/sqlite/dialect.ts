import { writeFor, type Dialect, type Matching } from "../dialect.ts";
import { identifier, join, raw, sql, type Query, type Sql } from "../sql.ts";
import { sqliteText } from "./text-search.ts";

/** One value however long the list, so that one prepared statement serves every length. */
const list: Dialect["list"] = (values) =>
  sql`SELECT value AS "value" FROM json_each(${JSON.stringify(values)})`;

const rows: Dialect["rows"] = (alias, columns, given) => {
  const values = columns.map(
    (column, index) => sql`value ->> ${raw(String(index))} AS ${identifier(column)}`,
  );
  return sql`(SELECT ${join(values)} FROM json_each(${JSON.stringify(given)})) ${identifier(alias)}`;
};

/** SQLite neither counts bits nor knows XOR: 32 of them are added up in pairs, fours, bytes, and those by the remainder. */
function bitsBetween(column: Sql, value: number): Sql {
  const differing = sql`(((${column} | ${value}) - (${column} & ${value})) & 4294967295)`;
  const pairs = sql`(${differing} - ((${differing} >> 1) & 1431655765))`;
  const fours = sql`((${pairs} & 858993459) + ((${pairs} >> 2) & 858993459))`;
  return sql`(((${fours} + (${fours} >> 4)) & 252645135) % 255)`;
}

/** https://sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_ */
const unindexed = (column: Sql): Sql => sql`+${column}`;

/** As many rows as are read from the table in about 100 ms. */
const fewMax = 20_000;
const areFew = sql`COUNT(*) <= ${raw(String(fewMax))}`;

/**
 * What matches is counted by one index and looked up in another: reading hundreds of thousands of rows one by one, each
 * somewhere else in the table, takes ten times as long as walking an index that has every column. How many they are is
 * known only when they are found, so the statement has both ways, and takes one.
 */
function matching({ condition, columns, index, sides, where, groupBy }: Matching): Sql {
  const few = sql`
    SELECT * FROM (
      SELECT ${columns}${groupBy == null ? sql`` : sql`, 1 AS "n"`}
      FROM matches CROSS JOIN "Entity" e ON e."id" = matches."id"
      WHERE ${where} LIMIT (SELECT iif(${areFew}, -1, 0) FROM matches))`;
  const many = sides.map(
    (side) => sql`
      SELECT * FROM (
        SELECT ${columns}${groupBy == null ? sql`` : sql`, COUNT(*) AS "n"`}
        FROM "Entity" e INDEXED BY ${identifier(index)}
        WHERE e."isDeleted" = ${raw(String(side))} AND ${where}
          AND ${unindexed(sql`e."id"`)} IN (SELECT "id" FROM matches)
        ${groupBy == null ? sql`` : sql`GROUP BY ${groupBy}`}
        LIMIT (SELECT iif(${areFew}, 0, -1) FROM matches))`,
  );
  return sql`
    WITH matches AS MATERIALIZED (SELECT e."id" FROM "Entity" e WHERE ${condition})
    ${join([few, ...many], " UNION ALL ")}`;
}

export const sqliteDialect: Dialect = {
  list,
  rows,
  isString: (column, _name, value) => sql`${column} = ${value}`,
  isOneOf: (column, _name, values) => sql`${column} IN (${list(values)})`,
  // LIKE would ignore the case of ASCII letters, and needs escaping.
  contains: (column, value) => sql`instr(${column}, ${value}) > 0`,
  bitsBetween,
  startsWith: (column, value) => sql`substr(${column}, 1, length(${value})) = ${value}`,
  endsWith: (column, value) => sql`substr(${column}, -length(${value})) = ${value}`,
  lineOf: (column, line) =>
    line === 1
      ? sql`substr(${column}, 1, instr(${column}, char(10)) - 1)`
      : sql`substr(${column}, instr(${column}, char(10)) + 1)`,
  isBeyondAscii: (column) => sql`length(${column}) <> length(CAST(${column} AS BLOB))`,
  rowOf: (alias) => sql`${identifier(alias)}.rowid`,
  unindexed,
  walking: (index) => sql`INDEXED BY ${identifier(index)}`,
  ordered: ({ columns, sources, orderBy }) => {
    const selects = sources.map(
      ({ by, where }) => sql`SELECT ${columns} FROM "Entity" e ${by} WHERE ${where}`,
    );
    return sql`${join(selects, " UNION ALL ")} ORDER BY ${orderBy}`;
  },
  // https://sqlite.org/optoverview.html#crossjoin
  thenJoin: sql`CROSS JOIN`,
  matching,
  idsInBoxes: (boxes) =>
    join(
      boxes.map(
        ({ north, south, east, west }) => sql`
        SELECT "id" FROM "Entity_place"
        WHERE "south" <= ${north} AND "north" >= ${south} AND "west" <= ${east} AND "east" >= ${west}`,
      ),
      " UNION ALL ",
    ),
  text: sqliteText,
};

/** The statement as SQLite takes it. */
export const writeForSqlite = (query: Query): Query => writeFor(sqliteDialect, query);
