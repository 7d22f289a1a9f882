import type { EntityId } from "../model/ids.ts";

/** One of an entity's versions, to be its state once more. */
export interface PastState {
  readonly id: EntityId;
  readonly version: number;
  /** A later version of the same file, whose facts were read since and stay; the version's own when left out. */
  readonly factsVersion?: number;
}

/**
 * When an entity that goes back to the trash went there: `then`, as the version has it, together with what
 * went with it then; or `now`, unless it lies there already.
 */
export type TrashTime = "then" | "now";

/** What every row written in a transaction carries. */
export interface Stamp {
  readonly transactionId: number;
  /** UTC milliseconds; never before an earlier transaction's, whatever the clock does. */
  readonly at: number;
}
