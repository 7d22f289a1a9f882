import { list } from "../../database/dialect.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { isComplete, type Reading } from "./rules.ts";
import { forgetLooks, readOriginal, stateAfter, writeFacts, type Found } from "./service.ts";

type Needs = Pick<Deps, "db" | "storage" | "media" | "derivativeStore" | "hotFiles">;

/** Whose facts are read: what is not READ, every file, or these. */
export type Wanted = "unread" | "all" | readonly EntityId[];

/** How far it is. */
export interface Progress {
  /** Files read so far. */
  readonly files: number;
  readonly filesTotal: number;
  /** Entities that have a new version by it. */
  readonly changed: number;
  /** Files that could not be read whole. */
  readonly unreadable: number;
}

/** Files in one transaction. */
const batchFiles = 100;

interface File {
  readonly id: EntityId;
  readonly originalId: number;
  readonly filePath: string;
  readonly factsState: string;
}

const conditionOf = (wanted: Wanted) =>
  wanted === "all"
    ? sql`TRUE`
    : wanted === "unread"
      ? sql`"factsState" <> 'READ'`
      : sql`"id" IN (${list(wanted)})`;

const listFiles = ({ db }: Needs, wanted: Wanted, above: EntityId): Promise<File[]> =>
  db.reader.all<File>(sql`
    SELECT "id", "originalId", "filePath", "factsState" FROM "Entity"
    WHERE "originalId" IS NOT NULL AND "id" > ${above} AND ${conditionOf(wanted)}
    ORDER BY "id" LIMIT ${batchFiles}`);

const countFiles = async ({ db }: Needs, wanted: Wanted): Promise<number> =>
  (
    await db.reader.get<{ files: number }>(sql`
    SELECT COUNT(*) AS "files" FROM "Entity" WHERE "originalId" IS NOT NULL AND ${conditionOf(wanted)}`)
  )?.files ?? 0;

/** Those of the ids that are no files: unknown, destroyed, or collections. */
export async function listNoFiles({ db }: Pick<Needs, "db">, ids: readonly EntityId[]): Promise<EntityId[]> {
  const rows = await db.reader.all<{ id: EntityId }>(sql`
    SELECT t."value" AS "id" FROM (${list(ids)}) t
    WHERE NOT EXISTS (SELECT 1 FROM "Entity" e WHERE e."id" = t."value" AND e."originalId" IS NOT NULL)`);
  return rows.map(({ id }) => id);
}

/** Fast at first; what fails then is read with all patience. */
async function readPatiently(needs: Needs, filePath: string): Promise<Reading> {
  const reading = await readOriginal(needs, filePath);
  return isComplete(reading) ? reading : readOriginal(needs, filePath, "background");
}

/**
 * Reads facts again from the bytes, some hundred files a transaction. A file that cannot be read keeps what is known.
 * @param signal stops it after the files under way; what was read until then is written.
 */
export async function rereadFacts(
  needs: Needs,
  wanted: Wanted,
  {
    signal,
    atOnce,
    onProgress,
  }: { signal: AbortSignal; atOnce: number; onProgress: (progress: Progress) => void },
): Promise<Progress> {
  let progress: Progress = {
    files: 0,
    filesTotal: await countFiles(needs, wanted),
    changed: 0,
    unreadable: 0,
  };
  const tell = (change: Partial<Progress>) => {
    progress = { ...progress, ...change };
    onProgress(progress);
  };
  const read = async (file: File): Promise<Found[]> => {
    const reading = await readPatiently(needs, file.filePath);
    const isWhole = isComplete(reading);
    tell({ files: progress.files + 1, unreadable: progress.unreadable + (isWhole ? 0 : 1) });
    const state = stateAfter(file, reading);
    return state == null ? [] : [{ id: file.id, originalId: file.originalId, reading, state }];
  };
  const opening = { operation: "facts", actor: null, reason: null, change: "READ_FACTS" } as const;
  let above = 0;
  for (
    let files = await listFiles(needs, wanted, above);
    files.length > 0;
    files = await listFiles(needs, wanted, above)
  ) {
    above = files.at(-1)?.id ?? above;
    const waiting = [...files];
    const found: Found[] = [];
    const work = async () => {
      for (let next = waiting.shift(); next != null && !signal.aborted; next = waiting.shift())
        found.push(...(await read(next)));
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const written = await needs.db.transaction(opening, (tx) => writeFacts(tx, found));
    await forgetLooks(needs, written.looks);
    tell({ changed: progress.changed + written.ids.length });
    if (signal.aborted) break;
  }
  return progress;
}
