import { list } from "../database/dialect.ts";
import { sql } from "../database/sql.ts";
import type { Deps } from "../deps.ts";

type Needs = Pick<Deps, "db" | "clock" | "pictures">;

/** An original to be prepared. */
export interface Next {
  readonly originalId: number;
  /** Attempts that failed because of the moment. */
  readonly attempts: number;
}

/** Videos wait until there is an ffmpeg, which is looked for at each start. */
const canBePrepared = ({ pictures }: Needs) =>
  pictures.hasFfmpeg
    ? sql`TRUE`
    : sql`NOT EXISTS (SELECT 1 FROM "Picture" f WHERE f."originalId" = p."originalId" AND f."source" = 'FRAME')`;

/** The newest first: people look at what they have just uploaded. */
export const findNext = (needs: Needs, inHand: readonly number[]): Promise<Next | undefined> =>
  needs.db.reader.get<Next>(sql`
    SELECT p."originalId", p."attempts" FROM "Preparation" p
    WHERE (p."nextAt" IS NULL OR p."nextAt" <= ${new Date(needs.clock.now())}) AND ${canBePrepared(needs)}
      AND p."originalId" NOT IN (${list(inHand)})
    ORDER BY p."originalId" DESC LIMIT 1`);

/** UTC milliseconds; null when there is nothing to wait for. */
export const findNextAt = async (needs: Needs): Promise<number | null> =>
  (
    await needs.db.reader.get<{ nextAt: number | null }>(sql`
    SELECT MIN(p."nextAt") AS "nextAt" FROM "Preparation" p WHERE ${canBePrepared(needs)}`)
  )?.nextAt ?? null;

export const postpone = (
  { db, clock }: Needs,
  { originalId, attempts }: Next,
  waitMs: number,
): Promise<unknown> =>
  db.write(sql`
    UPDATE "Preparation" SET "attempts" = ${attempts + 1}, "nextAt" = ${new Date(clock.now() + waitMs)}
    WHERE "originalId" = ${originalId}`);

/** At each start everything is tried once more: what was in the way may have been the last process. */
export const bringForward = ({ db }: Needs): Promise<unknown> =>
  db.write(sql`UPDATE "Preparation" SET "nextAt" = NULL WHERE "nextAt" IS NOT NULL`);
