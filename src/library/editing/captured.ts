import type { Viewer } from "../../auth/viewer.ts";
import type { Entity } from "../../database/generated/client.ts";
import type { EntityChange } from "../../database/versioning/change.ts";
import type { Deps } from "../../deps.ts";
import { BadUserInputError } from "../../errors.ts";
import type { EditedMany } from "../../history/transactions/edited.ts";
import { formatLocal } from "../../media/facts/timestamp.ts";
import { capturedWords, isWithinYears, peoplesSource } from "../entities/corrected.ts";
import { describedColumns, editOf } from "../entities/described.ts";
import { capturedOf } from "../entities/facts.ts";
import { checkIds, checkReason } from "../entities/rules.ts";
import { getEntities } from "../entities/service.ts";

type Needs = Pick<Deps, "db" | "config">;

/** A hundred years of 365.25 days: a clock that was never set shows the year of its making, or 1970. */
const secondsMax = 3_155_760_000;

/** In milliseconds. */
function checkShift(seconds: number): number {
  // Not a number is no such number either.
  if (Math.abs(seconds) <= secondsMax) return Math.round(seconds * 1000);
  throw new BadUserInputError(
    "seconds",
    `expected a number between -${secondsMax} and ${secondsMax}, got ${seconds}`,
  );
}

/** The columns that change; none of what has no time of capture. */
function shifted(entity: Entity, ms: number): EntityChange["columns"] {
  const captured = capturedOf(entity);
  if (captured == null || ms === 0) return {};
  const instant = captured.capturedAt.getTime() + ms;
  const wall = Date.parse(`${captured.capturedLocal}Z`) + ms;
  if (!isWithinYears(instant, wall))
    throw new BadUserInputError("seconds", `would move entity ${entity.id} out of the years 1 to 9999`);
  const words = capturedWords({
    ...captured,
    capturedAt: new Date(instant),
    capturedLocal: formatLocal(wall),
    capturedSource: peoplesSource,
  });
  return describedColumns(entity, editOf(words));
}

/**
 * Moves times of capture, of a camera whose clock was wrong; offsets stay. What has no such time is skipped.
 * @returns the ids of those that were moved.
 * @throws {NotFoundError} @throws {BadUserInputError} Nothing is written then.
 */
export function shiftCaptured(
  { db, config }: Needs,
  viewer: Viewer,
  ids: readonly string[],
  { seconds, reason }: { readonly seconds: number; readonly reason?: string | null | undefined },
): Promise<EditedMany> {
  const ms = checkShift(seconds);
  const wanted = checkIds(ids, config.batchIdsMax);
  const opening = { operation: "shiftCaptured", actor: viewer.actor, reason: checkReason(reason) };
  return db.transaction(opening, async (tx) => {
    const changes = (await getEntities(tx, wanted))
      .map((entity) => ({ id: entity.id, columns: shifted(entity, ms) }))
      .filter(({ columns }) => Object.keys(columns).length > 0);
    await tx.change(changes);
    return { ids: changes.map(({ id }) => id), transactionId: tx.transactionId };
  });
}
