import { rowsOf } from "../dialect.ts";
import { sql, type Sql } from "../sql.ts";
import type { PastState, Stamp, TrashTime } from "../versioning/past-state.ts";
import { mixedChanges, selectSaid, type SaidRow } from "../versioning/change.ts";
import { changeEntities } from "./changing.ts";
import { restoredColumns } from "../versioning/state-sql.ts";
import type { Run } from "./connections.ts";

const trashColumns = (trash: TrashTime, { transactionId, at }: Stamp): Sql =>
  trash === "then"
    ? sql`"deletedAt" = v."deletedAt", "deletedIn" = v."deletedIn"`
    : sql`
      "deletedAt" = CASE WHEN v."isDeleted" THEN COALESCE("Entity"."deletedAt", ${new Date(at)}) END,
      "deletedIn" = CASE WHEN v."isDeleted" THEN COALESCE("Entity"."deletedIn", ${transactionId}) END`;

/**
 * Writes each state as its entity's next version: two statements, however many there are. Unique keys are looked at row by
 * row, so that the MD5 that changes hands is written when everybody has let go of theirs.
 */
export async function restoreStates(
  run: Run,
  stamp: Stamp,
  states: readonly PastState[],
  trash: TrashTime,
): Promise<void> {
  const wanted = states.map(({ id, version, factsVersion = version }) => [id, version, factsVersion]);
  const versions = sql`
    ${rowsOf("t", ["id", "version", "factsVersion"], wanted)}
    JOIN "EntityVersion" v ON v."entityId" = t."id" AND v."version" = t."version"
    JOIN "EntityVersion" f ON f."entityId" = t."id" AND f."version" = t."factsVersion"`;
  await run(sql`
    UPDATE "Entity" SET ${restoredColumns}, ${trashColumns(trash, stamp)},
      "md5" = CASE WHEN "Entity"."md5" IS NOT DISTINCT FROM v."md5" THEN v."md5" END,
      "version" = "Entity"."version" + 1, "transactionId" = ${stamp.transactionId}, "updatedAt" = ${new Date(stamp.at)}
    FROM ${versions} WHERE "Entity"."id" = v."entityId"`);
  await run(sql`
    UPDATE "Entity" SET "md5" = v."md5"
    FROM ${versions} WHERE "Entity"."id" = v."entityId" AND "Entity"."md5" IS DISTINCT FROM v."md5"`);
  if (states.every(({ factsVersion }) => factsVersion == null)) return;
  const readSaid = (alias: "v" | "f") => run<SaidRow>(selectSaid(versions, alias));
  await changeEntities(run, null, mixedChanges(await readSaid("v"), await readSaid("f")));
}
