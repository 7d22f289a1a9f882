import { setTimeout as delay } from "node:timers/promises";
import { list } from "../../database/dialect.ts";
import { sql, type Sql } from "../../database/sql.ts";
import type { Reader } from "../../database/reader.ts";
import type { Hashing } from "../../storage/local/hashing.ts";
import type { Fault, OpenOriginal, OriginalFiles } from "../../storage/local/original-files.ts";
import type { Finding } from "./kinds.ts";

interface Row {
  readonly id: number;
  readonly md5: string;
  readonly sha256: string;
  readonly fileSize: number;
  readonly filePath: string;
}

interface Needs {
  readonly reader: Reader;
  readonly files: OriginalFiles;
  /** Null reads no bytes. */
  readonly hashing: Hashing | null;
  /** Paths of originals that are being stored at this moment. */
  listIntended(): Promise<ReadonlySet<string>>;
}

/** The progress; ids grow with time, so files that arrive in the meantime come later. */
export interface Place {
  /** Every original up to this id has been looked at. */
  readonly after: number;
  /** Those among them that were found wrong: looked at again when it goes on. */
  readonly wrong: readonly number[];
}

interface Watching {
  readonly signal: AbortSignal;
  readonly onFinding: (finding: Finding) => void;
  /** After each file that was looked at. */
  readonly onFile: () => void;
  /** After each lot. */
  readonly onPlace: (place: Place, lot: { readonly files: number; readonly bytes: number }) => void;
}

const lotRows = 500;
/** Files looked at side by side when no bytes are read. */
const sideBySide = 8;

const columns = sql`SELECT "id", "md5", "sha256", "fileSize", "filePath" FROM "Original"`;
const listRows = ({ reader }: Needs, condition: Sql) =>
  reader.all<Row>(sql`${columns} WHERE ${condition} ORDER BY "id" LIMIT ${lotRows}`);

const isOpen = (found: OpenOriginal | Fault): found is OpenOriginal => "hash" in found;

/** These are another original's bytes: then two were exchanged, and nothing is lost. */
async function bytesMessage({ reader }: Needs, row: Row, sha256: string): Promise<string> {
  const other = await reader.get<{ filePath: string }>(
    sql`SELECT "filePath" FROM "Original" WHERE "sha256" = ${sha256} AND "id" <> ${row.id} LIMIT 1`,
  );
  return other == null
    ? "the file's bytes are not those that were stored"
    : `the file has the bytes of ${other.filePath}`;
}

/** @returns undefined when it was stopped. */
async function hashFault(needs: Needs, row: Row, file: OpenOriginal) {
  try {
    const hashes = needs.hashing == null ? undefined : await file.hash(needs.hashing);
    if (hashes == null) return undefined;
    const isSame = hashes.md5 === row.md5 && hashes.sha256 === row.sha256;
    return isSame
      ? null
      : { kind: "FILE_BYTES" as const, message: await bytesMessage(needs, row, hashes.sha256) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "FILE_UNREADABLE" as const, message: `the file cannot be read to its end (${reason})` };
  }
}

type Suspicion = Pick<Finding, "kind" | "message">;

/** @returns null when all is well, undefined when it was stopped before that was known. */
async function look(needs: Needs, row: Row): Promise<Suspicion | null | undefined> {
  const found = await needs.files.open(row.filePath, row.fileSize);
  if (!isOpen(found)) return { kind: found.fault, message: found.message };
  try {
    // Wrong bytes weigh more than a second name or a mode.
    const { fault } = found;
    const isReadable = fault == null || fault.fault === "FILE_SHARED" || fault.fault === "FILE_UNREADABLE";
    const wrong = needs.hashing == null || !isReadable ? null : await hashFault(needs, row, found);
    if (wrong !== null) return wrong;
    return fault == null ? null : { kind: fault.fault, message: fault.message };
  } finally {
    await found.close();
  }
}

/** A file has a second name in `.staging/` until its row is committed and a little longer. */
const settleMs = 20;
const settleAttempts = 100;

async function isShared(needs: Needs, row: Row): Promise<boolean> {
  for (let attempt = 0; attempt < settleAttempts; attempt++) {
    const intended = await needs.listIntended();
    const found = await needs.files.open(row.filePath, row.fileSize);
    if (!isOpen(found)) return false;
    await found.close();
    if (found.fault?.fault !== "FILE_SHARED") return false;
    // Looked for before the file was looked at: had there been an intent then, its name would be gone by now.
    if (!intended.has(row.filePath)) return true;
    await delay(settleMs);
  }
  // A crash left the name; the next start removes it.
  return false;
}

/**
 * Ids are never used twice, and files are there before their rows and longer than them: so a file that was wrong
 * while its row was there before and after is wrong indeed, even beside a working server.
 */
async function confirm(needs: Needs, row: Row, suspicion: Suspicion): Promise<boolean> {
  if (suspicion.kind === "FILE_SHARED" && !(await isShared(needs, row))) return false;
  return (await needs.reader.get(sql`SELECT 1 AS "is" FROM "Original" WHERE "id" = ${row.id}`)) != null;
}

/** @returns whether it was looked at to the end, and found wrong. */
async function check(needs: Needs, row: Row, watching: Watching) {
  const suspicion = await look(needs, row);
  if (suspicion === undefined) return { isDone: false, isWrong: false };
  if (suspicion === null || !(await confirm(needs, row, suspicion))) return { isDone: true, isWrong: false };
  watching.onFinding({ ...suspicion, path: row.filePath, entityId: null });
  return { isDone: true, isWrong: true };
}

/** @returns the rows found wrong; undefined when it was stopped before the end of the lot. */
async function checkLot(needs: Needs, lot: readonly Row[], watching: Watching) {
  const wrong: number[] = [];
  const queue = lot[Symbol.iterator]();
  // TypeScript does not see that the workers below change it.
  let isStopped = false as boolean;
  const work = async () => {
    for (const row of queue) {
      if (watching.signal.aborted) isStopped = true;
      if (isStopped) return;
      const { isDone, isWrong } = await check(needs, row, watching);
      if (isDone) watching.onFile();
      else isStopped = true;
      if (isWrong) wrong.push(row.id);
    }
  };
  // One more than there are threads, so that none waits for the next file to be opened.
  const workers = needs.hashing == null ? sideBySide : needs.hashing.threads + 1;
  await Promise.all(Array.from({ length: workers }, work));
  return isStopped ? undefined : wrong.sort((one, other) => one - other);
}

/**
 * Looks at the file of every original, in the order of arrival.
 * @param place where an earlier run was stopped.
 * @returns whether it came to the end; else the next run starts at the last reported place.
 */
export async function verifyOriginals(needs: Needs, place: Place, watching: Watching): Promise<boolean> {
  const again = await listRows(needs, sql`"id" IN (${list(place.wrong)})`);
  let wrong = await checkLot(needs, again, watching);
  let { after } = place;
  while (wrong != null) {
    const lot = await listRows(needs, sql`"id" > ${after}`);
    const last = lot.at(-1);
    if (last == null) return true;
    const more = await checkLot(needs, lot, watching);
    if (more == null) return false;
    wrong = [...wrong, ...more];
    after = last.id;
    const bytes = lot.reduce((sum, { fileSize }) => sum + fileSize, 0);
    watching.onPlace({ after, wrong }, { files: lot.length, bytes });
  }
  return false;
}
