import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Semaphore } from "../../concurrency/semaphore.ts";
import { LockWait } from "./busy.ts";
import { busyTimeoutMs, openConnection, type Connection } from "./connection.ts";
import { isFull } from "./result-code.ts";

/** An SQLite file: readers see the last commit and never wait, writers take turns. */
export interface Database {
  readonly path: string;
  /** Refuses writes. */
  readonly reader: Connection;
  /** Only inside `exclusive`, or inside a Prisma transaction, whose connection it is. */
  readonly writer: Connection;
  /**
   * Runs work alone, in the order asked; it waits here and not in BEGIN, which would stop the whole process.
   * Opens no transaction by itself; one that the work leaves open is rolled back.
   * @throws {Error} when the work left a transaction open, or asks for the writer again from within.
   */
  exclusive<T>(work: (writer: Connection) => Promise<T> | T): Promise<T>;
  /**
   * The writer's turn taken by hand, until the answer is called.
   * @throws {Error} within `exclusive`
   */
  acquire(): Promise<() => void>;
  /**
   * Begins to write, within the turn; what fails with SQLITE_BUSY has not begun.
   * @throws {UnavailableError} when another process keeps the lock.
   */
  whenUnlocked<T>(begin: (writer: Connection) => T): Promise<T>;
  close(): void;
}

/** How long one attempt to begin may stop the process. */
const attemptMs = 10;

/** 0 where there is no file as well. */
export const databaseBytes = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Opens an SQLite file for reading and writing, making it and its folder when absent. */
export function openDatabase(path: string): Database {
  mkdirSync(dirname(path), { recursive: true });
  const writer = openConnection(path, { readOnly: false });
  const locks = new LockWait(busyTimeoutMs);
  const reader = openConnection(path, { readOnly: true });
  const mutex = new Semaphore(1);
  const turn = new AsyncLocalStorage<{ isOver: boolean }>();

  const acquire = async () => {
    if (turn.getStore()?.isOver === false) {
      throw new Error("Asking for the writer within exclusive() would wait forever; use the one handed in");
    }
    return mutex.acquire();
  };

  const exclusive: Database["exclusive"] = async (work) => {
    const release = await acquire();
    const mine = { isOver: false };
    try {
      const result = await turn.run(mine, () => work(writer));
      if (writer.inTransaction) throw new Error("A transaction was left open; it has been rolled back");
      return result;
    } finally {
      mine.isOver = true;
      try {
        if (writer.inTransaction) writer.exec("ROLLBACK");
      } finally {
        release();
      }
    }
  };

  return {
    path,
    reader,
    writer,
    acquire,
    whenUnlocked: (begin) =>
      locks.run(() => {
        writer.exec(`PRAGMA busy_timeout = ${attemptMs}`);
        try {
          return begin(writer);
        } finally {
          writer.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
        }
      }),
    exclusive,
    close() {
      reader.close();
      // Leaves an empty journal behind, so that a copy of the one file is a whole backup.
      try {
        if (!writer.inTransaction) writer.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch (error) {
        // On a full disk the journal stays; it is read again at the next start.
        if (!isFull(error)) throw error;
      } finally {
        writer.close();
      }
    },
  };
}
