import type { Logger } from "pino";
import { sql } from "../../database/sql.ts";
import type { Committed } from "../../database/instrumentation.ts";
import type { Deps } from "../../deps.ts";

type Reader = Pick<Deps["db"], "reader">;

/** How many entities got a version of which kind; the destroyed count as HARD_DELETE. */
async function countChanges({ reader }: Reader, transactionId: number): Promise<Record<string, number>> {
  const rows = await reader.all<{ kind: string; entities: number }>(sql`
    SELECT "operation" AS "kind", COUNT(*) AS "entities" FROM "EntityVersion"
    WHERE "transactionId" = ${transactionId} GROUP BY 1
    UNION ALL
    SELECT 'HARD_DELETE', COUNT(*) FROM "Tombstone" WHERE "transactionId" = ${transactionId} HAVING COUNT(*) > 0`);
  return Object.fromEntries(rows.map(({ kind, entities }) => [kind, entities]));
}

/**
 * One line for each committed transaction: who did what to how many, in which request. Neither the reason nor a name or
 * text of an entity: those are the library's, and the log may be read by others.
 */
export async function writeAudit(
  log: Logger,
  db: Reader,
  { transactionId, operation, actor }: Committed,
  requestId: string | undefined,
): Promise<void> {
  if (!log.isLevelEnabled("info")) return;
  try {
    const changes = await countChanges(db, transactionId);
    log.info({ requestId, transactionId, operation, actor, changes }, "change");
  } catch (err) {
    log.error({ err, requestId, transactionId, operation, actor }, "change, of which more could not be read");
  }
}
