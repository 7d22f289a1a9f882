import type { Db, Tx } from "../db/db.ts";
import { sql } from "../db/sql.ts";
import type { Picture } from "../media/facts.ts";
import type { PictureSource } from "../media/picture-maker.ts";
import type { Visible } from "./derivative.ts";

/** Reads, in a transaction or beside it. */
export type Reads = Pick<Db, "reader">;

const visibleColumns = sql`p."originalId", o."md5", o."sha256", o."filePath", o."mimeType",
  p."source", p."width", p."height", p."duration"`;

const visibleRows = sql`"Picture" p JOIN "Original" o ON o."id" = p."originalId"`;

// Columns and their types are those of `Visible`; `source` is written from `PictureSource` only.
const findWhere = ({ reader }: Reads, where: ReturnType<typeof sql>) =>
  reader.get<Visible>(sql`SELECT ${visibleColumns} FROM ${visibleRows} WHERE ${where}`);

/** The original with both checksums, if it can be seen. */
export function findVisible(reads: Reads, md5: string, sha256: string): Visible | undefined {
  const original = findWhere(reads, sql`o."md5" = ${md5}`);
  return original?.sha256 === sha256 ? original : undefined;
}

export const findVisibleById = (reads: Reads, originalId: number): Visible | undefined =>
  findWhere(reads, sql`p."originalId" = ${originalId}`);

/** What a page shows of an original. */
export interface Shown extends Visible {
  readonly placeholder: string | null;
  readonly dominantColour: string | null;
}

/** By the id of the original; what cannot be seen is absent. */
export function listShown({ reader }: Reads, originalIds: readonly number[]): Map<number, Shown> {
  const rows = reader.all<Shown>(sql`
    SELECT ${visibleColumns}, p."placeholder", p."dominantColour" FROM ${visibleRows}
    WHERE p."originalId" IN (SELECT value FROM json_each(${JSON.stringify(originalIds)}))`);
  return new Map(rows.map((row) => [row.originalId, row]));
}

/** Notes how an original looks, once; and that its usual derivatives are to be made. */
export async function recordPicture(
  { prisma }: Pick<Tx, "prisma">,
  originalId: number,
  picture: Picture | null,
  duration: number | null,
): Promise<void> {
  if (picture != null) await insertPicture({ prisma }, originalId, picture, duration);
  await prisma.$executeRaw`INSERT OR IGNORE INTO "Preparation" ("originalId") VALUES (${originalId})`;
}

export async function insertPicture(
  { prisma }: Pick<Tx, "prisma">,
  originalId: number,
  { source, width, height, placeholder, dominantColour }: Picture,
  duration: number | null,
): Promise<void> {
  await prisma.$executeRaw`
    INSERT OR IGNORE INTO "Picture" ("originalId", "source", "width", "height", "duration", "placeholder", "dominantColour")
    VALUES (${originalId}, ${source satisfies PictureSource}, ${width}, ${height}, ${duration}, ${placeholder}, ${dominantColour})`;
}
