import type { EntityId } from "../model/ids.ts";
import type { EntityChange } from "./change.ts";
import type { PastState, Stamp, TrashTime } from "./past-state.ts";

export type ChangeOperation =
  | "CREATE"
  | "UPDATE"
  | "REPLACE_FILE"
  | "READ_FACTS"
  | "MOVE"
  | "SOFT_DELETE"
  | "RESTORE"
  | "REVERT"
  | "UNDO"
  | "HARD_DELETE";

/** The actor of a transaction, its mutation or command, and the reason. */
export interface Opening {
  readonly operation: string;
  readonly actor: string | null;
  readonly reason: string | null;
  /** The operation of the versions; null derives it from the changes of each. */
  readonly change?: "REVERT" | "UNDO" | "READ_FACTS";
  /** The one entity that `change` is about; all of them when left out. */
  readonly changeOf?: EntityId;
  /** The transaction that this one takes back. */
  readonly undoOf?: number;
}

/** The actor and mutation of facts that the server reads by itself. */
export const systemReading = {
  ...{ operation: "readFacts", actor: "system", reason: null },
  change: "READ_FACTS",
} as const satisfies Opening;

/** Writes one transaction's record; its methods run on the writer, inside the database transaction. */
export interface Recorder {
  /** Null until something was written: an operation that changes nothing leaves no transaction. */
  readonly stamped: Stamp | null;
  /** Opens the record at the first write. */
  stamp(): Promise<Stamp>;
  /** Writes columns of entities as their next versions. */
  change(changes: readonly EntityChange[]): Promise<void>;
  /** Writes earlier states as the next versions. */
  restore(states: readonly PastState[], trash: TrashTime): Promise<void>;
  /** Snapshots every entity the transaction has written since the last call. */
  seal(): Promise<void>;
  /**
   * Last thing before the commit: what has changed can be searched for. The database refuses it while a changed
   * entity has no version.
   */
  close(): Promise<void>;
}
