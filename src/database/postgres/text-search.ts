import type { TextDialect } from "../dialect.ts";
import {
  columnsSought,
  everything,
  piecesSought,
  textColumns,
  type Match,
  type Sought,
  type TextColumn,
} from "../model/search-terms.ts";
import { sql, type Sql } from "../sql.ts";
import type { Hits, Page, TextQuery, TrashScope } from "../text-search.ts";
import { lexemeOf } from "./lexemes.ts";

/** Words that follow each other, in the language of tsquery: https://www.postgresql.org/docs/current/datatype-textsearch.html */
const phrase = (words: readonly string[], isPrefix: boolean, column: TextColumn | null): string =>
  `(${words
    .map((word, index) => `${lexemeOf(word, column)}${isPrefix && index === words.length - 1 ? ":*" : ""}`)
    .join(" <-> ")})`;

const everythingExpression = phrase([everything], false, null);

const oneOf = (expressions: readonly string[]): string => `(${expressions.join(" | ")})`;

function termExpression(sought: Sought, within: readonly TextColumn[] | undefined): string {
  const { words, isPrefix, namePart } = sought;
  const looked = columnsSought(sought, within);
  const own =
    looked == null || looked.length === textColumns.length
      ? phrase(words, isPrefix, null)
      : oneOf(looked.map((column) => phrase(words, isPrefix, column)));
  if (namePart == null || within != null) return own;
  const part = piecesSought(namePart);
  return oneOf([own, phrase(part.pieces, part.isPrefix, null)]);
}

const joined = (terms: readonly Sought[], operator: "&" | "|", within?: readonly TextColumn[]): string =>
  `(${terms.map((sought) => termExpression(sought, within)).join(` ${operator} `)})`;

function wantedExpression({ every, some }: Match, within: readonly TextColumn[] | undefined): string {
  const wanted = [
    ...(every.length === 0 ? [] : [joined(every, "&", within)]),
    ...(some.length === 0 ? [] : [joined(some, "|", within)]),
  ];
  return wanted.length === 0 ? everythingExpression : wanted.join(" & ");
}

function expressionOf({ match, within, beyond = [] }: TextQuery): string {
  const excluded = [
    ...beyond.map((columns) => joined(match.every, "&", columns)),
    ...match.none.map((sought) => termExpression(sought, undefined)),
  ];
  const wanted = wantedExpression(match, within);
  return excluded.length === 0 ? wanted : `(${wanted}) & !${oneOf(excluded)}`;
}

const queryOf = (query: TextQuery): Sql => sql`CAST(${expressionOf(query)} AS tsquery)`;

const sides: Readonly<Record<TrashScope, Sql>> = {
  LIVE: sql`t."isDeleted" = FALSE`,
  TRASHED: sql`t."isDeleted" = TRUE`,
  ANY: sql`TRUE`,
};

/** FROM and WHERE of the hits, as "t". */
function fromHits({ trash, filter, ...query }: Hits): Sql {
  const matching = sql`t."words" @@ ${queryOf(query)} AND ${sides[trash]}`;
  return filter == null
    ? sql`"EntityText" t WHERE ${matching}`
    : sql`"EntityText" t JOIN "Entity" e ON e."id" = t."entityId" WHERE ${matching} AND (${filter})`;
}

const hitIds = (hits: Hits): Sql => sql`SELECT t."entityId" FROM ${fromHits({ ...hits, filter: null })}`;

/** What a hit is ranked by: who is found by the inside of a name alone comes last. */
const rankedBy = ({ match, ...query }: TextQuery): TextQuery => {
  const words = (terms: readonly Sought[]) => terms.map((sought) => ({ ...sought, namePart: null }));
  return { ...query, match: { every: words(match.every), some: words(match.some), none: [] } };
};

/** ts_rank_cd takes weights in the order D, C, B, A, each from 0 to 1. */
function rankWeights(weights: Readonly<Record<TextColumn, number>>): Sql {
  const most = Math.max(...Object.values(weights));
  const order = [weights.keywords, weights.description, weights.originalName, weights.label];
  return sql`CAST(${order.map((weight) => weight / most)} AS real[])`;
}

/** So many hits are fetched and sorted; of more, the newest are met soon on the way down from the highest id. */
const sortedMax = 500;

/**
 * The planner's estimate for a word that is not among the commonest is far too high, so that it would walk the ids in their
 * order for the few hits of a rare one: the whole table. What is there is counted first, up to a bound.
 */
function newest(hits: Hits, { limit, offset }: Page): Sql {
  const areFew = sql`(SELECT COUNT(*) FROM few) <= ${sortedMax}`;
  const filtered =
    hits.filter == null
      ? sql`SELECT f."id" FROM few f WHERE ${areFew}`
      : sql`SELECT f."id" FROM few f JOIN "Entity" e ON e."id" = f."id" WHERE ${areFew} AND (${hits.filter})`;
  return sql`
    WITH few("id") AS MATERIALIZED (${hitIds(hits)} LIMIT ${sortedMax + 1})
    SELECT "id" FROM (
      (${filtered} ORDER BY "id" DESC LIMIT ${limit} OFFSET ${offset})
      UNION ALL
      SELECT w."id" FROM (
        SELECT t."entityId" AS "id" FROM ${fromHits(hits)}
        ORDER BY t."entityId" DESC LIMIT ${limit} OFFSET ${offset}) w WHERE NOT ${areFew}) n
    ORDER BY "id" DESC`;
}

export const postgresText: TextDialect = {
  found: (query) => sql`SELECT t."entityId" FROM "EntityText" t WHERE t."words" @@ ${queryOf(query)}`,
  hitIds,
  newest,
  count: (hits) => sql`SELECT COUNT(*) AS "count" FROM ${fromHits(hits)}`,
  countUpTo: (hits, max) => sql`
    SELECT COUNT(*) AS "count" FROM (SELECT 1 FROM ${fromHits({ ...hits, filter: null })} LIMIT ${max}) h`,
  scored: (hits, weights, { limit, offset }) => sql`
    SELECT t."entityId" AS "id",
      CAST(ts_rank_cd(${rankWeights(weights)}, t."words", ${queryOf(rankedBy(hits))}) AS double precision) AS "score"
    FROM ${fromHits(hits)} ORDER BY "score" DESC, "id" DESC LIMIT ${limit} OFFSET ${offset}`,
};
