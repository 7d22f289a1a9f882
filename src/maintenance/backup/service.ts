import { join, resolve, sep } from "node:path";
import type { Config } from "../../config/config.ts";
import { lock } from "../../file-lock.ts";
import { holdRemovals } from "../../storage/removal-hold.ts";
import { snapshotDatabase } from "../../database/sqlite/copy.ts";
import { sql } from "../../database/sql.ts";
import { openConnection } from "../../database/sqlite/connection.ts";
import { readerOn } from "../../database/sqlite/reader.ts";
import type { Reader } from "../../database/reader.ts";
import {
  draftBackup,
  listBackups,
  openBackups,
  readManifest,
  type BackupDraft,
} from "../../storage/local/backup-folder.ts";
import { DamagedCopyError } from "../../storage/local/copying.ts";
import type { CarryingPlace } from "../../storage/carrying.ts";
import { manifestText, parseManifest, type ManifestFile } from "./manifest.ts";

export interface BackupNeeds {
  readonly config: Pick<Config, "mediaDir">;
  /** Where the originals are. */
  readonly originals: Pick<CarryingPlace, "bytesOf">;
  /** Absolute. */
  readonly databasePath: string;
  /** Name and version of the program, for the manifest. */
  readonly program: string;
  /** UTC milliseconds. */
  readonly now: () => number;
}

/** How far copying is. */
export interface Copied {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
}

export interface BackingUp {
  /** Gives it up; nothing is left of it. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Copied) => void;
}

export interface MadeBackup {
  /** Absolute. */
  readonly path: string;
  readonly files: number;
  /** Of those, copied; the others are further names of an earlier backup's files. */
  readonly copied: number;
  /** Bytes copied. */
  readonly bytes: number;
  /** The last transaction that it has; 0 for an empty library. */
  readonly lastTransactionId: number;
}

/** The backup was given up, and nothing is left of it. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

const lotRows = 1000;
/** Files copied side by side: one waits for the disk while another is read. */
const sideBySide = 4;
/** Damaged files named in the message. */
const namedMax = 20;

async function* listFiles(reader: Reader): AsyncGenerator<ManifestFile> {
  let above = 0;
  let lot: (ManifestFile & { readonly id: number })[];
  do {
    lot = await reader.all(sql`
      SELECT "id", "filePath" AS "path", "fileSize" AS "size", "sha256" FROM "Original"
      WHERE "id" > ${above} ORDER BY "id" LIMIT ${lotRows}`);
    for (const { path, size, sha256 } of lot) yield { path, size, sha256 };
    above = lot.at(-1)?.id ?? above;
  } while (lot.length === lotRows);
}

interface Earlier {
  readonly path: string;
  /** SHA-256 of its files, by path. */
  readonly files: ReadonlyMap<string, string>;
}

async function findEarlier(dir: string): Promise<Earlier | undefined> {
  const name = (await listBackups(dir)).at(-1);
  const path = join(resolve(dir), name ?? "");
  const text = name == null ? undefined : await readManifest(path);
  if (text == null) return undefined;
  const { files } = parseManifest(text, join(path, "manifest.json"));
  return { path, files: new Map(files.map((file) => [file.path, file.sha256])) };
}

interface Copying {
  readonly draft: BackupDraft;
  readonly reader: Reader;
  readonly earlier: Earlier | undefined;
  readonly originals: BackupNeeds["originals"];
}

async function copyFiles({ draft, reader, earlier, originals }: Copying, { signal, onProgress }: BackingUp) {
  const counted = await reader.get<{ count: number }>(sql`SELECT COUNT(*) AS "count" FROM "Original"`);
  const total = counted?.count ?? 0;
  const queue = listFiles(reader);
  const damaged: string[] = [];
  let [files, copied, bytes] = [0, 0, 0];
  const work = async () => {
    for await (const { path, size, sha256 } of queue) {
      signal.throwIfAborted();
      const from = earlier?.files.get(path) === sha256 ? earlier.path : undefined;
      try {
        if (await draft.add(path, originals.bytesOf(path), { size, sha256 }, from)) {
          copied++;
          bytes += size;
        }
      } catch (error) {
        if (!(error instanceof DamagedCopyError)) throw error;
        damaged.push(error.message);
      }
      files++;
      onProgress({ files, filesTotal: total, bytes });
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  if (damaged.length > 0) {
    const more = damaged.length > namedMax ? [`and ${damaged.length - namedMax} more`] : [];
    throw new BackupError(
      [
        "The library is damaged, so no backup was made; see colan verify",
        ...damaged.slice(0, namedMax),
        ...more,
      ].join("\n  "),
    );
  }
  return { files, copied, bytes };
}

async function fillDraft(needs: BackupNeeds, dir: string, draft: BackupDraft, backing: BackingUp) {
  const { databasePath, program, now, originals } = needs;
  const madeAt = new Date(now()).toISOString();
  snapshotDatabase(databasePath, draft.databasePath);
  const connection = openConnection(draft.databasePath, { readOnly: true });
  const reader = readerOn(connection);
  try {
    const last = await reader.get<{ id: number | null }>(sql`SELECT MAX("id") AS "id" FROM "Transaction"`);
    const lastTransactionId = last?.id ?? 0;
    const copying = { draft, reader, earlier: await findEarlier(dir), originals };
    const counts = await copyFiles(copying, backing);
    const database = await draft.measureDatabase();
    const heading = { program, madeAt, lastTransactionId, database };
    const manifest = manifestText(heading, listFiles(reader));
    const library = await reader.get<{ id: string }>(sql`SELECT "id" FROM "Library"`);
    const path = await draft.publish(madeAt.replaceAll(":", "-"), manifest, library?.id);
    return { path, lastTransactionId, ...counts };
  } finally {
    connection.close();
  }
}

/**
 * Copies the library as it is at one transaction into a folder of its own below `dir`, while a server may go on
 * writing. Until it is complete and durable nothing there looks like a backup.
 * @throws {LockedError} when another backup is being made, of this library or into this folder
 * @throws {BackupError} when an original is missing or damaged
 * @throws {StorageFullError}
 */
export async function makeBackup(needs: BackupNeeds, dir: string, backing: BackingUp): Promise<MadeBackup> {
  const mediaDir = resolve(needs.config.mediaDir);
  if (`${resolve(dir)}${sep}`.startsWith(mediaDir + sep))
    throw new BackupError(`${resolve(dir)} is in the media directory; a backup belongs on another disk`);
  await openBackups(dir);
  const releaseDir = lock(join(resolve(dir), ".lock"), `The backup folder ${resolve(dir)}`);
  try {
    const releaseFiles = await holdRemovals(mediaDir);
    try {
      const draft = await draftBackup(dir);
      try {
        return await fillDraft(needs, dir, draft, backing);
      } finally {
        await draft.discard();
      }
    } finally {
      releaseFiles();
    }
  } finally {
    releaseDir();
  }
}
