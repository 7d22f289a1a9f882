import { setTimeout as delay } from "node:timers/promises";
import { sql } from "../../database/sql.ts";
import { systemReading } from "../../database/versioning/recorder.ts";
import type { Deps, Wakeable } from "../../deps.ts";
import { attemptsMax, isComplete, pauseMs, toolsPauseMs } from "./rules.ts";
import { forgetLooks, readOriginal, writeFacts, type Found } from "./service.ts";

type Needs = Pick<
  Deps,
  "db" | "storage" | "media" | "derivativeStore" | "hotFiles" | "preparation" | "clock" | "log"
>;

/** Reads pending facts by itself, one file at a time; when and how often it was tried is in the database. */
export interface FactsReading extends Wakeable {
  /** Breaks off between two files. */
  close(): Promise<void>;
}

/** While requests run, at most a tenth of the time goes into this. */
const restFactor = 9;

/** Results are written in one transaction: at most this many files, and this many milliseconds after the first. */
const batchFiles = 20;
const batchMs = 1_000;

/** The longest sleep, in case the clock was set back. */
const sleepMsMax = 60_000;

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
    WHERE f."nextAt" <= ${clock.now()}
      AND f."originalId" NOT IN (SELECT value FROM json_each(${JSON.stringify(inHand)}))
    ORDER BY f."nextAt", f."originalId" DESC LIMIT 1`);

const findNextAt = async ({ db }: Needs): Promise<number | null> =>
  (await db.reader.get<{ nextAt: number | null }>(sql`SELECT MIN("nextAt") AS "nextAt" FROM "FactsReading"`))
    ?.nextAt ?? null;

/** At each start everything is tried once more: what was in the way may have been the last process. */
const bringForward = ({ db }: Needs) =>
  db.prisma.$executeRaw`
    UPDATE "FactsReading" SET "nextAt" = 0
    WHERE "nextAt" > 0 OR EXISTS (
      SELECT 1 FROM "Entity" e
      WHERE e."originalId" = "FactsReading"."originalId" AND e."factsState" = 'PENDING')`;

/**
 * Begins when it is first woken.
 * @param isBusy whether requests are running now.
 */
export function openFactsReading(needs: Needs, isBusy: () => boolean): FactsReading {
  const { clock, log } = needs;
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  const closed = new Promise<undefined>((resolve) => {
    closing.signal.addEventListener("abort", () => {
      resolve(undefined);
    });
  });
  let running: Promise<void> | undefined;
  let isWoken = false;
  let isFirst = true;
  let timer: NodeJS.Timeout | undefined;
  /** How often in a row the tools did not work, and until when they are left alone. */
  let failures = 0;
  let restUntil = 0;

  const isResting = () => {
    const left = restUntil - clock.now();
    // A clock that was set back must not make it last.
    return left > 0 && left <= toolsPauseMs(Infinity);
  };

  const rest = async (startedAt: number) => {
    if (!isBusy()) return;
    const restMs = (performance.now() - startedAt) * restFactor;
    await delay(restMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
  };

  /** @returns what is to be written, if anything. */
  const readOne = async ({
    originalId,
    attempts,
    id,
    factsState,
    filePath,
  }: Due): Promise<Found | undefined> => {
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

  const write = async (found: readonly Found[]) => {
    if (found.length === 0) return;
    const { looks } = await needs.db.transaction(systemReading, (tx) => writeFacts(tx, found));
    await forgetLooks(needs, looks);
    needs.preparation.wake();
  };

  /** @returns whether there may be more. */
  const readBatch = async (): Promise<boolean> => {
    const batch: Found[] = [];
    const beganAt = performance.now();
    const isOpen = () => batch.length < batchFiles && performance.now() - beganAt < batchMs;
    let due: Due | undefined;
    do {
      due =
        isClosing() || isResting()
          ? undefined
          : await findDue(
              needs,
              batch.map(({ originalId }) => originalId),
            );
      if (due == null) break;
      const startedAt = performance.now();
      const found = await readOne(due);
      if (found != null) batch.push(found);
      await rest(startedAt);
    } while (isOpen());
    await write(batch);
    return due != null;
  };

  const work = async () => {
    if (isFirst) await bringForward(needs);
    isFirst = false;
    while (isWoken && !isClosing()) {
      isWoken = false;
      while (await readBatch());
    }
  };

  const sleepUntil = (nextAt: number) => {
    clearTimeout(timer);
    const waitMs = Math.max(nextAt, isResting() ? restUntil : 0) - clock.now();
    timer = setTimeout(wake, Math.min(Math.max(waitMs, 0), sleepMsMax)).unref();
  };

  const wake = () => {
    isWoken = true;
    if (isClosing()) return;
    running ??= work()
      .then(() => findNextAt(needs))
      .catch((err: unknown) => {
        // The database is gone or full.
        restUntil = clock.now() + toolsPauseMs(failures++);
        if (!isClosing()) log.error({ err }, "reading facts was given up for now");
        return restUntil;
      })
      .then((nextAt) => {
        running = undefined;
        if (isClosing()) return;
        // Woken after the last look at the table, and before anybody could see that it was the last.
        if (isWoken && !isResting()) wake();
        else if (nextAt != null) sleepUntil(nextAt);
      });
  };

  return {
    wake,
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

const postpone = ({ db }: Needs, originalId: number, attempts: number, nextAt: number | null) =>
  db.prisma.$executeRaw`
    UPDATE "FactsReading" SET "attempts" = ${attempts}, "nextAt" = ${nextAt} WHERE "originalId" = ${originalId}`;
