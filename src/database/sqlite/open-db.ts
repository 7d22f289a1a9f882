import { AsyncLocalStorage } from "node:async_hooks";
import { OutcomeUnknownError, StorageFullError } from "../../errors.ts";
import { Commits } from "../commits.ts";
import { PrismaClient, type Prisma } from "../generated/client.ts";
import type { Db, Tx } from "../db.ts";
import { Moments, pinnedMoment } from "./moment.ts";
import { rebuildDerived } from "./rebuild.ts";
import { openQueryCache } from "../query-cache.ts";
import { openReaderPool, readerPoolDefaults, watchQueries } from "./reader-pool.ts";
import { prismaAdapter } from "./adapter.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./database.ts";
import { openPins } from "./pins.ts";
import { readerOn, routedReader } from "./reader.ts";
import { isFull, isIoError } from "./result-code.ts";
import { tryWriting } from "./write-probe.ts";
import { alone, versioning } from "../versioning/extension.ts";
import { openRecorder } from "./recorder.ts";
import type { Opening, Recorder } from "../versioning/recorder.ts";
import type { DbWatch } from "../instrumentation.ts";

const txOf = (prisma: Prisma.TransactionClient, writer: Connection, recorder: Recorder): Tx => ({
  prisma,
  reader: readerOn(writer),
  // eslint-disable-next-line @typescript-eslint/require-await -- what SQLite throws is a rejection
  write: async (query) => writer.run(query),
  get transactionId() {
    return recorder.stamped?.transactionId ?? null;
  },
  record: async () => (await recorder.stamp()).transactionId,
  change: (changes) => recorder.change(changes),
  restore: (states, trash) => recorder.restore(states, trash),
});

/** A transaction waits for those before it, however many; what limits them is the number of requests. */
const waitMs = 600_000;

/** Operations that read at a pinned moment at the same time; each has two connections. */
const pinsMax = 8;
/** By one viewer. */
const pinsEachMax = 4;

/** @param now UTC milliseconds, for the times of transactions. */
export function openDb(
  database: Database,
  now: () => number,
  limits = readerPoolDefaults,
  watch: DbWatch = {},
): Db {
  const recorders = new AsyncLocalStorage<Recorder>();
  const commits = new Commits();
  const background = watchQueries(openReaderPool(database.path, limits), watch);
  const moments = new Moments(database.reader);
  const revision = () => moments.revision();

  const { waitingMax, timeoutMs } = limits;
  const pins = openPins(database.path, revision, {
    ...{ max: pinsMax, eachMax: pinsEachMax },
    ...{ waitingMax, heldMsMax: timeoutMs },
  });

  const client = new PrismaClient({ adapter: prismaAdapter(database) });
  const recording = client.$extends(versioning(recorders));

  const record = <T>(opening: Opening, work: (tx: Tx) => Promise<T>): Promise<T> => {
    let transactionId: number | undefined;
    const run = async (prisma: unknown) => {
      const recorder = openRecorder(database.writer, opening, now);
      // An extension changes what the methods do, not their types.
      const tx = txOf(prisma as Prisma.TransactionClient, database.writer, recorder);
      // Prisma's calls begin when they are awaited, so that has to happen in here.
      const result = await recorders.run(recorder, async () => await work(tx));
      await recorder.close();
      transactionId = recorder.stamped?.transactionId;
      return result;
    };
    return recording.$transaction(run, { maxWait: waitMs, timeout: waitMs }).then(
      async (result) => {
        moments.forget();
        if (transactionId != null) await watch.committed?.({ ...opening, transactionId });
        commits.ring();
        return result;
      },
      (error: unknown) => {
        if (isFull(error)) throw new StorageFullError({ cause: error });
        throw isIoError(error) ? new OutcomeUnknownError({ cause: error }) : error;
      },
    );
  };
  const transaction = <T>(opening: Opening, work: (tx: Tx) => Promise<T>): Promise<T> =>
    watch.around == null ? record(opening, work) : watch.around(opening, () => record(opening, work));

  const db: Db = {
    // As above.
    prisma: client.$extends(
      alone(recorders, (opening, work) => transaction(opening, work)),
    ) as unknown as PrismaClient,
    reader: routedReader({
      connection: database.reader,
      background,
      remembered: openQueryCache(background, revision),
    }),
    revision,
    now: () => moments.now(),
    readAtOneMoment: async (asking, run, isFinal) => {
      // As if there were no writers, which costs a read of the revision; after a write once more, at a moment that is held.
      const before = moments.lastSeen();
      const result = await run({ db, ...before });
      const { transactionId } = before;
      if (revision() === before.revision || isFinal(result)) return { result, transactionId };
      const moment = await db.openMoment(asking.signal);
      try {
        return {
          result: await run({
            db: moment.db,
            revision: before.revision,
            transactionId: moment.transactionId,
          }),
          transactionId: moment.transactionId,
        };
      } finally {
        await moment.close();
      }
    },
    openMoment: async (signal) => {
      const pin = await pins.open(signal);
      return pinnedMoment(db, pin, background.on(pin.background));
    },
    // One file: every commit is seen at once.
    catchUp: () => Promise.resolve(),
    nextCommit: (signal) => commits.next(signal),
    transaction,
    write: (query) => database.exclusive(() => database.whenUnlocked((writer) => writer.run(query))),
    tryWriting: () => tryWriting(database),
    rebuild: () => database.exclusive(rebuildDerived),
    close: async () => {
      await background.close();
      pins.close();
      await client.$disconnect();
      database.close();
    },
  };
  return db;
}
