import { list } from "../database/dialect.ts";
import { sql } from "../database/sql.ts";
import { systemReading } from "../database/versioning/recorder.ts";
import type { Deps } from "../deps.ts";
import type { Problem } from "../library/entities/facts.ts";
import type { UnmakeableError } from "../media/decoding/picture-maker.ts";
import type { Derivative, Visible } from "./derivative.ts";
import { DerivativeFailedError, DerivativeLateError } from "./errors.ts";
import { showChange, type Reads } from "./pictures.ts";

type Needs = Pick<Deps, "db" | "clock">;

/** So long a failure is believed without trying again: a hostile file must not keep a process busy forever. */
const believedMs = 60_000;

/** Attempts at rest that may fail because of the moment, before it is the file that is at fault. */
export const attemptsMax = 5;

/** The pause after this many failures, in milliseconds. */
export const pauseMs = (attempts: number): number => Math.min(believedMs, 5_000 * 2 ** attempts);

interface Failure {
  readonly derivative: string;
  readonly code: string;
  readonly message: string;
  readonly failedAt: number;
  /** Null when the file is at fault. */
  readonly attempts: number | null;
}

const findFailure = ({ reader }: Reads, originalId: number, name: string) =>
  reader.get<Failure>(sql`
    SELECT * FROM "DerivativeFailure" WHERE "originalId" = ${originalId} AND "derivative" = ${name}`);

/** @throws {DerivativeFailedError} @throws {DerivativeLateError} when it has just been tried in vain. */
export async function checkNotFailed(
  { db, clock }: Needs,
  { originalId }: Visible,
  { name }: Derivative,
): Promise<void> {
  const failure = await findFailure(db, originalId, name);
  if (failure == null) return;
  const { failedAt, attempts, message } = failure;
  // A clock that was set back must not make it last.
  const leftMs = (attempts == null ? believedMs : pauseMs(attempts)) - Math.abs(clock.now() - failedAt);
  if (leftMs <= 0) return;
  throw attempts == null ? new DerivativeFailedError(name, message) : new DerivativeLateError(name, leftMs);
}

/**
 * Notes why it could not be made. When it is known for good, that is a problem of the entity, which gets a version by it.
 * @param isAtRest whether nothing but the file can be to blame, however often it is tried.
 * @returns whether it was the moment, and is to be tried again.
 */
export async function recordFailure(
  { db, clock }: Needs,
  { originalId }: Visible,
  { name }: Derivative,
  { code, message, isMomentary }: Pick<UnmakeableError, "code" | "message" | "isMomentary">,
  isAtRest: boolean,
): Promise<boolean> {
  const before = await findFailure(db, originalId, name);
  const count = (before?.attempts ?? 0) + (isAtRest ? 1 : 0);
  // If the failure was known before, another vain attempt adds nothing.
  const isFinal = !isMomentary || count >= attemptsMax || (before != null && before.attempts == null);
  await db.transaction(systemReading, async (tx) => {
    // The original may have been destroyed meanwhile; then there is nothing to note.
    await tx.write(sql`
      INSERT INTO "DerivativeFailure" ("originalId", "derivative", "code", "message", "failedAt", "attempts")
      SELECT "id", ${name}, ${code}, ${message}, ${new Date(clock.now())}, ${isFinal ? null : count}
      FROM "Original" WHERE "id" = ${originalId}
      ON CONFLICT ("originalId", "derivative") DO UPDATE SET
        "code" = excluded."code", "message" = excluded."message", "failedAt" = excluded."failedAt",
        "attempts" = excluded."attempts"`);
    const isNew = before?.attempts !== null || before.message !== message;
    if (isFinal && isNew) await showChange(tx, originalId);
  });
  return !isFinal;
}

export async function forgetFailure(
  { db }: Pick<Needs, "db">,
  { originalId }: Visible,
  { name }: Derivative,
): Promise<void> {
  const failure = await findFailure(db, originalId, name);
  if (failure == null) return;
  await db.transaction(systemReading, async (tx) => {
    await tx.prisma.derivativeFailure.deleteMany({ where: { originalId, derivative: name } });
    if (failure.attempts == null) await showChange(tx, originalId);
  });
}

/** The permanent failures, by the id of the original. */
export async function listFailures(
  { reader }: Reads,
  originalIds: readonly number[],
): Promise<Map<number, Problem[]>> {
  const rows = await reader.all<Failure & { originalId: number }>(sql`
    SELECT * FROM "DerivativeFailure"
    WHERE "originalId" IN (${list(originalIds)}) AND "attempts" IS NULL
    ORDER BY "originalId", "derivative"`);
  const problems = new Map<number, Problem[]>();
  for (const { originalId, derivative, code, message } of rows) {
    const problem = { code, message: `The ${derivative} cannot be made: ${message}` };
    problems.set(originalId, [...(problems.get(originalId) ?? []), problem]);
  }
  return problems;
}
