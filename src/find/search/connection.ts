import type { Entity } from "../../database/generated/client.ts";
import { entityOf } from "../../database/model/rows.ts";
import type { Asking, Deps } from "../../deps.ts";
import { BadUserInputError } from "../../errors.ts";
import { checkLimit, limitDefault } from "../../graphql/pagination.ts";
import { cursorsOf, type Cursors } from "./cursor.ts";
import { keyOf, type Bound, type Key, type Stretch } from "./keyset.ts";
import { readPiece } from "./listing.ts";
import { liveList } from "./service.ts";
import { type EntityList } from "./query.ts";

type Needs = Pick<Deps, "db"> & Asking;

/** `first` after `after`, or `last` before `before`; a page between two cursors may be taken from either end. */
export interface ConnectionArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface Edge {
  readonly cursor: string;
  readonly node: Entity;
}

/** One page of a list by cursors. Fields that are not selected are not computed. */
export interface Connection {
  readonly edges: readonly Edge[];
  /** Whether any row of the whole list comes before the first edge, or after the last. */
  readonly hasPreviousPage: () => Promise<boolean> | boolean;
  readonly hasNextPage: () => Promise<boolean> | boolean;
  /** Exact count of the whole list, cursors left aside. */
  readonly count: () => Promise<number> | number;
}

interface Wanted {
  readonly size: number;
  readonly isReversed: boolean;
}

function wantedOf({ first, last }: ConnectionArgs): Wanted {
  // "Including a value for both first and last is strongly discouraged, as it is likely to lead to confusing
  // queries and results." https://relay.dev/graphql/connections.htm#sec-Pagination-algorithm
  if (first != null && last != null)
    throw new BadUserInputError("last", "expected either first or last, got both");
  if (last != null) return { size: checkLimit("last", last), isReversed: true };
  return { size: checkLimit("first", first ?? limitDefault), isReversed: false };
}

const boundAt = (key: Key): Bound => ({ key, isInside: false });

const windowOf = (cursors: Cursors, { after, before }: ConnectionArgs): Stretch => ({
  from: after == null ? undefined : boundAt(cursors.read("after", after)),
  to: before == null ? undefined : boundAt(cursors.read("before", before)),
});

/**
 * One page of the entities that match everything that is given. After a cursor come exactly the rows that sort
 * after the place it names, also when entities have been added, moved or destroyed since, even its own row.
 * @throws {BadUserInputError} for a page, cursor, filter, order or search text out of range
 * @throws {QueryTooComplexError}
 */
export async function connectEntities(needs: Needs, query: EntityList & ConnectionArgs): Promise<Connection> {
  const { size, isReversed } = wantedOf(query);
  const { listing, count } = await liveList(needs, query);
  const cursors = cursorsOf(query, listing.order);
  const { from, to } = windowOf(cursors, query);
  const stretch = isReversed ? { from: to, to: from } : { from, to };
  // One row more than requested shows whether others follow.
  const rows = await readPiece(needs, listing, { ...stretch, isReversed, limit: size + 1 });
  const hasMore = rows.length > size;
  const shown = rows.slice(0, size);
  if (isReversed) shown.reverse();
  const keys = shown.map((row) => keyOf(listing.order, row));

  // An empty page stands at its cursors, and the rows at the cursors are outside of it.
  const isAny = async (edge: Key | undefined, cursor: Key, isBefore: boolean) => {
    const from = edge == null ? { key: cursor, isInside: true } : { key: edge, isInside: false };
    return (await readPiece(needs, listing, { from, isReversed: isBefore, limit: 1 })).length > 0;
  };
  return {
    edges: shown.map((row, index) => ({ cursor: cursors.write(keys[index] ?? []), node: entityOf(row) })),
    hasPreviousPage: () => (isReversed && hasMore) || (from != null && isAny(keys[0], from.key, true)),
    hasNextPage: () => (!isReversed && hasMore) || (to != null && isAny(keys.at(-1), to.key, false)),
    count,
  };
}
