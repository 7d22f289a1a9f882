import type { Prisma, PrismaClient } from "./generated/client.ts";
import type { Reader } from "./reader.ts";
import type { Query } from "./sql.ts";
import type { Opening } from "./versioning/recorder.ts";
import type { EntityChange } from "./versioning/change.ts";
import type { PastState, TrashTime } from "./versioning/past-state.ts";

/** The library's state at one commit. */
export interface Moment {
  /** Another number after every commit, by this process or another. */
  readonly revision: number;
  /** The last transaction that had been written; 0 for none. */
  readonly transactionId: number;
}

/** What one operation reads: all of it of one commit. */
export interface OperationView extends Moment {
  readonly db: Db;
}

/** A moment that stays while others write, for one operation. It must be closed soon. */
export interface PinnedMoment extends Pick<Moment, "transactionId"> {
  /** Reads are of that moment; writes are as ever. */
  readonly db: Db;
  close(): Promise<void>;
}

/** One database transaction, seen from inside. */
export interface Tx {
  readonly prisma: Prisma.TransactionClient;
  /** Reads what this transaction has written so far. */
  readonly reader: Reader;
  /** Runs one statement that changes rows of no entity, for which Prisma's own would be too long. */
  write(query: Query): Promise<{ changes: number }>;
  /** The row in `Transaction`; null while nothing was written. */
  readonly transactionId: number | null;
  /** Writes the row in `Transaction` even if no entity changes; @returns its id. */
  record(): Promise<number>;
  /** Writes columns of many entities, each its own, as their next versions: a statement for some thousand of them. */
  change(changes: readonly EntityChange[]): Promise<void>;
  /**
   * Writes former states of entities as their next versions, all at once. The caller has made sure that the
   * parents exist and that no other entity has the files.
   */
  restore(states: readonly PastState[], trash: TrashTime): Promise<void>;
}

export interface Db {
  /** For reading; a write outside `transaction` becomes a transaction of its own. */
  readonly prisma: PrismaClient;
  /** Committed rows only; every statement sees the newest commit. */
  readonly reader: Reader;
  /** Changes with every commit, by this process or another; while it stays the same, so does every answer. */
  revision(): number;
  /** The revision, and the last transaction that it has. */
  now(): Moment;
  /**
   * Runs an operation so that all it reads is of one commit, although others are made meanwhile.
   * @param asking whose signal is asked for where something waits by it.
   * @param run may be called twice.
   * @param isFinal whether a result would be the same at any commit; such a one is not asked for again.
   * @returns the last transaction that was read as well.
   * @throws {TooManyQueriesError} @throws {QueryTooComplexError} when the signal was aborted.
   */
  readAtOneMoment<T>(
    asking: { readonly signal?: AbortSignal | undefined },
    run: (view: OperationView) => T | Promise<T>,
    isFinal: (result: T) => boolean,
  ): Promise<{ readonly result: T; readonly transactionId: number }>;
  /**
   * Holds the newest commit for one operation, at most as long as a query may take.
   * @throws {TooManyQueriesError} @throws {QueryTooComplexError} when the signal was aborted.
   */
  openMoment(signal?: AbortSignal): Promise<PinnedMoment>;
  /**
   * Resolves when what this server answers has the transaction, which another server may have written. It waits for no
   * transaction that the database does not have, and for none longer than a moment.
   */
  catchUp(transactionId: number): Promise<void>;
  /** Resolves after the next recorded transaction, or when the signal is aborted. */
  nextCommit(signal: AbortSignal): Promise<void>;
  /**
   * Everything `work` writes, or nothing of it when it throws. Transactions run one after another, in
   * the order asked. One that writes nothing leaves no trace.
   * @throws {StorageFullError}
   * @throws {OutcomeUnknownError}
   */
  transaction<T>(opening: Opening, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs one statement that changes rows of no entity, as a transaction of its own that is not recorded. */
  write(query: Query): Promise<{ changes: number }>;
  /** Whether it could be written to now; changes nothing. @throws {Error} of SQLite */
  tryWriting(): Promise<void>;
  /** @see {rebuildDerived} */
  rebuild(): Promise<void>;
  close(): Promise<void>;
}
