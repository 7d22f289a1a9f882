import type { EntityId } from "../model/ids.ts";
import { textColumns, type Texts } from "../model/search-terms.ts";
import { identifier, join, sql, type Sql } from "../sql.ts";
import { list } from "../dialect.ts";
import { keywordRowsOf, type Keyworded } from "../keyword-rows.ts";
import type { Stamp } from "../versioning/past-state.ts";
import type { Opening, Recorder } from "../versioning/recorder.ts";
import { entityStateColumns, saysTheSame, stateNames } from "../versioning/state-sql.ts";
import { changeEntities } from "./changing.ts";
import type { Run } from "./connections.ts";
import { vectorOf } from "./lexemes.ts";
import { restoreStates } from "./restoring.ts";
import type { Writer } from "./writer-pool.ts";

const opened = ({ operation, actor, reason, undoOf }: Opening, at: number): Sql => sql`
  WITH t AS (
    INSERT INTO "Transaction" ("at", "actor", "reason", "operation", "undoOfId")
    VALUES (${new Date(at)}, ${actor}, ${reason}, ${operation}, ${undoOf ?? null})
    RETURNING "id"
  ), o AS (
    INSERT INTO "OpenTransaction" ("singleton", "transactionId") SELECT 1, "id" FROM t
  )
  SELECT "id" FROM t`;

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

interface Sealed extends Changed {
  readonly areKeywordsNew: number;
}

/** Whether its keywords are others, or on another side of the trash. */
const areKeywordsNew = sql`
  (e."keywords" IS DISTINCT FROM p."keywords"
    OR e."keywords" IS NOT NULL AND e."isDeleted" IS DISTINCT FROM p."isDeleted") AS "areKeywordsNew"`;

/** Entities read, analysed and written together. */
const lotRows = 1000;

/** Snapshots what has no version yet, ends the version before, and reads what is to be searched for in another way. */
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
    RETURNING "entityId"
  ), ended AS (
    UPDATE "EntityVersion" AS v SET "untilTransactionId" = ${transactionId}
    FROM "Entity" e
    WHERE e."transactionId" = ${transactionId}
      AND v."entityId" = e."id" AND v."version" = e."version" - 1 AND v."untilTransactionId" IS NULL
  )
  SELECT e."id", e."isDeleted", ${texts}, ${areKeywordsNew}
  FROM written w
  JOIN "Entity" e ON e."id" = w."entityId"
  LEFT JOIN "EntityVersion" p ON p."entityId" = e."id" AND p."version" = e."version" - 1
  WHERE p."entityId" IS NULL OR ${anyChanged}
  LIMIT ${lotRows + 1}`;

/** Entities whose strings or side of the trash are not those of the version before the transaction. */
const changedTexts = (transactionId: number, above: number): Sql => sql`
  SELECT e."id", e."isDeleted", ${texts}, ${areKeywordsNew}
  FROM "Entity" e
  LEFT JOIN LATERAL (
    SELECT * FROM "EntityVersion" v WHERE v."entityId" = e."id" AND v."transactionId" < ${transactionId}
    ORDER BY v."version" DESC LIMIT 1) p ON TRUE
  WHERE e."transactionId" = ${transactionId} AND e."id" > ${above} AND (p."entityId" IS NULL OR ${anyChanged})
  ORDER BY e."id" LIMIT ${lotRows}`;

const writtenTexts = (rows: readonly Changed[]): Sql => {
  const [ids, sides, vectors] = [
    rows.map(({ id }) => id),
    rows.map(({ isDeleted }) => isDeleted === 1),
    rows.map(vectorOf),
  ];
  // Some may have been destroyed since they were read.
  return sql`
    INSERT INTO "EntityText" ("entityId", "isDeleted", "words")
    SELECT t."id", t."isDeleted", CAST(t."words" AS tsvector)
    FROM unnest(CAST(${ids} AS integer[]), CAST(${sides} AS boolean[]), CAST(${vectors} AS text[])) t ("id", "isDeleted", "words")
    JOIN "Entity" e ON e."id" = t."id"
    ON CONFLICT ("entityId") DO UPDATE SET "isDeleted" = excluded."isDeleted", "words" = excluded."words"`;
};

/** Brings what is searched to what the rows say. */
export const writeTexts = (run: Run, rows: readonly Changed[]): Promise<unknown> => run(writtenTexts(rows));

/** The rows by which keywords are found; null for none. */
export function writtenKeywords(entities: readonly Keyworded[]): Sql | null {
  const rows = keywordRowsOf(entities);
  if (rows.length === 0) return null;
  const [folded, ids, sides, keywords] = [
    rows.map((row) => row[0]),
    rows.map((row) => row[1]),
    rows.map((row) => row[2] === 1),
    rows.map((row) => row[3]),
  ];
  // Some may have been destroyed since they were read.
  return sql`
    INSERT INTO "EntityKeyword" ("folded", "entityId", "isDeleted", "keyword")
    SELECT t."folded", t."entityId", t."isDeleted", t."keyword"
    FROM unnest(CAST(${folded} AS text[]), CAST(${ids} AS integer[]), CAST(${sides} AS boolean[]), CAST(${keywords} AS text[]))
      t ("folded", "entityId", "isDeleted", "keyword")
    JOIN "Entity" e ON e."id" = t."entityId"`;
}

/** Brings the rows by which keywords are found to what the entities say. */
function replacedKeywords(rows: readonly Sealed[]): Sql[] {
  const entities = rows.filter((row) => row.areKeywordsNew === 1);
  if (entities.length === 0) return [];
  const written = writtenKeywords(entities);
  const removed = sql`DELETE FROM "EntityKeyword" WHERE "entityId" IN (${list(entities.map(({ id }) => id))})`;
  return written == null ? [removed] : [removed, written];
}

async function indexChanges(run: Run, transactionId: number): Promise<void> {
  let above = 0;
  let lot: Sealed[];
  do {
    lot = await run<Sealed>(changedTexts(transactionId, above));
    if (lot.length > 0) await writeTexts(run, lot);
    for (const statement of replacedKeywords(lot)) await run(statement);
    above = lot.at(-1)?.id ?? above;
  } while (lot.length === lotRows);
}

/** What the strings of a transaction's entities are now, as long as they are one lot at most. */
class ChangedTexts {
  readonly #rows = new Map<number, Sealed>();
  #areMany = false;

  add(rows: readonly Sealed[]): void {
    for (const row of rows) {
      // A version before, of the same transaction, may have brought other keywords.
      const areNew = this.#rows.get(row.id)?.areKeywordsNew ?? 0;
      this.#rows.set(row.id, areNew === 1 ? { ...row, areKeywordsNew: 1 } : row);
    }
    this.#areMany ||= this.#rows.size > lotRows;
    if (this.#areMany) this.#rows.clear();
  }

  /** Null when they are more: they are read again then, lot by lot. */
  get all(): readonly Sealed[] | null {
    return this.#areMany ? null : [...this.#rows.values()];
  }
}

/**
 * Writes one transaction's record on the connection of the transaction. Most of it is sent ahead, so that it makes no round
 * trip of its own.
 * @param run waits for the answer.
 * @param now UTC milliseconds.
 */
export function openRecorder(
  writer: Pick<Writer, "ahead" | "next">,
  run: Run,
  opening: Opening,
  now: () => number,
): Recorder {
  let stamped: Stamp | null = null;
  const changed = new ChangedTexts();
  /** Whose answers are needed before the end. */
  const sent: Promise<unknown>[] = [];

  const needed = (work: Promise<void>) => {
    work.catch(() => undefined);
    sent.push(work);
  };

  const stamp = (): Stamp => {
    if (stamped != null) return stamped;
    const { transactionId, at: last } = writer.next;
    // A clock set back must not reorder history: "as it stood at" counts on times that only grow.
    const at = Math.max(now(), last);
    const answer = writer.ahead<{ id: number }>(opened(opening, at));
    needed(
      answer.then(([row]) => {
        if (row?.id !== transactionId)
          throw new Error(`The transaction was to be ${transactionId}, but its row has another id`);
      }),
    );
    return (stamped = { transactionId, at });
  };

  const seal = () => {
    if (stamped == null) return;
    const { change, changeOf } = opening;
    const answer = writer.ahead<Sealed>(sealed(stamped.transactionId, change ?? null, changeOf ?? null));
    needed(
      answer.then((rows) => {
        changed.add(rows);
      }),
    );
  };

  return {
    get stamped() {
      return stamped;
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- another engine waits
    stamp: async () => stamp(),
    // eslint-disable-next-line @typescript-eslint/require-await -- as above
    seal: async () => {
      seal();
    },
    change: async (changes) => {
      if (changes.length === 0) return;
      await changeEntities(run, stamp(), changes);
      seal();
    },
    restore: async (states, trash) => {
      if (states.length === 0) return;
      await restoreStates(run, stamp(), states, trash);
      seal();
    },
    close: async () => {
      if (stamped == null) return;
      const { transactionId } = stamped;
      await Promise.all(sent);
      const rows = changed.all;
      if (rows == null) await indexChanges(run, transactionId);
      else if (rows.length > 0) {
        void writer.ahead(writtenTexts(rows));
        for (const statement of replacedKeywords(rows)) void writer.ahead(statement);
      }
      // With the COMMIT.
      void writer.ahead(sql`SELECT colan_close(${transactionId})`);
    },
  };
}
