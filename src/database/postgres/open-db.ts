import { AsyncLocalStorage } from "node:async_hooks";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { Semaphore } from "../../concurrency/semaphore.ts";
import { OutcomeUnknownError, UnavailableError } from "../../errors.ts";
import { Commits } from "../commits.ts";
import type { Db, Moment, OperationView, Tx } from "../db.ts";
import type { QueryLimits } from "../engine.ts";
import type { Prisma, PrismaClient } from "../generated/client.ts";
import type { DbWatch } from "../instrumentation.ts";
import { sql, type Query } from "../sql.ts";
import { alone, versioning } from "../versioning/extension.ts";
import type { Stamp } from "../versioning/past-state.ts";
import type { Opening, Recorder } from "../versioning/recorder.ts";
import { configOf, readLimits, runOn, surviveLoss, type Run } from "./connections.ts";
import { isLost, known } from "./errors.ts";
import { PrismaClient as PostgresClient } from "./generated/client.ts";
import { Listener } from "./listener.ts";
import { rebuildDerived } from "./rebuild.ts";
import { readerOn, Readers, readersMax } from "./readers.ts";
import { wasCommitted } from "./outcome.ts";
import { openRecorder } from "./recorder.ts";
import { WriterPool, type Writer } from "./writer-pool.ts";

/** A transaction waits for those before it, however many; what limits them is the number of requests. */
const waitMs = 600_000;
/** The writers' connection, and one for what Prisma reads meanwhile. */
const writersMax = 2;
/** How long a request waits at most to hear of another server's commit. */
const catchUpMs = 2_000;

export interface Addresses {
  readonly url: string;
  /** Of the same database without a pooler between; null where `url` has none either. */
  readonly directUrl: string | null;
}

interface Options {
  readonly now: () => number;
  readonly limits?: QueryLimits | undefined;
  readonly watch?: DbWatch | undefined;
}

/** What this server knows of the last commit. Others' commits are heard of a moment later. */
class Heard {
  readonly commits = new Commits();
  revision = 1;
  transactionId = 0;

  /** @returns whether it is news. */
  note(transactionId: number | null): boolean {
    if (transactionId != null && transactionId <= this.transactionId) return false;
    this.transactionId = transactionId ?? this.transactionId;
    this.revision++;
    return true;
  }
}

/** PostgreSQL through `pg`: writers take turns by an advisory lock, each operation reads one snapshot. */
export async function openDb(
  { url, directUrl }: Addresses,
  { now, limits = readLimits, watch = {} }: Options,
): Promise<Db> {
  const isPooled = directUrl != null;
  const { timeoutMs } = limits;
  const writers = new WriterPool({ ...configOf(url, isPooled, 0), max: writersMax });
  const pool = new pg.Pool({ ...configOf(url, isPooled, timeoutMs), max: readersMax });
  for (const one of [writers, pool]) surviveLoss(one);

  const heard = new Heard();
  const own = new Set<number>();
  writers.on("connect", (client) => {
    const { processID } = client as { readonly processID?: number };
    if (processID != null) own.add(processID);
  });
  const listener = new Listener(configOf(directUrl ?? url, false, timeoutMs), {
    commit: (transactionId, processId) => {
      // Its own commits are noted when they are answered.
      if (transactionId == null && own.has(processId)) return;
      if (!heard.note(transactionId)) return;
      readers.forget();
      if (transactionId != null) heard.commits.ring();
    },
    missed: () => {
      heard.note(null);
      readers.forget();
      heard.commits.ring();
    },
    lost: () => {
      heard.note(null);
      readers.forget();
    },
  });
  const cancel = (processId: number) => {
    listener.run("SELECT pg_cancel_backend($1)", [processId]).catch(() => undefined);
  };
  const readers: Readers = new Readers({ pool, limits, isPooled, watch, cancel });

  const recorders = new AsyncLocalStorage<Recorder>();
  const adapter = new PrismaPg(writers, { onPoolError: () => undefined, onConnectionError: () => undefined });
  // The models are the same, and so are the rows; the types differ in what only PostgreSQL can be asked.
  const client = new PostgresClient({ adapter }) as unknown as PrismaClient;
  const recording = client.$extends(versioning(recorders));
  const turns = new Semaphore(1);

  const writing = { limits: { ...limits, timeoutMs: waitMs }, cancel: () => undefined };

  const noteOwn = (transactionId: number | null) => {
    heard.note(transactionId);
    readers.forget();
  };

  const record = async <T>(opening: Opening, work: (tx: Tx) => Promise<T>): Promise<T> => {
    let done: { readonly result: T; readonly transactionId: number | null } | undefined;
    let stamped: Stamp | null = null;
    let writer: Writer | undefined;
    const run = async (prisma: unknown) => {
      writer = writers.current;
      const connection = writer.client;
      const query: Run = async <Row>(statement: Query) =>
        // The caller names the shape of the rows its SQL selects.
        (await runOn(connection, statement, {}, writing.cancel, waitMs)).rows as Row[];
      const recorder = openRecorder(writer, query, opening, now);
      const tx: Tx = {
        prisma: prisma as Prisma.TransactionClient,
        reader: readerOn(connection, writing),
        write: (statement) => runOn(connection, statement, {}, writing.cancel, waitMs),
        get transactionId() {
          return recorder.stamped?.transactionId ?? null;
        },
        record: async () => (await recorder.stamp()).transactionId,
        change: (changes) => recorder.change(changes),
        restore: (states, trash) => recorder.restore(states, trash),
      };
      // Prisma's calls begin when they are awaited, so that has to happen in here.
      const result = await recorders.run(recorder, async () => await work(tx));
      await recorder.close();
      stamped = recorder.stamped;
      done = { result, transactionId: stamped?.transactionId ?? null };
      return done;
    };
    const release = await turns.acquire();
    try {
      const { result, transactionId } = await recording
        .$transaction(run, { maxWait: waitMs, timeout: waitMs })
        .catch(async (error: unknown) => {
          const { commitError, takenBackBy } = writer ?? {};
          if (takenBackBy != null) throw known(takenBackBy);
          if (done == null || commitError == null || !isLost(commitError)) throw known(error);
          // Whether it was committed is known to the database alone.
          if (stamped == null) throw new OutcomeUnknownError({ cause: error });
          if (await wasCommitted(pool, stamped)) return done;
          throw new UnavailableError("the connection to the database was lost, and nothing was written", {
            cause: error,
          });
        });
      noteOwn(transactionId);
      release();
      if (transactionId != null) await watch.committed?.({ ...opening, transactionId });
      heard.commits.ring();
      return result;
    } finally {
      release();
    }
  };
  const transaction = <T>(opening: Opening, work: (tx: Tx) => Promise<T>): Promise<T> =>
    watch.around == null ? record(opening, work) : watch.around(opening, () => record(opening, work));

  const present = (): Moment => ({ revision: heard.revision, transactionId: heard.transactionId });

  /** A statement by itself, in a transaction of its own. @throws {OutcomeUnknownError} when no answer to the COMMIT came. */
  const write = async (query: Query): Promise<{ changes: number }> => {
    const release = await turns.acquire();
    try {
      const connection = await writers.connect();
      try {
        await connection.query("BEGIN");
        const { changes } = await runOn(connection, query, {}, writing.cancel, waitMs);
        await connection.query("COMMIT").catch((error: unknown) => {
          throw isLost(error) ? new OutcomeUnknownError({ cause: error }) : error;
        });
        noteOwn(null);
        connection.release();
        return { changes };
      } catch (error) {
        connection.release(true);
        throw error;
      }
    } catch (error) {
      throw known(error);
    } finally {
      release();
    }
  };

  const db: Db = {
    // As above.
    prisma: client.$extends(
      alone(recorders, (opening, work) => transaction(opening, work)),
    ) as unknown as PrismaClient,
    reader: readers.reader,
    revision: () => heard.revision,
    now: present,
    readAtOneMoment: async (asking, run) => {
      const moment = await db.openMoment(asking.signal);
      const view: OperationView = { ...present(), db: moment.db, transactionId: moment.transactionId };
      try {
        return { result: await run(view), transactionId: moment.transactionId };
      } finally {
        await moment.close();
      }
    },
    openMoment: async (signal) => {
      const snapshot = await readers.open(signal);
      return {
        db: { ...db, reader: snapshot.reader, revision: () => 0 },
        transactionId: snapshot.transactionId,
        close: () => snapshot.close(),
      };
    },
    catchUp: async (transactionId) => {
      if (transactionId > heard.transactionId) await listener.ask(catchUpMs);
    },
    nextCommit: (signal) => heard.commits.next(signal),
    transaction,
    write,
    tryWriting: async () => {
      const release = await turns.acquire();
      try {
        const connection = await writers.connect();
        try {
          await connection.query("BEGIN");
          await runOn(
            connection,
            sql`INSERT INTO "FileRemoval" ("filePath") VALUES ('a trial')`,
            {},
            writing.cancel,
            waitMs,
          );
        } finally {
          await connection.query("ROLLBACK").catch(() => undefined);
          connection.release();
        }
      } catch (error) {
        throw known(error);
      } finally {
        release();
      }
    },
    rebuild: async () => {
      await rebuildDerived(directUrl ?? url);
      noteOwn(null);
    },
    close: async () => {
      await listener.close();
      await client.$disconnect();
      await Promise.all([writers.end(), pool.end()]);
    },
  };
  await listener.open().catch((error: unknown) => {
    throw known(error);
  });
  heard.transactionId =
    (
      await readers.reader
        .get<{ id: number | null }>(
          sql`
      SELECT MAX("id") AS "id" FROM "Transaction"`,
        )
        .catch(() => undefined)
    )?.id ?? 0;
  return db;
}
