import { randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { OpenDatabase } from "../database/engine.ts";
import { engineOf } from "../database/engines.ts";
import { StorageFullError } from "../errors.ts";
import { libraryMarkName } from "../storage/local/library-mark.ts";
import type { OriginalsPlace } from "../storage/originals-place.ts";
import { nameOfDatabase, sessionUrlOf } from "./paths.ts";
import { placeOf } from "./places.ts";

/** Database and media directory are not of one library. Nothing was written. */
export class WrongFolderError extends Error {
  override readonly name = "WrongFolderError";
}

/** An administrator's answer about a pair that would be refused. */
export interface Adopting {
  /** Also when most of its files are not there: they are lost. */
  readonly areFilesLost: boolean;
}

/** The two sides to compare. */
export interface Pair {
  /** Of the database; null when it has none. */
  readonly databaseId: string | null;
  readonly isPaired: boolean;
  readonly hasFiles: boolean;
  /** Of the media directory; null when it has no mark, or is not there. */
  readonly folderId: string | null;
  /** Whether originals, of whichever library, are in the media directory; asked only of unmarked ones. */
  readonly holdsOriginals: boolean;
  /** Files of the database that were looked for, and those of them that are there; asked only where no ids tell. */
  readonly sampled: number;
  readonly present: number;
}

type Verdict = { readonly id: string | null } | { readonly refusal: Refusal };
type Refusal = "other" | "unmarked" | "claimed" | "full" | "absent";

/**
 * The id that both are to have, null for a new one, or why they are no pair. A library that had files before there were
 * ids is known by its files.
 */
export function judgePair(pair: Pair, adopting?: Adopting): Verdict {
  const { databaseId, isPaired, hasFiles, folderId, sampled, present } = pair;
  const areFilesThere = present * 2 >= sampled;
  if (adopting != null) {
    if (hasFiles && !areFilesThere && !adopting.areFilesLost) return { refusal: "absent" };
    return { id: databaseId ?? (hasFiles ? folderId : null) };
  }
  if (databaseId != null && folderId != null)
    return databaseId === folderId ? { id: databaseId } : { refusal: "other" };
  if (databaseId != null) {
    if (hasFiles && isPaired) return { refusal: "unmarked" };
    return pair.holdsOriginals && !hasFiles ? { refusal: "full" } : { id: databaseId };
  }
  // From before there were ids, or interrupted between the folder's mark and the database's row.
  if (hasFiles) return areFilesThere ? { id: folderId } : { refusal: "absent" };
  if (folderId != null) return { refusal: "claimed" };
  return pair.holdsOriginals ? { refusal: "full" } : { id: null };
}

const sampledMax = 1000;

type Paths = Pick<
  Config,
  | "databaseUrl"
  | "databaseDirectUrl"
  | "mediaDir"
  | "mediaUrl"
  | "s3Endpoint"
  | "s3Region"
  | "s3ForcePathStyle"
>;

async function lookAtPair(paths: Paths, place: OriginalsPlace, isAdopting: boolean): Promise<Pair> {
  const folderId = await place.findMark();
  const { library, hasFiles, files } = await engineOf(paths.databaseUrl).look(
    sessionUrlOf(paths),
    async (found) => ({
      ...{ library: found.library, hasFiles: found.hasFiles },
      files: isAdopting || found.library == null ? await found.sample(sampledMax) : [],
    }),
  );
  return {
    databaseId: library?.id ?? null,
    isPaired: library?.isPaired === true,
    ...{ hasFiles, folderId: folderId ?? null },
    holdsOriginals: folderId == null && !hasFiles && (await place.holdsOriginals()),
    sampled: files.length,
    present: await place.countPresent(files),
  };
}

const sureCommand = "colan adopt-folder";

function refuse(
  refusal: Refusal,
  { databaseUrl }: Paths,
  { title, kind, setting }: OriginalsPlace,
  pair: Pair,
): WrongFolderError {
  const database = nameOfDatabase(databaseUrl);
  const mend =
    kind === "folder" ? `mount its disk, or correct ${setting}` : `correct ${setting} or S3_ENDPOINT`;
  const sure = `if this is the ${kind} of this library all the same, run: ${sureCommand}`;
  const why: Record<Refusal, string> = {
    other:
      `${title} belongs to another library than the database ${database}; ` +
      `set ${setting} and DATABASE_URL to a pair, or, ${sure}`,
    unmarked:
      `${title} is not the one of the library in ${database}, which has files: there is no ` +
      `${libraryMarkName} in it; ${mend}, or, ${sure}`,
    claimed:
      `${title} belongs to a library, and the database ${database} is new or empty; ` +
      `correct DATABASE_URL, or give the new library a ${kind} of its own (${setting}), or, ${sure}`,
    full:
      `${title} holds originals that the database ${database} does not know, which is empty; ` +
      `correct DATABASE_URL, or give the new library a ${kind} of its own (${setting}), or, ${sure}`,
    absent:
      `${title} has ${pair.present} of the ${pair.sampled} files looked for that the database ` +
      `${database} names; ${mend}, or, if the files are lost, run: ${sureCommand} --files-lost`,
  };
  return new WrongFolderError(`${why[refusal]}. Nothing was written`);
}

/** A pair that was found to be one, to be marked as such where it is not yet. */
export interface Pairing {
  /** Before the database is brought up to date. */
  begin(): Promise<void>;
  /** Afterwards. */
  finish(database: Pick<OpenDatabase, "writeLibraryRow">): Promise<void>;
}

/**
 * Checks that database and media directory are of one library, and writes nothing.
 * @throws {WrongFolderError} @throws {DamagedMarkError} @throws {UnusableFolderError} @throws {ForeignDatabaseError}
 */
export async function checkPair(paths: Paths, adopting?: Adopting): Promise<Pairing> {
  const place = await placeOf(paths);
  const pair = await lookAtPair(paths, place, adopting != null);
  const verdict = judgePair(pair, adopting);
  if ("refusal" in verdict) throw refuse(verdict.refusal, paths, place, pair);
  const id = verdict.id ?? randomBytes(16).toString("hex");
  // Killed between the two marks, the next start must find a pair again. A library with files is known by them, so its
  // folder comes first; a new one has none, and a marked folder without a database would be taken for another's.
  const isFolderFirst = pair.hasFiles && pair.databaseId == null;
  let isMarked = pair.folderId === id;
  const mark = async () => {
    if (isMarked) return;
    await place.writeMark(id).then(
      () => (isMarked = true),
      (error: unknown) => {
        // A full disk must not prevent reading; the next start tries again.
        if (!(error instanceof StorageFullError)) throw error;
      },
    );
  };
  return {
    begin: async () => {
      if (isFolderFirst) await mark();
    },
    finish: async (database) => {
      const write = (isPaired: boolean) => database.writeLibraryRow({ id, isPaired });
      if (!isFolderFirst) {
        if (pair.databaseId !== id) await write(false);
        await mark();
      }
      const isNoted = pair.databaseId === id && pair.isPaired;
      if (isMarked && !isNoted) await write(true);
    },
  };
}
