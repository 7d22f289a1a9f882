import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

/** What is heard of commits. */
interface Hearing {
  /** @param transactionId of the last recorded transaction; null for a commit that is none. */
  commit(transactionId: number | null, processId: number): void;
  /** Something may have been missed: the connection was lost for a while. */
  missed(): void;
  /** The database cannot be listened to; tried again by itself. */
  lost(error: unknown): void;
}

const channel = "colan";
const pauseMs = { least: 100, most: 5_000 };
/** A notification can be lost with a connection that only seems to be there. */
const pollMs = 1_000;

/**
 * Hears of every commit, also another server's (LISTEN, https://www.postgresql.org/docs/current/sql-notify.html), and asks
 * once a second besides. It has a connection of its own, which a pooler would take away.
 */
export class Listener {
  readonly #config: pg.ClientConfig;
  readonly #hearing: Hearing;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #failures = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: pg.ClientConfig, hearing: Hearing) {
    this.#config = config;
    this.#hearing = hearing;
  }

  /** Begins to listen; resolves when it does. */
  async open(): Promise<void> {
    await this.#connect();
  }

  /** Runs a short statement on the listener's connection, if there is one, after those before it. */
  async run(text: string, values: readonly unknown[]): Promise<void> {
    await this.#query(this.#client, text, values);
  }

  /** Asks now for what the database has; resolves when it is told, or in any case after these milliseconds. */
  async ask(timeoutMs: number): Promise<void> {
    const waiting = new AbortController();
    const late = delay(timeoutMs, undefined, { signal: waiting.signal, ref: false }).catch(() => undefined);
    await Promise.race([this.#askOnce(this.#client).catch(() => undefined), late]);
    waiting.abort();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }

  /** A connection takes one statement at a time. */
  #query<Row extends pg.QueryResultRow>(
    client: pg.Client | undefined,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const work = this.#last.then(async () => (await client?.query<Row>(text, [...values]))?.rows ?? []);
    this.#last = work.catch(() => undefined);
    return work;
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(this.#config);
    let isOver = false;
    const again = (error: unknown) => {
      if (isOver || this.#isClosed) return;
      isOver = true;
      this.#client = undefined;
      this.#hearing.lost(error);
      void client.end().catch(() => undefined);
      this.#later();
    };
    client.on("error", again);
    client.on("end", () => {
      again(new Error("the connection ended"));
    });
    client.on("notification", ({ payload = "", processId }) => {
      this.#hearing.commit(payload === "" ? null : Number(payload), processId);
    });
    await client.connect();
    await client.query(`LISTEN ${channel}`);
    this.#client = client;
    this.#failures = 0;
    // What was committed before LISTEN was not told.
    this.#hearing.missed();
    this.#poll(client);
  }

  #later(): void {
    clearTimeout(this.#timer);
    const pause = Math.min(pauseMs.most, pauseMs.least * 2 ** this.#failures++);
    this.#timer = setTimeout(() => {
      this.#connect().catch(() => {
        this.#later();
      });
    }, pause).unref();
  }

  #poll(client: pg.Client): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#askOnce(client).then(
        () => {
          if (client === this.#client) this.#poll(client);
        },
        // The client's own event says that it is lost.
        () => undefined,
      );
    }, pollMs).unref();
  }

  async #askOnce(client: pg.Client | undefined): Promise<void> {
    const [row] = await this.#query<{ id: number | null }>(
      client,
      `SELECT MAX("id") AS "id" FROM "Transaction"`,
    );
    if (row?.id != null) this.#hearing.commit(row.id, 0);
  }
}
