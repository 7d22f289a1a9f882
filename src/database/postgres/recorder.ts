import type { EntityId } from "../model/ids.ts";
import { textColumns, type Texts } from "../model/search-terms.ts";
import { identifier, join, sql, type Query, type Sql } from "../sql.ts";
import type { PastState, Stamp, TrashTime } from "../versioning/past-state.ts";
import type { Opening, Recorder } from "../versioning/recorder.ts";
import { entityStateColumns, restoredColumns, saysTheSame, stateNames } from "../versioning/state-sql.ts";
import { rowsOf } from "../dialect.ts";
import { vectorOf } from "./lexemes.ts";

/** Runs a statement inside the transaction. */
export type Run = <Row>(query: Query) => Promise<Row[]>;

/** What a recorder knows besides. */
export interface PostgresRecorder extends Recorder {
  /** Of the database transaction, by which its outcome is asked for when the connection is lost. */
  readonly transactionName: string | undefined;
}

/** Opens the record: one statement, which no other writer comes between. */
const opened = ({ operation, actor, reason, undoOf }: Opening, at: Date): Sql => sql`
  WITH t AS (
    INSERT INTO "Transaction" ("at", "actor", "reason", "operation", "undoOfId")
    -- A clock set back must not reorder history: "as it stood at" counts on times that only grow.
    SELECT GREATEST(CAST(${at} AS timestamptz(3)), (SELECT "at" FROM "Transaction" ORDER BY "id" DESC LIMIT 1)),
      CAST(${actor} AS text), CAST(${reason} AS text), ${operation}, CAST(${undoOf ?? null} AS integer)
    RETURNING "id", "at"
  ), o AS (
    INSERT INTO "OpenTransaction" ("singleton", "transactionId") SELECT 1, "id" FROM t
  )
  SELECT "id" AS "transactionId", "at", CAST(pg_current_xact_id() AS text) AS "name" FROM t`;

/** Snapshots what has no version yet, and ends the version before. */
const sealed = (transactionId: number, change: string | null, changeOf: EntityId | null): Sql => sql`
  WITH written AS (
    INSERT INTO "EntityVersion" ("entityId", "version", "transactionId", "operation", ${stateNames})
    SELECT e."id", e."version", e."transactionId",
      CASE
        WHEN p."version" IS NULL THEN 'CREATE'
        WHEN CAST(${change} AS text) IS NOT NULL AND COALESCE(CAST(${changeOf} AS integer), e."id") = e."id"
          THEN CAST(${change} AS text)
        WHEN e."isDeleted" <> p."isDeleted" THEN CASE WHEN e."isDeleted" THEN 'SOFT_DELETE' ELSE 'RESTORE' END
        WHEN e."originalId" IS DISTINCT FROM p."originalId" THEN 'REPLACE_FILE'
        WHEN e."parentId" IS DISTINCT FROM p."parentId" AND ${saysTheSame} THEN 'MOVE'
        ELSE 'UPDATE'
      END,
      ${entityStateColumns}
    FROM "Entity" e
    LEFT JOIN "EntityVersion" p ON p."entityId" = e."id" AND p."version" = e."version" - 1
    WHERE e."transactionId" = ${transactionId}
      AND NOT EXISTS (SELECT 1 FROM "EntityVersion" v WHERE v."entityId" = e."id" AND v."version" = e."version")
  )
  UPDATE "EntityVersion" AS v SET "untilTransactionId" = ${transactionId}
  FROM "Entity" e
  WHERE e."transactionId" = ${transactionId}
    AND v."entityId" = e."id" AND v."version" = e."version" - 1 AND v."untilTransactionId" IS NULL`;

const texts = join(textColumns.map((column) => sql`e.${identifier(column)}`));
const anyChanged = join(
  ["isDeleted", ...textColumns].map(
    (column) => sql`e.${identifier(column)} IS DISTINCT FROM p.${identifier(column)}`,
  ),
  " OR ",
);

interface Changed extends Texts {
  readonly id: number;
  readonly isDeleted: number;
}

/** Entities read, analysed and written together. */
const lotRows = 1000;

/** Entities whose strings or side of the trash are not those of the version before the transaction. */
const changedTexts = (transactionId: number, above: number): Sql => sql`
  SELECT e."id", e."isDeleted", ${texts}
  FROM "Entity" e
  LEFT JOIN LATERAL (
    SELECT * FROM "EntityVersion" v WHERE v."entityId" = e."id" AND v."transactionId" < ${transactionId}
    ORDER BY v."version" DESC LIMIT 1) p ON TRUE
  WHERE e."transactionId" = ${transactionId} AND e."id" > ${above} AND (p."entityId" IS NULL OR ${anyChanged})
  ORDER BY e."id" LIMIT ${lotRows}`;

/** Brings what is searched to what the rows say. */
export function writeTexts(run: Run, rows: readonly Changed[]): Promise<unknown> {
  const [ids, sides, vectors] = [
    rows.map(({ id }) => id),
    rows.map(({ isDeleted }) => isDeleted === 1),
    rows.map(vectorOf),
  ];
  return run(sql`
    INSERT INTO "EntityText" ("entityId", "isDeleted", "words")
    SELECT t."id", t."isDeleted", CAST(t."words" AS tsvector)
    FROM unnest(CAST(${ids} AS integer[]), CAST(${sides} AS boolean[]), CAST(${vectors} AS text[])) t ("id", "isDeleted", "words")
    ON CONFLICT ("entityId") DO UPDATE SET "isDeleted" = excluded."isDeleted", "words" = excluded."words"`);
}

async function indexChanges(run: Run, transactionId: number): Promise<void> {
  let above = 0;
  let lot: Changed[];
  do {
    lot = await run<Changed>(changedTexts(transactionId, above));
    if (lot.length > 0) await writeTexts(run, lot);
    above = lot.at(-1)?.id ?? above;
  } while (lot.length === lotRows);
}

/**
 * Writes one transaction's record on the connection of the transaction.
 * @param now UTC milliseconds.
 */
export function openRecorder(run: Run, opening: Opening, now: () => number): PostgresRecorder {
  let stamped: Stamp | null = null;
  let name: string | undefined;

  const stamp = async (): Promise<Stamp> => {
    if (stamped != null) return stamped;
    const [row] = await run<Stamp & { name: string }>(opened(opening, new Date(now())));
    if (row == null) throw new Error("The transaction's row was not written");
    name = row.name;
    return (stamped = { transactionId: row.transactionId, at: row.at });
  };

  const seal = async () => {
    if (stamped == null) return;
    const { change, changeOf } = opening;
    await run(sealed(stamped.transactionId, change ?? null, changeOf ?? null));
  };

  return {
    get stamped() {
      return stamped;
    },
    get transactionName() {
      return name;
    },
    stamp,
    seal,
    restore: async (states, trash) => {
      if (states.length === 0) return;
      await restoreStates(run, await stamp(), states, trash);
      await seal();
    },
    close: async () => {
      if (stamped == null) return;
      const { transactionId } = stamped;
      await indexChanges(run, transactionId);
      await run(sql`SELECT colan_close(${transactionId})`);
    },
  };
}

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
async function restoreStates(
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
}
