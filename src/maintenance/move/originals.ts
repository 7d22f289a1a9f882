import { list } from "../../database/dialect.ts";
import type { Reader } from "../../database/reader.ts";
import { sql } from "../../database/sql.ts";
import type { CarriedFile, CarryingPlace } from "../../storage/carrying.ts";

const lotRows = 1000;

export interface OriginalRow extends CarriedFile {
  readonly id: number;
}

/** Every original, in the order of ids, which are never used twice. */
export async function* listOriginalRows(reader: Reader): AsyncGenerator<OriginalRow> {
  let above = 0;
  let lot: OriginalRow[];
  do {
    lot = await reader.all(sql`
      SELECT "id", "filePath" AS "key", "fileSize" AS "size", "sha256" FROM "Original"
      WHERE "id" > ${above} ORDER BY "id" LIMIT ${lotRows}`);
    yield* lot;
    above = lot.at(-1)?.id ?? above;
  } while (lot.length === lotRows);
}

export async function countOriginals(reader: Reader): Promise<{ files: number; bytes: number }> {
  const row = await reader.get<{ files: number; bytes: number | string | null }>(
    sql`SELECT COUNT(*) AS "files", SUM("fileSize") AS "bytes" FROM "Original"`,
  );
  return { files: row?.files ?? 0, bytes: Number(row?.bytes ?? 0) };
}

/** Several rows side by side: one waits for a disk or a store while another is read. Ends when all have, failed or not. */
export async function eachSideBySide<T>(
  rows: AsyncIterable<T>,
  sideBySide: number,
  signal: AbortSignal,
  work: (row: T) => Promise<void>,
): Promise<void> {
  const queue = rows[Symbol.asyncIterator]();
  const failures: unknown[] = [];
  const worker = async () => {
    while (failures.length === 0) {
      const next = await queue.next();
      if (next.done === true) return;
      signal.throwIfAborted();
      await work(next.value);
    }
  };
  const workers = Array.from({ length: sideBySide }, worker);
  await Promise.all(workers.map((each) => each.catch((error: unknown) => failures.push(error))));
  if (failures.length > 0) throw failures[0];
}

const md5Of = (key: string): string => key.slice(key.lastIndexOf("/") + 1).split(".")[0] ?? "";

/**
 * A place that was the library's before may have originals that it has destroyed since: these go. Others that no row names
 * stay.
 * @returns how many stay.
 */
export async function removeDestroyed(reader: Reader, place: CarryingPlace): Promise<number> {
  let strangers = 0;
  const look = async (keys: readonly string[]) => {
    if (keys.length === 0) return;
    const known = await reader.all<{ key: string }>(
      sql`SELECT "filePath" AS "key" FROM "Original" WHERE "filePath" IN (${list(keys)})`,
    );
    const rows = new Set(known.map(({ key }) => key));
    const others = keys.filter((key) => !rows.has(key));
    if (others.length === 0) return;
    const destroyed = await reader.all<{ md5: string }>(
      sql`SELECT "md5" FROM "Tombstone" WHERE "md5" IN (${list(others.map(md5Of))})`,
    );
    const gone = new Set(destroyed.map(({ md5 }) => md5));
    for (const key of others)
      if (gone.has(md5Of(key))) await place.remove(key);
      else strangers++;
  };
  let lot: string[] = [];
  for await (const key of place.list()) {
    lot.push(key);
    if (lot.length < lotRows) continue;
    await look(lot);
    lot = [];
  }
  await look(lot);
  return strangers;
}
