import type { EntityId } from "../model/ids.ts";
import type { Connection } from "../sqlite/connection.ts";
import { identifier, join, sql } from "../sql.ts";
import { stateColumns } from "../model/entity-state.ts";
import { indexChanges } from "./indexing.ts";
import { restoreStates, type PastState, type TrashTime } from "./restoring.ts";
import type { Stamp } from "./restoring.ts";

export type ChangeOperation =
  | "CREATE"
  | "UPDATE"
  | "REPLACE_FILE"
  | "READ_FACTS"
  | "MOVE"
  | "SOFT_DELETE"
  | "RESTORE"
  | "REVERT"
  | "UNDO"
  | "HARD_DELETE";

/** The actor of a transaction, its mutation or command, and the reason. */
export interface Opening {
  readonly operation: string;
  readonly actor: string | null;
  readonly reason: string | null;
  /** The operation of the versions; null derives it from the changes of each. */
  readonly change?: "REVERT" | "UNDO" | "READ_FACTS";
  /** The one entity that `change` is about; all of them when left out. */
  readonly changeOf?: EntityId;
  /** The transaction that this one takes back. */
  readonly undoOf?: number;
}

/** The actor and mutation of facts that the server reads by itself. */
export const systemReading = {
  ...{ operation: "readFacts", actor: "system", reason: null },
  change: "READ_FACTS",
} as const satisfies Opening;

/** Writes one transaction's record; its methods run on the writer, inside the database transaction. */
export interface Recorder {
  /** Null until something was written: an operation that changes nothing leaves no transaction. */
  readonly stamped: Stamp | null;
  /** Opens the record at the first write. */
  stamp(): Stamp;
  /** Writes earlier states as the next versions. */
  restore(states: readonly PastState[], trash: TrashTime): void;
  /** Snapshots every entity the transaction has written since the last call. */
  seal(): void;
  /**
   * Last thing before the commit: what has changed can be searched for. The database refuses it while a changed
   * entity has no version.
   */
  close(): void;
}

const state = join(stateColumns.map(identifier));
const entityState = join(stateColumns.map((column) => sql`e.${identifier(column)}`));

/**
 * @param now UTC milliseconds.
 * @param index brings the full-text index to what the transaction leaves; only who makes all of it again may leave it out.
 */
export function openRecorder(
  writer: Connection,
  opening: Opening,
  now: () => number,
  index: (writer: Connection, transactionId: number) => void = indexChanges,
): Recorder {
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

function snapshot(
  writer: Connection,
  transactionId: number,
  { change = null, changeOf = null }: { change?: string | null; changeOf?: EntityId | null },
): void {
  writer.run(sql`
    INSERT INTO "EntityVersion" ("entityId", "version", "transactionId", "operation", ${state})
    SELECT e."id", e."version", e."transactionId",
      CASE
        WHEN p."version" IS NULL THEN 'CREATE'
        WHEN ${change} IS NOT NULL AND COALESCE(${changeOf}, e."id") = e."id" THEN ${change}
        WHEN e."isDeleted" <> p."isDeleted" THEN CASE WHEN e."isDeleted" THEN 'SOFT_DELETE' ELSE 'RESTORE' END
        WHEN e."originalId" IS NOT p."originalId" THEN 'REPLACE_FILE'
        WHEN e."parentId" IS NOT p."parentId" AND e."label" IS p."label" AND e."description" IS p."description" THEN 'MOVE'
        ELSE 'UPDATE'
      END,
      ${entityState}
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
