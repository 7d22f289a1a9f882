import { joinSignals } from "../../signals.ts";
import { askerOf } from "../asker.ts";
import { abandoned, timedOut } from "../errors.ts";
import { BackgroundConnection } from "./background-connection.ts";
import { openConnection, type Connection } from "./connection.ts";
import { Threads } from "../threads.ts";

/** One commit, seen by two connections: one answers at once, one in another thread. */
export interface Pin {
  readonly reader: Pick<Connection, "all" | "get">;
  readonly background: BackgroundConnection;
  /** Aborted when the pin has been held for too long, or its operation has ended. */
  readonly signal: AbortSignal;
  /** Waits for what still reads. */
  release(reading: Promise<unknown>): Promise<void>;
}

export interface Pins {
  /**
   * Pins the newest commit. Viewers take turns.
   * @param signal ends it when it is aborted, and names the asker (`nameAsker`).
   * @throws {TooManyQueriesError} when too many wait already
   * @throws {QueryTooComplexError} when the signal was aborted, or the time is over before both see one commit.
   */
  open(signal?: AbortSignal): Promise<Pin>;
  close(): void;
}

interface Limits {
  /** Pins held at the same time. */
  readonly max: number;
  /** Of those, by one viewer: they cannot be asked back from an operation that reads. */
  readonly eachMax: number;
  readonly waitingMax: number;
  /** SQLite cannot empty its journal past a commit that is pinned. */
  readonly heldMsMax: number;
}

class Pair {
  readonly reader: Connection;
  readonly background: BackgroundConnection;

  constructor(path: string) {
    this.reader = openConnection(path, { readOnly: true });
    this.background = new BackgroundConnection(path);
  }

  /** Both see one commit when nothing was committed meanwhile; that is for the caller to know. */
  async pin(signal: AbortSignal): Promise<void> {
    this.reader.exec("BEGIN");
    this.reader.get({ sql: `SELECT 1 AS "is" FROM "Counter" LIMIT 1`, values: [] });
    await this.background.pin(signal);
  }

  async unpin(): Promise<void> {
    if (this.reader.inTransaction) this.reader.exec("ROLLBACK");
    await this.background.release();
  }

  close(): void {
    this.reader.close();
    this.background.close();
  }
}

/** @param revision another number after every commit. */
export function openPins(path: string, revision: () => number, limits: Limits): Pins {
  const idle: Pair[] = [];
  const turns = new Threads(() => ({}), limits.max, limits.waitingMax, limits.eachMax);
  let isClosed = false;

  const giveBack = async (pair: Pair) => {
    try {
      await pair.unpin();
      if (isClosed) pair.close();
      else idle.push(pair);
    } catch {
      pair.close();
    }
  };

  const pinned = async (signal: AbortSignal): Promise<Pair> => {
    for (;;) {
      if (signal.aborted) throw abandoned();
      const pair = idle.pop() ?? new Pair(path);
      const before = revision();
      try {
        await pair.pin(signal);
      } catch (error) {
        pair.close();
        throw error;
      }
      if (revision() === before) return pair;
      await giveBack(pair);
    }
  };

  return {
    async open(signal = new AbortController().signal) {
      if (signal.aborted) throw abandoned();
      const turn = await turns.acquire(askerOf(signal), signal, false, abandoned);
      const ending = new AbortController();
      const ends = joinSignals([ending.signal, signal], limits.heldMsMax);
      const checkEnds = () => {
        if (ends.isLate()) throw timedOut(limits.heldMsMax);
        if (ends.signal.aborted) throw abandoned();
      };
      let pair: Pair;
      try {
        pair = await pinned(ends.signal);
      } catch (error) {
        ends.release();
        turn.release();
        // SQLite only says that it was interrupted.
        checkEnds();
        throw error;
      }
      const check = () => {
        checkEnds();
        if (!pair.reader.inTransaction) throw new Error("A pinned connection was lost");
      };
      return {
        reader: {
          all: (query) => {
            check();
            return pair.reader.all(query);
          },
          get: (query) => {
            check();
            return pair.reader.get(query);
          },
        },
        background: pair.background,
        signal: ends.signal,
        release: async (reading) => {
          ending.abort();
          ends.release();
          await reading.catch(() => undefined);
          await giveBack(pair);
          turn.release();
        },
      };
    },
    close() {
      isClosed = true;
      for (const pair of idle.splice(0)) pair.close();
    },
  };
}
