import { sql } from "../db/sql.ts";
import type { Deps } from "../deps.ts";
import type { Problem } from "../entities/facts.ts";
import type { UnmakeableError } from "../media/picture-maker.ts";
import type { Derivative, Visible } from "./derivative.ts";
import { DerivativeFailedError } from "./errors.ts";
import type { Reads } from "./pictures.ts";

type Needs = Pick<Deps, "db" | "clock">;

/** So long a failure is believed without trying again: a hostile file must not keep a process busy for ever. */
const believedMs = 60_000;

interface Failure {
  readonly derivative: string;
  readonly code: string;
  readonly message: string;
  readonly failedAt: number;
}

/** @throws {DerivativeFailedError} when it has just been tried in vain. */
export function checkNotFailed({ db, clock }: Needs, { originalId }: Visible, { name }: Derivative): void {
  const failure = db.reader.get<Failure>(sql`
    SELECT * FROM "DerivativeFailure" WHERE "originalId" = ${originalId} AND "derivative" = ${name}`);
  // A clock that was set back must not make it last.
  if (failure != null && Math.abs(clock.now() - failure.failedAt) < believedMs)
    throw new DerivativeFailedError(name, failure.message);
}

export async function recordFailure(
  { db, clock }: Needs,
  { originalId }: Visible,
  { name }: Derivative,
  { code, message }: UnmakeableError,
): Promise<void> {
  // The original may have been destroyed meanwhile; then there is nothing to note.
  await db.prisma.$executeRaw`
    INSERT OR REPLACE INTO "DerivativeFailure" ("originalId", "derivative", "code", "message", "failedAt")
    SELECT "id", ${name}, ${code}, ${message}, ${clock.now()} FROM "Original" WHERE "id" = ${originalId}`;
}

export async function forgetFailure(
  { db }: Pick<Needs, "db">,
  { originalId }: Visible,
  { name }: Derivative,
): Promise<void> {
  const failure = db.reader.get(sql`
    SELECT 1 AS "is" FROM "DerivativeFailure" WHERE "originalId" = ${originalId} AND "derivative" = ${name}`);
  if (failure != null)
    await db.prisma.derivativeFailure.deleteMany({ where: { originalId, derivative: name } });
}

/** By the id of the original. */
export function listFailures({ reader }: Reads, originalIds: readonly number[]): Map<number, Problem[]> {
  const rows = reader.all<Failure & { originalId: number }>(sql`
    SELECT * FROM "DerivativeFailure"
    WHERE "originalId" IN (SELECT value FROM json_each(${JSON.stringify(originalIds)}))
    ORDER BY "originalId", "derivative"`);
  const problems = new Map<number, Problem[]>();
  for (const { originalId, derivative, code, message } of rows) {
    const problem = { code, message: `The ${derivative} cannot be made: ${message}` };
    problems.set(originalId, [...(problems.get(originalId) ?? []), problem]);
  }
  return problems;
}
