import type { PastState, Stamp, TrashTime } from "../versioning/past-state.ts";
import type { Connection } from "./connection.ts";
import { sql, type Sql } from "../sql.ts";
import { mixedChanges, selectSaid, type SaidRow } from "../versioning/change.ts";
import { changeEntities } from "./changing.ts";
import { restoredColumns } from "../versioning/state-sql.ts";

const pairsOf = (states: readonly PastState[]) =>
  JSON.stringify(states.map(({ id, version, factsVersion = version }) => [id, version, factsVersion]));

/** Rows "v" of "EntityVersion", one for each state, and "f" for its facts. */
const versionsOf = (states: string): Sql => sql`
  json_each(${states}) t
  JOIN "EntityVersion" v ON v."entityId" = json_extract(t.value, '$[0]') AND v."version" = json_extract(t.value, '$[1]')
  JOIN "EntityVersion" f ON f."entityId" = v."entityId" AND f."version" = json_extract(t.value, '$[2]')`;

const trashColumns = (trash: TrashTime, { transactionId, at }: Stamp): Sql =>
  trash === "then"
    ? sql`"deletedAt" = v."deletedAt", "deletedIn" = v."deletedIn"`
    : sql`
      "deletedAt" = CASE WHEN v."isDeleted" THEN COALESCE("Entity"."deletedAt", ${at}) END,
      "deletedIn" = CASE WHEN v."isDeleted" THEN COALESCE("Entity"."deletedIn", ${transactionId}) END`;

/**
 * Writes each state as its entity's next version: two statements, however many there are. Foreign keys and the
 * unique MD5 hold for all of them together, not one by one; whether a tree is left is for the caller to see.
 */
export function restoreStates(
  writer: Connection,
  stamp: Stamp,
  states: readonly PastState[],
  trash: TrashTime,
): void {
  const pairs = pairsOf(states);
  writer.run(sql`
    UPDATE "Entity" SET ${restoredColumns}, ${trashColumns(trash, stamp)},
      "md5" = CASE WHEN "Entity"."md5" IS v."md5" THEN v."md5" END,
      "version" = "Entity"."version" + 1, "transactionId" = ${stamp.transactionId}, "updatedAt" = ${stamp.at}
    FROM ${versionsOf(pairs)} WHERE "Entity"."id" = v."entityId"`);
  // Only now has everybody let go of the MD5 that somebody else gets.
  writer.run(sql`
    UPDATE "Entity" SET "md5" = v."md5"
    FROM ${versionsOf(pairs)} WHERE "Entity"."id" = v."entityId" AND "Entity"."md5" IS NOT v."md5"`);
  if (states.every(({ factsVersion }) => factsVersion == null)) return;
  const readSaid = (alias: "v" | "f") => writer.all<SaidRow>(selectSaid(versionsOf(pairs), alias));
  changeEntities(writer, null, mixedChanges(readSaid("v"), readSaid("f")));
}
