import type { Reader } from "../../database/reader.ts";
import { HashCollisionError } from "../../storage/errors.ts";
import type { CarryingPlace } from "../../storage/carrying.ts";
import { DamagedCopyError } from "../../storage/local/copying.ts";
import { Watermark } from "./watermark.ts";
import {
  countOriginals,
  eachSideBySide,
  listOriginalRows,
  removeDestroyed,
  type OriginalRow,
} from "./originals.ts";

/** The place is not one that this library can be moved to. Nothing was written. */
export class WrongTargetError extends Error {
  override readonly name = "WrongTargetError";
}

/** Originals are missing or damaged, so the new place is not complete; the old one is as it was. */
export class DamagedOriginalsError extends Error {
  override readonly name = "DamagedOriginalsError";
}

export interface StorageMove {
  readonly reader: Reader;
  readonly libraryId: string;
  readonly from: CarryingPlace;
  readonly to: CarryingPlace;
}

export interface MoveProgress {
  readonly files: number;
  readonly filesTotal: number;
  /** Of those files. */
  readonly bytes: number;
  readonly bytesTotal: number;
  /** Of them, those that were copied by this run. */
  readonly copiedBytes: number;
}

export interface MovingStorage {
  /** Stops it; begun again, it goes on. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: MoveProgress) => void;
}

export interface MovedStorage extends MoveProgress {
  /** Files named as originals are in the new place, of which no row knows. */
  readonly strangers: number;
}

const sideBySide = 4;
/** Damaged files named in the message. */
const namedMax = 20;
const note = ".moving";

/** Whether the place is, or is being made, this library's. @throws {WrongTargetError} */
async function checkTarget({ libraryId, to }: StorageMove): Promise<{ isKnown: boolean; verified: number }> {
  const [mark, text] = [await to.findMark(), await to.readNote(note)];
  const begun = text == null ? undefined : Watermark.parse(text);
  for (const id of [mark, begun?.libraryId])
    if (id != null && id !== libraryId)
      throw new WrongTargetError(`${to.title} belongs to another library. Nothing was written`);
  if (mark != null || begun != null) return { isKnown: true, verified: begun?.verified ?? 0 };
  const occupant = await to.findOccupant();
  if (occupant == null) return { isKnown: false, verified: 0 };
  throw new WrongTargetError(
    `${to.title} is not empty (${occupant}), and not this library's; name an empty place. Nothing was written`,
  );
}

/** What moving would do, by the sizes of what is there. Writes nothing. @throws {WrongTargetError} */
export async function planStorageMove(
  move: StorageMove,
  { signal, onProgress }: MovingStorage,
): Promise<MoveProgress & { readonly there: number; readonly thereBytes: number }> {
  await checkTarget(move);
  const { files: filesTotal, bytes: bytesTotal } = await countOriginals(move.reader);
  let [files, bytes, there, thereBytes] = [0, 0, 0, 0];
  await eachSideBySide(listOriginalRows(move.reader), sideBySide, signal, async ({ key, size }) => {
    if ((await move.to.sizeOf(key)) === size) {
      there++;
      thereBytes += size;
    }
    files++;
    bytes += size;
    onProgress({ files, filesTotal, bytes, bytesTotal, copiedBytes: 0 });
  });
  return { files, filesTotal, bytes, bytesTotal, copiedBytes: 0, there, thereBytes };
}

function refuseDamaged(damaged: readonly string[]): void {
  if (damaged.length === 0) return;
  const more = damaged.length > namedMax ? [`and ${damaged.length - namedMax} more`] : [];
  throw new DamagedOriginalsError(
    [
      "Originals are missing or damaged, so the move is not complete, and the old place stays the library's; see colan " +
        "verify, mend them, and give the same command again",
      ...damaged.slice(0, namedMax),
      ...more,
    ].join("\n  "),
  );
}

async function copyAll(move: StorageMove, watermark: Watermark, { signal, onProgress }: MovingStorage) {
  const { reader, from, to } = move;
  const { files: filesTotal, bytes: bytesTotal } = await countOriginals(reader);
  const damaged: string[] = [];
  let [files, bytes, copiedBytes] = [0, 0, 0];
  const verifiedBefore = watermark.verified;
  const carry = async (row: OriginalRow) => {
    const { id, key, size } = row;
    if (id <= verifiedBefore && (await to.sizeOf(key)) === size) return;
    if (await to.add(row, from.bytesOf(key))) copiedBytes += size;
  };
  await eachSideBySide(watermark.follow(listOriginalRows(reader)), sideBySide, signal, async (row) => {
    try {
      await carry(row);
    } catch (error) {
      if (!(error instanceof DamagedCopyError || error instanceof HashCollisionError)) throw error;
      damaged.push(error instanceof HashCollisionError ? `${to.title}: ${error.message}` : error.message);
    }
    files++;
    bytes += row.size;
    onProgress({ files, filesTotal, bytes, bytesTotal, copiedBytes });
    await watermark.done(row.id, damaged.length === 0);
  });
  refuseDamaged(damaged);
  return { files, filesTotal, bytes, bytesTotal, copiedBytes };
}

/**
 * Copies the originals of a library to another place, proving each by its SHA-256, and marks that place as the library's.
 * The old place stays as it was. Until all is there, the new one has a note in place of a mark, so that no server takes it;
 * cut off at any moment, the move goes on from there. No server may be running.
 * @throws {WrongTargetError} @throws {DamagedOriginalsError} @throws {UnavailableError} @throws {StorageFullError}
 */
export async function moveStorage(move: StorageMove, moving: MovingStorage): Promise<MovedStorage> {
  const { reader, libraryId, to } = move;
  const { isKnown, verified } = await checkTarget(move);
  const watermark = new Watermark({ libraryId, verified }, (text) => to.writeNote(note, text));
  await watermark.write();
  await to.removeMark();
  const counts = await copyAll(move, watermark, moving);
  const strangers = isKnown ? await removeDestroyed(reader, to) : 0;
  await to.settle();
  await to.writeMark(libraryId);
  await to.removeNote(note);
  return { ...counts, strangers };
}

/**
 * Removes the originals from the place that the library was moved away from, and its mark at last.
 * @returns how many files it named.
 */
export async function clearSource(
  { reader, from }: Pick<StorageMove, "reader" | "from">,
  signal: AbortSignal,
): Promise<number> {
  let files = 0;
  await eachSideBySide(listOriginalRows(reader), sideBySide, signal, async ({ key }) => {
    await from.remove(key);
    files++;
  });
  await from.removeMark();
  return files;
}
