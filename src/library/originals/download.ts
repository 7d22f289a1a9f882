import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import type { StoredFile } from "../../storage/object-store.ts";
import { parseOriginalPath } from "./url.ts";

/** A file as HTTP sees it. */
export interface Download {
  readonly mimeType: string;
  /** Strong (RFC 9110 section 8.8.3), with its quotes. */
  readonly etag: string;
  /** For people who save it; null when it has none. Not asked for a 304. */
  name(): Promise<string | null>;
  /** Whether a browser must save it instead of showing it. */
  readonly isAttachment: boolean;
  /**
   * Where the store itself gives the bytes, with this Content-Disposition; undefined for those that are only safe with
   * headers of ours.
   */
  readonly link?: ((method: "GET" | "HEAD", disposition: string) => Promise<string>) | undefined;
  /** Asked only when bytes or their number are needed, never for a 304; undefined when there are none. */
  open(): Promise<StoredFile | undefined>;
}

/**
 * The file that a path names, such as `/files/…`: raw, not decoded, without the query.
 * @returns undefined when there is no such file.
 */
export type FindDownload = (
  path: string,
  query: URLSearchParams,
) => Promise<Download | undefined> | Download | undefined;

type Needs = Pick<Deps, "db" | "storage" | "log">;

interface Row {
  readonly id: number;
  readonly sha256: string;
  readonly mimeType: string;
  readonly filePath: string;
  readonly fileSize: number;
}

const findRow = ({ db }: Pick<Needs, "db">, md5: string) =>
  db.reader.get<Row>(
    sql`SELECT "id", "sha256", "mimeType", "filePath", "fileSize" FROM "Original" WHERE "md5" = ${md5}`,
  );

/** The name under which the entity that has the file got it; else the newest version that had it. */
async function nameOf({ db }: Pick<Needs, "db">, id: number): Promise<string | null> {
  const row = await db.reader.get<{ name: string | null }>(sql`
    SELECT COALESCE(
      (SELECT "originalName" FROM "Entity" WHERE "originalId" = ${id} LIMIT 1),
      (SELECT "originalName" FROM "EntityVersion" WHERE "originalId" = ${id}
       ORDER BY "transactionId" DESC LIMIT 1)) AS "name"`);
  return row?.name ?? null;
}

/**
 * Types that browsers show without running scripts; an SVG is a document that may hold scripts. They need neither `nosniff`
 * (MIME Sniffing standard, section 7: an image, video or audio file is taken for another of these at worst) nor a policy.
 */
const isShown = (mimeType: string) => /^(image|video|audio)\//.test(mimeType) && !mimeType.includes("xml");

async function openOriginal(needs: Needs, md5: string, { filePath, fileSize }: Row) {
  const { storage, log } = needs;
  const file = await storage.open(filePath);
  if (file?.size === fileSize) return file;
  await file?.close();
  // Deleted since it was looked up; otherwise the library has lost what it promised to keep.
  if ((await findRow(needs, md5)) != null)
    log.error(
      { filePath, fileSize, found: file?.size ?? null },
      "an original is missing, or other bytes are there",
    );
  return undefined;
}

/**
 * The original that a path of `fileUrlOf` names, of live and trashed entities and of their old versions.
 * `?download` asks for it as an attachment.
 */
export async function findOriginalDownload(
  needs: Needs,
  path: string,
  query: URLSearchParams,
): Promise<Download | undefined> {
  const named = parseOriginalPath(path);
  if (named == null) return undefined;
  const row = await findRow(needs, named.md5);
  if (row?.sha256 !== named.sha256 || !row.filePath.endsWith(`.${named.extension}`)) return undefined;
  const { mimeType: type, filePath } = row;
  const { links } = needs.storage;
  return {
    mimeType: type,
    etag: `"${row.sha256}"`,
    name: () => nameOf(needs, row.id),
    isAttachment: query.has("download") || !isShown(type),
    ...(links != null && isShown(type)
      ? { link: (method, disposition) => links.sign(filePath, method, { type, disposition }) }
      : {}),
    open: () => openOriginal(needs, named.md5, row),
  };
}
