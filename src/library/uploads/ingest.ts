import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import type { StagedFile } from "../../graphql/upload.ts";
import type { MediaFacts } from "../../media/facts/facts.ts";
import { MomentaryError } from "../../media/facts/momentary-error.ts";
import { findOriginal } from "../originals/service.ts";
import { HashCollisionError } from "../../storage/errors.ts";
import type { Publication } from "../../storage/object-store.ts";
import { TypeUnknownError, UnsupportedMediaError } from "./errors.ts";
import { isAdmitted, pathOf } from "./rules.ts";

type Needs = Pick<Deps, "db" | "storage" | "media" | "clock" | "config">;

/** Bytes whose facts are known and which are durable on the disk, waiting for their row. */
export interface Ingested {
  readonly kind: "new";
  readonly facts: MediaFacts;
  readonly filePath: string;
  /** UTC milliseconds; its day is the one in `filePath`. */
  readonly arrivedAt: number;
  /** Null when an earlier version of some entity has these bytes, so that they lie there already. */
  readonly publication: Publication | null;
}

/** An entity has these bytes already: nothing was read or published. */
export interface Known {
  readonly kind: "known";
}

/**
 * Steps 2 to 4 of the ingest, up to the durable bytes. The caller holds the lock of the file's MD5
 * from here until the row is committed.
 * @throws {HashCollisionError}
 * @throws {UnsupportedMediaError}
 * @throws {StorageFullError}
 */
export async function ingestFile(needs: Needs, staged: StagedFile): Promise<Ingested | Known> {
  const { db, storage, media, clock, config } = needs;
  const original = await findOriginal(db, staged.md5);
  // Two files are the same when their SHA-256 says so; MD5 names files, but can be forged.
  if (original != null && original.sha256 !== staged.sha256) throw new HashCollisionError(staged.md5);
  if (original != null && (await isCurrentFile(needs, staged.md5))) return { kind: "known" };

  const facts = await staged.withLocalFile((path) => readFacts(media, path));
  if (facts == null || !isAdmitted(facts.mimeType, config.uploadMimeTypes))
    throw new UnsupportedMediaError(facts?.mimeType ?? null, config.uploadMimeTypes);

  const arrivedAt = clock.now();
  if (original != null)
    return { kind: "new", facts, arrivedAt, filePath: original.filePath, publication: null };
  const filePath = pathOf(staged.md5, facts.extension, arrivedAt);
  return { kind: "new", facts, arrivedAt, filePath, publication: await storage.publish(staged, filePath) };
}

/** Without a type there is nothing to be stored as; the client may send it again. */
const readFacts = (media: Needs["media"], path: string) =>
  media.readFacts(path).catch((error: unknown) => {
    if (error instanceof MomentaryError) throw new TypeUnknownError({ cause: error });
    throw error;
  });

const isCurrentFile = async ({ db }: Pick<Deps, "db">, md5: string): Promise<boolean> =>
  (await db.reader.get(sql`SELECT 1 AS "is" FROM "Entity" WHERE "md5" = ${md5}`)) != null;
