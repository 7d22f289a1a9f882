import { sql } from "../db/sql.ts";
import type { Deps } from "../deps.ts";
import type { MediaFacts, Picture } from "../media/facts.ts";
import type { PictureSource } from "../media/picture-maker.ts";
import type { Visible } from "./derivative.ts";

/** Reads, in a transaction or beside it. */
export type Reads = Pick<Deps["db"], "reader">;
/** Writes, in a transaction or as one of its own. */
type Writes = { readonly prisma: Pick<Deps["db"]["prisma"], "$executeRaw"> };

const visibleColumns = sql`p."originalId", o."md5", o."sha256", o."filePath", o."mimeType",
  p."source", p."width", p."height", p."isAnimated", p."duration"`;

const visibleRows = sql`"Picture" p JOIN "Original" o ON o."id" = p."originalId"`;

// Columns and their types are those of `Visible`; `source` is written from `PictureSource` only.
const findWhere = ({ reader }: Reads, where: ReturnType<typeof sql>) =>
  reader.get<Visible>(sql`SELECT ${visibleColumns} FROM ${visibleRows} WHERE ${where}`);

/** The original with both checksums, if it can be seen. */
export function findVisible(reads: Reads, md5: string, sha256: string): Visible | undefined {
  const original = findWhere(reads, sql`o."md5" = ${md5}`);
  return original?.sha256 === sha256 ? original : undefined;
}

/** Whether it is still to be looked at: what takes seconds to open is, when it has just arrived. */
export const isUnseen = ({ reader }: Reads, { originalId }: Visible): boolean =>
  reader.get(
    sql`SELECT 1 AS "is" FROM "Picture" WHERE "originalId" = ${originalId} AND "placeholder" IS NULL`,
  ) != null;

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

/** Notes how an original looks, once; and that its usual derivatives are to be made, or that it is to be looked at. */
export async function recordPicture(
  { prisma }: Writes,
  originalId: number,
  { picture, isUnseen, duration }: Pick<MediaFacts, "picture" | "isUnseen" | "duration">,
): Promise<void> {
  if (picture == null && !isUnseen) return;
  if (picture != null) await insertPicture({ prisma }, originalId, picture, duration);
  await prisma.$executeRaw`INSERT OR IGNORE INTO "Preparation" ("originalId") VALUES (${originalId})`;
}

export async function insertPicture(
  { prisma }: Writes,
  originalId: number,
  { source, width, height, isAnimated, placeholder, dominantColour }: Picture,
  duration: number | null,
): Promise<void> {
  await prisma.$executeRaw`
    INSERT OR IGNORE INTO "Picture" ("originalId", "source", "width", "height", "isAnimated", "duration", "placeholder", "dominantColour")
    VALUES (${originalId}, ${source satisfies PictureSource}, ${width}, ${height}, ${isAnimated}, ${duration}, ${placeholder}, ${dominantColour})`;
}
