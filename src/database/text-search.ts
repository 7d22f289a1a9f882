import type { Match, TextColumn } from "./model/search-terms.ts";
import type { Sql } from "./sql.ts";

export type TrashScope = "LIVE" | "TRASHED" | "ANY";

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** What the index of words is asked for. */
export interface TextQuery {
  readonly match: Match;
  /** Every term must stand in one of these, as words; undefined for anywhere, pieces of file names among it. */
  readonly within?: readonly TextColumn[] | undefined;
  /** Rows with every term within these are left out; an empty list leaves out none. */
  readonly beyond?: readonly (readonly TextColumn[])[];
}

/** Rows that the index of words finds in the live library and its trash. */
export interface Hits extends TextQuery {
  readonly trash: TrashScope;
  /** What rows of `"Entity" e` must meet besides; null for nothing. */
  readonly filter: Sql | null;
}
