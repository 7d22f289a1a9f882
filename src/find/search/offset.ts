import type { Columns } from "../../database/model/rows.ts";
import { identifier, join, sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import type { PageArgs } from "../../graphql/pagination.ts";
import { keyOf, type Key } from "./keyset.ts";
import { withOrder, readPiece, walkMax, type Listing, type Piece, type Row } from "./listing.ts";
import { anchorsOf, type PageAnchors } from "./page-anchors.ts";

type Needs = Pick<Deps, "db"> & Asking;

/** A listing whose pages are asked for by number. */
export interface Numbered {
  readonly listing: Listing;
  /** The key by which its pages' positions are cached; unique for each list. */
  readonly name: string;
  /** How many rows it has, if that costs nothing; read again at each call. */
  readonly total: (() => Promise<number>) | null;
  /** The columns to read. */
  readonly columns: Columns;
}

/** Rows between two places that are remembered on a long way; half of them at most lie between a page and one of them. */
const strideRows = walkMax;
/** So near the beginning nothing is shorter than counting. */
const nearRows = 100;
/** How often a way is looked for while others commit. */
const attemptsMax = 3;

/** Where to begin: at a known place, or at one of the ends. */
interface Way {
  /** Of the row with the key; of the first row, or one past the last, where there is no key. */
  readonly position: number;
  readonly key: Key | null;
  readonly isReversed: boolean;
}

const beginning: Way = { position: 0, key: null, isReversed: false };

/** Rows between the way's start and the page. */
const distance = ({ position, isReversed }: Way, { offset, limit }: PageArgs): number =>
  isReversed ? Math.max(0, position - offset - limit) : offset - position;

function shortestWay(page: PageArgs, total: number | null, places: PageAnchors): Way {
  const { offset, limit } = page;
  const before = places.before(offset);
  const after = places.after(offset + limit);
  const ways: Way[] = [beginning];
  if (before != null) ways.push({ ...before, isReversed: false });
  if (after != null) ways.push({ ...after, isReversed: true });
  if (total != null) ways.push({ position: total, key: null, isReversed: true });
  return ways.reduce((best, way) => (distance(way, page) < distance(best, page) ? way : best));
}

const pieceOf = (way: Way, page: PageArgs): Piece => ({
  isReversed: way.isReversed,
  // Reading back, the row at the place itself is not before it.
  from: way.key == null ? undefined : { key: way.key, isInside: !way.isReversed },
  skip: distance(way, page),
  limit: way.isReversed ? Math.min(page.limit, way.position - page.offset) : page.limit,
});

/** Goes most of a long way in strides, and remembers where they end: the next page is near one of them. */
async function walk(
  needs: Needs,
  { order, ...listing }: Listing,
  start: Way,
  page: PageArgs,
  places: PageAnchors,
) {
  const columns = join(order.steps.map(({ column }) => sql`e.${identifier(column.name)}`));
  let way = start;
  while (distance(way, page) > strideRows) {
    const position = way.isReversed ? way.position - 1 - strideRows : way.position + strideRows;
    const stride = pieceOf(way, { offset: position, limit: 1 });
    const inBackground = { ...listing, order, isReady: false };
    const [row] = await readPiece(needs, inBackground, stride, columns);
    if (row == null) return;
    way = { ...way, position, key: keyOf(order, row) };
    places.add({ position, key: keyOf(order, row) });
  }
}

/** A page's first row, where it is asked for again, and its last, where the next one begins. */
function remember(places: PageAnchors, { order }: Listing, offset: number, rows: readonly Row[]): void {
  const last = rows.length - 1;
  for (const index of new Set([0, last])) {
    const row = rows[index];
    if (row != null) places.add({ position: offset + index, key: keyOf(order, row) });
  }
}

/**
 * The rows of a page by its number, without walking all that comes before it where a shorter way is known.
 * @see readPiece for what a commit in between does.
 */
export function readNumbered(needs: Needs, numbered: Numbered, page: PageArgs): Promise<Row[]> {
  const { listing } = numbered;
  const columns = withOrder(numbered.columns, listing.order);
  return listing.isReady && page.offset <= nearRows
    ? readPiece(needs, listing, pieceOf(beginning, page), columns)
    : readFarther(needs, numbered, page, columns);
}

async function readFarther(needs: Needs, numbered: Numbered, page: PageArgs, columns: Sql): Promise<Row[]> {
  const { listing, name, total } = numbered;
  const { offset } = page;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const places = anchorsOf(needs.db, name);
    const rowCount = (await total?.()) ?? null;
    if (rowCount != null && offset >= rowCount) return [];
    let way = shortestWay(page, rowCount, places);
    if (listing.isInOrder && distance(way, page) > walkMax) {
      await walk(needs, listing, way, page, places);
      if (anchorsOf(needs.db, name) !== places) continue;
      way = shortestWay(page, rowCount, places);
    }
    const rows = await readPiece(needs, listing, pieceOf(way, page), columns);
    if (way.isReversed) rows.reverse();
    // Numbers are true until the next commit.
    const isStill = anchorsOf(needs.db, name) === places;
    if (isStill) remember(places, listing, offset, rows);
    if (isStill || way === beginning) return rows;
  }
  return readPiece(needs, listing, pieceOf(beginning, page), columns);
}
