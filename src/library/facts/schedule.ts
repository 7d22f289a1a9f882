import { openWorkQueue, type Closing, type Work, type WorkQueue } from "../../concurrency/work-queue.ts";
import { list } from "../../database/dialect.ts";
import { sql } from "../../database/sql.ts";
import { systemReading } from "../../database/versioning/recorder.ts";
import type { Deps } from "../../deps.ts";
import { attemptsMax, isComplete, pauseMs, toolsPauseMs } from "./rules.ts";
import { forgetLooks, readOriginal, writeFacts, type Found } from "./service.ts";

type Needs = Pick<
  Deps,
  "db" | "storage" | "media" | "derivativeStore" | "hotFiles" | "preparation" | "clock" | "log"
>;

/** The results of a batch are written in one transaction. */
const batch = { tasks: 20, ms: 1_000 };

/** A missing tool is usually installed while the server is stopped, and each start tries everything. */
const toolMissingMs = 3_600_000;

interface Due {
  readonly originalId: number;
  readonly attempts: number;
  /** Null when no entity has this file now; an earlier version may. */
  readonly id: number | null;
  readonly factsState: string | null;
  readonly filePath: string;
}

/** The one that waits longest, but for those in hand. */
const findDue = ({ db, clock }: Needs, inHand: readonly number[]): Promise<Due | undefined> =>
  db.reader.get<Due>(sql`
    SELECT f."originalId", f."attempts", e."id", e."factsState", o."filePath"
    FROM "FactsReading" f JOIN "Original" o ON o."id" = f."originalId"
    LEFT JOIN "Entity" e ON e."originalId" = f."originalId"
    WHERE f."nextAt" <= ${new Date(clock.now())}
      AND f."originalId" NOT IN (${list(inHand)})
    ORDER BY f."nextAt", f."originalId" DESC LIMIT 1`);

const findNextAt = async ({ db }: Needs): Promise<number | null> =>
  (await db.reader.get<{ nextAt: number | null }>(sql`SELECT MIN("nextAt") AS "nextAt" FROM "FactsReading"`))
    ?.nextAt ?? null;

/** At each start everything is tried once more: what was in the way may have been the last process. */
const bringForward = ({ db }: Needs) =>
  db.write(sql`
    UPDATE "FactsReading" SET "nextAt" = ${new Date(0)}
    WHERE "nextAt" > ${new Date(0)} OR EXISTS (
      SELECT 1 FROM "Entity" e
      WHERE e."originalId" = "FactsReading"."originalId" AND e."factsState" = 'PENDING')`);

/**
 * Reads pending facts by itself, one file at a time.
 * @param isBusy whether requests are running now.
 */
export function openFactsReading(needs: Needs, isBusy: () => boolean): WorkQueue {
  const { clock, log } = needs;
  /** How often in a row the tools did not work, and until when they are left alone. */
  let failures = 0;
  let restUntil = 0;

  const isResting = () => {
    const left = restUntil - clock.now();
    // A clock that was set back must not make it last.
    return left > 0 && left <= toolsPauseMs(Infinity);
  };

  const readOne = async (due: Due, { closed }: Closing): Promise<Found | undefined> => {
    const { originalId, attempts, id, factsState, filePath } = due;
    if (id == null) {
      // The trigger notes it again when an entity gets this file back.
      await postpone(needs, originalId, attempts, null);
      return undefined;
    }
    if (factsState !== "PENDING") {
      await needs.db.prisma.factsReading.deleteMany({ where: { originalId } });
      return undefined;
    }
    // One that hangs must not hold up the end of the server; it is read again at the next start.
    const reading = await Promise.race([readOriginal(needs, filePath, "background"), closed]);
    if (reading == null) return undefined;
    if (isComplete(reading)) {
      failures = 0;
      return { id, originalId, reading, state: "READ" };
    }
    const reason =
      "facts" in reading ? reading.facts.unread.map((one) => one.reason).join("; ") : reading.failure;
    if ("facts" in reading && reading.facts.unread.every((one) => one.isToolMissing === true)) {
      await postpone(needs, originalId, attempts, clock.now() + toolMissingMs);
      return { id, originalId, reading, state: "PENDING" };
    }
    if (!(await needs.media.areToolsWell())) {
      restUntil = clock.now() + toolsPauseMs(failures++);
      await postpone(needs, originalId, attempts, restUntil);
      log.warn(
        { originalId, reason },
        "facts could not be read, because their tools do not work; tried again",
      );
      return { id, originalId, reading, state: "PENDING" };
    }
    failures = 0;
    const isLast = attempts + 1 >= attemptsMax;
    const nextAt = isLast ? null : clock.now() + pauseMs(attempts + 1);
    await postpone(needs, originalId, attempts + 1, nextAt);
    log.warn({ originalId, attempts: attempts + 1, reason, isLast }, "a file's facts could not be read");
    return { id, originalId, reading, state: isLast ? "FAILED" : "PENDING" };
  };

  const work: Work<Due, Found> = {
    batch,
    begin: () => bringForward(needs),
    find: async (inHand) => (isResting() ? undefined : await findDue(needs, inHand)),
    run: readOne,
    write: async (found) => {
      const { looks } = await needs.db.transaction(systemReading, (tx) => writeFacts(tx, found));
      await forgetLooks(needs, looks);
      needs.preparation.wake();
    },
    findNextAt: async () => {
      const nextAt = await findNextAt(needs);
      return nextAt == null || !isResting() ? nextAt : Math.max(nextAt, restUntil);
    },
    giveUp: (err) => {
      // The database is gone or full.
      log.error({ err }, "reading facts was given up for now");
      restUntil = clock.now() + toolsPauseMs(failures++);
      return restUntil;
    },
  };
  return openWorkQueue(work, clock, isBusy);
}

const postpone = ({ db }: Needs, originalId: number, attempts: number, nextAt: number | null) =>
  db.write(sql`
    UPDATE "FactsReading" SET "attempts" = ${attempts}, "nextAt" = ${nextAt == null ? null : new Date(nextAt)}
    WHERE "originalId" = ${originalId}`);
