import type { EntityId } from "../model/ids.ts";
import type { Opening, Recorder } from "../versioning/recorder.ts";
import type { Connection } from "./connection.ts";
import { sql } from "../sql.ts";
import { changeEntities } from "./changing.ts";
import { indexChanges } from "./text-index.ts";
import { restoreStates } from "./restoring.ts";
import type { Stamp } from "../versioning/past-state.ts";
import { entityStateColumns, saysTheSame, stateNames } from "../versioning/state-sql.ts";

/** `Recorder` without waiting. */
type SyncRecorder = {
  readonly [Member in keyof Recorder]: Recorder[Member] extends (
    ...given: infer Given
  ) => Promise<infer Result>
    ? (...given: Given) => Result
    : Recorder[Member];
};

/**
 * @param now UTC milliseconds.
 * @param index brings the full-text index to what the transaction leaves; only who makes all of it again may leave it out.
 */
export function openSyncRecorder(
  writer: Connection,
  opening: Opening,
  now: () => number,
  index: (writer: Connection, transactionId: number) => void = indexChanges,
): SyncRecorder {
  let stamped: Stamp | null = null;

  const open = (): Stamp => {
    const last = writer.get<{ at: number }>(sql`SELECT "at" FROM "Transaction" ORDER BY "id" DESC LIMIT 1`);
    // A clock set back must not reorder history: "as it stood at" counts on times that only grow.
    const at = Math.max(now(), last?.at ?? 0);
    const { operation, actor, reason, undoOf = null } = opening;
    const { lastInsertId } = writer.run(sql`
      INSERT INTO "Transaction" ("at", "actor", "reason", "operation", "undoOfId")
      VALUES (${at}, ${actor}, ${reason}, ${operation}, ${undoOf})`);
    writer.run(sql`INSERT INTO "OpenTransaction" ("singleton", "transactionId") VALUES (1, ${lastInsertId})`);
    return { transactionId: lastInsertId, at };
  };

  const stamp = () => (stamped ??= open());

  const seal = () => {
    if (stamped == null) return;
    snapshot(writer, stamped.transactionId, opening);
    endReplaced(writer, stamped.transactionId);
  };

  return {
    get stamped() {
      return stamped;
    },
    stamp,
    change: (changes) => {
      if (changes.length === 0) return;
      changeEntities(writer, stamp(), changes);
      seal();
    },
    restore: (states, trash) => {
      if (states.length === 0) return;
      restoreStates(writer, stamp(), states, trash);
      seal();
    },
    seal,
    close: () => {
      if (stamped == null) return;
      const { transactionId: id } = stamped;
      index(writer, id);
      writer.run(sql`
        UPDATE "Transaction" SET "entityCount" =
          (SELECT COUNT(DISTINCT "entityId") FROM "EntityVersion" WHERE "transactionId" = ${id}) +
          (SELECT COUNT(*) FROM "Tombstone" WHERE "transactionId" = ${id})
        WHERE "id" = ${id}`);
      writer.run(sql`DELETE FROM "OpenTransaction"`);
    },
  };
}

/* eslint-disable @typescript-eslint/require-await -- what SQLite throws is a rejection */
export function openRecorder(writer: Connection, opening: Opening, now: () => number): Recorder {
  const recorder = openSyncRecorder(writer, opening, now);
  return {
    get stamped() {
      return recorder.stamped;
    },
    stamp: async () => recorder.stamp(),
    change: async (changes) => {
      recorder.change(changes);
    },
    restore: async (states, trash) => {
      recorder.restore(states, trash);
    },
    seal: async () => {
      recorder.seal();
    },
    close: async () => {
      recorder.close();
    },
  };
}
/* eslint-enable @typescript-eslint/require-await */

function snapshot(
  writer: Connection,
  transactionId: number,
  { change = null, changeOf = null }: { change?: string | null; changeOf?: EntityId | null },
): void {
  writer.run(sql`
    INSERT INTO "EntityVersion" ("entityId", "version", "transactionId", "operation", ${stateNames})
    SELECT e."id", e."version", e."transactionId",
      CASE
        WHEN p."version" IS NULL THEN 'CREATE'
        WHEN ${change} IS NOT NULL AND COALESCE(${changeOf}, e."id") = e."id" THEN ${change}
        WHEN e."isDeleted" <> p."isDeleted" THEN CASE WHEN e."isDeleted" THEN 'SOFT_DELETE' ELSE 'RESTORE' END
        WHEN e."originalId" IS DISTINCT FROM p."originalId" THEN 'REPLACE_FILE'
        WHEN e."parentId" IS NOT p."parentId" AND ${saysTheSame} THEN 'MOVE'
        ELSE 'UPDATE'
      END,
      ${entityStateColumns}
    FROM "Entity" e
    LEFT JOIN "EntityVersion" p ON p."entityId" = e."id" AND p."version" = e."version" - 1
    WHERE e."transactionId" = ${transactionId}
      AND NOT EXISTS (SELECT 1 FROM "EntityVersion" v WHERE v."entityId" = e."id" AND v."version" = e."version")`);
}

/** Closes the interval of each version that has a successor now. */
function endReplaced(writer: Connection, transactionId: number): void {
  writer.run(sql`
    UPDATE "EntityVersion" AS v SET "untilTransactionId" = ${transactionId}
    FROM "Entity" e
    WHERE e."transactionId" = ${transactionId}
      AND v."entityId" = e."id" AND v."version" = e."version" - 1 AND v."untilTransactionId" IS NULL`);
}
