import { expressionOf, textColumns, type TextColumn } from "../../database/sqlite/text-index.ts";
import type { Entity } from "../../database/generated/client.ts";
import { entityColumns, entityOf } from "../../database/model/rows.ts";
import { join, sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { checkPage, page, type Page, type PageArgs } from "../../graphql/pagination.ts";

import { countHits, fromHits, hasMoreHits, idOf, newestHits, type Hits } from "./hits.ts";
import { hitsOf } from "./service.ts";
import { isEverything, matchOf, parseSearch, type Match } from "./text.ts";
import { type EntityQuery } from "./query.ts";

type Needs = Pick<Deps, "db"> & Asking;

export interface SearchQuery extends PageArgs, Pick<EntityQuery, "filter" | "trash"> {
  readonly text: string;
}

export interface SearchHit {
  readonly entity: Entity;
  /** The higher, the better; comparable within one search only. */
  readonly score: number;
  /** The parsed search. */
  readonly match: Match;
}

/** The weight of a word by the field that contains it; `parts` is the inside of file names. */
const weights: Readonly<Record<TextColumn | "parts", number>> = {
  label: 10,
  originalName: 5,
  description: 3,
  cameraMake: 1,
  cameraModel: 1,
  cameraLens: 1,
  keywords: 1,
  parts: 0.5,
};

/** Up to this many hits are scored one by one, at about a microsecond each. */
const scoredHitsMax = 5000;

interface Tier {
  /** Finds it and every better one. */
  readonly expression: string;
  readonly score: number;
}

/** From the best columns to all of them; each step is a tier. */
const steps: readonly { readonly columns: readonly TextColumn[] | undefined; readonly score: number }[] = [
  { columns: ["label"], score: weights.label },
  { columns: ["label", "originalName"], score: weights.originalName },
  { columns: ["label", "originalName", "description"], score: weights.description },
  { columns: textColumns, score: weights.keywords },
  { columns: undefined, score: weights.parts },
];

/**
 * The hits in groups, the best first: those that have everything in the label, then those that need the file's name
 * for it, and so on.
 */
function tiersOf({ every }: Match): Tier[] {
  const tiers: Tier[] = [];
  for (const { columns, score } of steps) {
    const parts = every.map((sought) => expressionOf(sought, columns));
    // Null: a field that this step does not have yet.
    const expression = parts.includes(null) ? null : `(${parts.join(" AND ")})`;
    if (expression != null && expression !== tiers.at(-1)?.expression) tiers.push({ expression, score });
  }
  return tiers;
}

const without = (expression: string, excluded: readonly string[]) =>
  excluded.length === 0 ? expression : `${expression} NOT (${excluded.join(" OR ")})`;

type Row = Record<string, unknown> & { readonly score: number };

/** Nothing for `parts`: a word that few names have inside would count for more than the same in a label. */
const bm25Weights = join([...textColumns.map((column) => sql`${weights[column]}`), sql`0`]);

/** Okapi BM25 (https://sqlite.org/fts5.html#the_bm25_function), which FTS5 turns upside down. */
const scored = (hits: Hits, { limit, offset }: PageArgs): Sql => sql`
  SELECT ${entityColumns}, -f."rank" AS "score" FROM (
    SELECT ${idOf(hits)} AS "id", bm25("Entity_fts", ${bm25Weights}) AS "rank" FROM ${fromHits(hits)}
    ORDER BY "rank", "id" DESC LIMIT ${limit} OFFSET ${offset}
  ) f JOIN "Entity" e ON e."id" = f."id"
  ORDER BY f."rank", e."id" DESC`;

const inTier = (hits: Hits, score: number, args: PageArgs): Sql => sql`
  SELECT ${entityColumns}, ${score} AS "score"
  FROM (${newestHits(hits, args)}) f JOIN "Entity" e ON e."id" = f."id" ORDER BY e."id" DESC`;

/**
 * Cameras and keywords are the commonest words of all, and stand in nothing better: one walk says so instead of one
 * for each tier.
 */
async function worthwhile(needs: Needs, hits: Hits, tiers: readonly Tier[]): Promise<readonly Tier[]> {
  const better = tiers.filter(({ score }) => score > weights.keywords);
  const last = better.at(-1);
  if (last == null || (await hasMoreHits(needs, { ...hits, expression: last.expression }, 0))) return tiers;
  return tiers.slice(better.length);
}

/** Walks tier after tier until the page is full. */
async function tiered(needs: Needs, match: Match, hits: Hits, args: PageArgs): Promise<Row[]> {
  const { db, signal } = needs;
  const rows: Row[] = [];
  const excluded = match.none.map((sought) => `(${expressionOf(sought)})`);
  let better: readonly string[] = [];
  let { offset } = args;
  for (const { expression, score } of await worthwhile(needs, hits, tiersOf(match))) {
    const tier = { ...hits, expression: without(expression, [...better, ...excluded]) };
    const limit = args.limit - rows.length;
    const found = await db.reader.all<Row>(inTier(tier, score, { limit, offset }), { cost: "scan", signal });
    rows.push(...found);
    if (found.length === limit) break;
    const passed = found.length > 0 || offset === 0 ? found.length : await countHits(needs, tier);
    // The page begins in one of the next.
    offset = rows.length > 0 ? 0 : offset - passed;
    // An expression without hits need not be excluded from the next tier, which would cost as much as finding it. With
    // a filter, rows that it has excluded are no hits either.
    if (passed > 0) better = [expression];
  }
  return rows;
}

/**
 * One page of what a search finds, the best first.
 * @param rankedMax most hits to be scored one by one.
 * @throws {BadUserInputError} for a page, filter or text out of range
 * @throws {QueryTooComplexError}
 */
export async function search(
  needs: Needs,
  query: SearchQuery,
  rankedMax = scoredHitsMax,
): Promise<Page<SearchHit>> {
  const args = checkPage(query);
  const match = matchOf(parseSearch(query.text, "text"));
  if (match == null || isEverything(match)) return page(args, [], () => 0);
  const hits = hitsOf(match, query);
  const isScored = match.every.length > 0 && !(await hasMoreHits(needs, hits, rankedMax));
  const run = (query: Sql) => needs.db.reader.all<Row>(query, { cost: "scan", signal: needs.signal });
  const rows =
    match.every.length === 0
      ? await run(inTier(hits, 0, args))
      : isScored
        ? await run(scored(hits, args))
        : await tiered(needs, match, hits, args);
  const items = rows.map(({ score, ...row }): SearchHit => ({ entity: entityOf(row), score, match }));
  return page(args, items, () => countHits(needs, hits));
}
