import { text } from "../../database/dialect.ts";
import {
  columnsSought,
  textColumns,
  type Match,
  type TextColumn,
} from "../../database/model/search-terms.ts";
import type { Hits } from "../../database/text-search.ts";
import type { Entity } from "../../database/generated/client.ts";
import { entityColumns, entityOf } from "../../database/model/rows.ts";
import { sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { checkPage, page, type Page, type PageArgs } from "../../graphql/pagination.ts";
import { countHits, hasMoreHits } from "./hits.ts";
import { hitsOf } from "./service.ts";
import { isEverything, matchOf, parseSearch, takeRatings } from "./text.ts";
import { type EntityQuery } from "./query.ts";

type Needs = Pick<Deps, "db"> & Asking;

export interface SearchQuery extends PageArgs, Pick<EntityQuery, "filter" | "trash"> {
  readonly text: string;
}

export interface SearchHit {
  readonly entity: Entity;
  /** The higher, the better; comparable within one search only. */
  readonly score: number;
  /** What it was found by. */
  readonly match: Match;
}

/** What a word counts for by where it stands; `parts` is the inside of file names. */
const weights: Readonly<Record<TextColumn | "parts", number>> = {
  label: 10,
  originalName: 5,
  description: 3,
  cameraMake: 1,
  cameraModel: 1,
  cameraLens: 1,
  keywords: 1,
  altText: 3,
  creator: 1,
  parts: 0.5,
};

/** Up to so many hits are scored one by one, at about a microsecond each. */
const scoredHitsMax = 5000;

interface Tier {
  /** Every term stands in one of these; undefined for anywhere, inside file names too. It finds every better tier as well. */
  readonly within: readonly TextColumn[] | undefined;
  readonly score: number;
}

/** From the best columns to all of them; each step is a tier. */
const steps: readonly Tier[] = [
  { within: ["label"], score: weights.label },
  { within: ["label", "originalName"], score: weights.originalName },
  { within: ["label", "originalName", "description", "altText"], score: weights.description },
  { within: textColumns, score: weights.keywords },
  { within: undefined, score: weights.parts },
];

/**
 * The hits in groups, the best first: those that have everything in the label, then those that need the file's name
 * for it, and so on. A step that looks for no term anywhere else than the one before is none.
 */
function tiersOf({ every }: Match): Tier[] {
  const tiers: Tier[] = [];
  let before = "";
  for (const step of steps) {
    const places = every.map((sought) => columnsSought(sought, step.within) ?? textColumns);
    if (places.some(({ length }) => length === 0)) continue;
    const hasParts = step.within == null && every.some(({ namePart }) => namePart != null);
    const name = JSON.stringify([places, hasParts]);
    if (name !== before) tiers.push(step);
    before = name;
  }
  return tiers;
}

type Row = Record<string, unknown> & { readonly score: number };

const scored = (hits: Hits, args: PageArgs): Sql => sql`
  SELECT ${entityColumns}, f."score"
  FROM (${text.scored(hits, weights, args)}) f JOIN "Entity" e ON e."id" = f."id"
  ORDER BY f."score" DESC, e."id" DESC`;

const inTier = (hits: Hits, score: number, args: PageArgs): Sql => sql`
  SELECT ${entityColumns}, CAST(${score} AS DOUBLE PRECISION) AS "score"
  FROM (${text.newest(hits, args)}) f JOIN "Entity" e ON e."id" = f."id" ORDER BY e."id" DESC`;

/**
 * Cameras and keywords are the commonest words of all, and stand in nothing better: one walk says so instead of one
 * for each tier.
 */
async function worthwhile(needs: Needs, hits: Hits, tiers: readonly Tier[]): Promise<readonly Tier[]> {
  const better = tiers.filter(({ score }) => score > weights.keywords);
  const last = better.at(-1);
  if (last == null || (await hasMoreHits(needs, { ...hits, within: last.within }, 0))) return tiers;
  return tiers.slice(better.length);
}

/** Walks tier after tier until the page is full. */
async function tiered(needs: Needs, match: Match, hits: Hits, args: PageArgs): Promise<Row[]> {
  const { db, signal } = needs;
  const rows: Row[] = [];
  let beyond: NonNullable<Hits["beyond"]> = [];
  let { offset } = args;
  for (const { within, score } of await worthwhile(needs, hits, tiersOf(match))) {
    const tier = { ...hits, within, beyond };
    const limit = args.limit - rows.length;
    const found = await db.reader.all<Row>(inTier(tier, score, { limit, offset }), { cost: "scan", signal });
    rows.push(...found);
    if (found.length === limit) break;
    const passed = found.length > 0 || offset === 0 ? found.length : await countHits(needs, tier);
    // The page begins in one of the next.
    offset = rows.length > 0 ? 0 : offset - passed;
    // What is in no row need not be taken out of the next tier, which costs as much as to find it. With a filter,
    // rows that it has taken out are no hits either.
    if (passed > 0 && within != null) beyond = [within];
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
  asked: SearchQuery,
  rankedMax = scoredHitsMax,
): Promise<Page<SearchHit>> {
  const { rest, filters } = takeRatings(asked.text, "text");
  const filter = asked.filter == null ? filters : [asked.filter, ...filters];
  const query = filters.length === 0 ? asked : { ...asked, filter: { AND: filter } };
  const args = checkPage(query);
  const match = matchOf(parseSearch(rest, "text"));
  if (match == null || (isEverything(match) && filters.length === 0)) return page(args, [], () => 0);
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
