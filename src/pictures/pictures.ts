import { list } from "../database/dialect.ts";
import { sql } from "../database/sql.ts";
import type { Deps } from "../deps.ts";
import type { MediaFacts, Picture } from "../media/facts/facts.ts";
import type { Look, PictureSource } from "../media/decoding/picture-maker.ts";
import type { Visible } from "./derivative.ts";

/** Reads, in a transaction or beside it. */
export type Reads = Pick<Deps["db"], "reader">;
/** Writes, in a transaction or as one of its own. */
type Writes = Pick<Deps["db"], "write">;

/**
 * A version for the entity whose file this is, with an unchanged state: its look is stored beside the file, and
 * subscribers only receive versions.
 */
export async function showChange(
  { prisma }: { readonly prisma: Pick<Deps["db"]["prisma"], "entity"> },
  originalId: number,
): Promise<void> {
  await prisma.entity.updateMany({ where: { originalId }, data: {} });
}

/** Writes what was seen of an original later than it arrived: a version, of which subscribers hear. */
export async function writeLook(
  tx: { readonly prisma: Pick<Deps["db"]["prisma"], "picture" | "entity"> },
  originalId: number,
  { placeholder, dominantColour, hash }: Pick<Look, "placeholder" | "dominantColour" | "hash">,
): Promise<void> {
  const hashed = { hashHigh: hash.high, hashLow: hash.low };
  const { count } = await tx.prisma.picture.updateMany({
    where: { originalId, placeholder: null },
    data: { placeholder, dominantColour, ...hashed },
  });
  if (count > 0) await showChange(tx, originalId);
  // Of what an earlier program has looked at, nothing that is shown is new.
  else await tx.prisma.picture.updateMany({ where: { originalId }, data: hashed });
}

const visibleColumns = sql`p."originalId", o."md5", o."sha256", o."filePath", o."mimeType",
  p."source", p."width", p."height", p."isAnimated", p."duration"`;

const visibleRows = sql`"Picture" p JOIN "Original" o ON o."id" = p."originalId"`;

// Columns and their types are those of `Visible`; `source` is written from `PictureSource` only.
const findWhere = ({ reader }: Reads, where: ReturnType<typeof sql>) =>
  reader.get<Visible>(sql`SELECT ${visibleColumns} FROM ${visibleRows} WHERE ${where}`);

/** The original with both checksums, if it can be seen. */
export async function findVisible(reads: Reads, md5: string, sha256: string): Promise<Visible | undefined> {
  const original = await findWhere(reads, sql`o."md5" = ${md5}`);
  return original?.sha256 === sha256 ? original : undefined;
}

/** Whether it is still to be looked at: what takes seconds to open is, when it has just arrived, and what has no hash. */
export const isUnseen = async ({ reader }: Reads, { originalId }: Visible): Promise<boolean> =>
  (await reader.get(
    sql`
      SELECT 1 AS "is" FROM "Picture"
      WHERE "originalId" = ${originalId} AND ("placeholder" IS NULL OR "hashHigh" IS NULL)`,
  )) != null;

export const findVisibleById = (reads: Reads, originalId: number): Promise<Visible | undefined> =>
  findWhere(reads, sql`p."originalId" = ${originalId}`);

/** The parts of an original that a page shows. */
export interface Shown extends Visible {
  readonly placeholder: string | null;
  readonly dominantColour: string | null;
}

/** By the id of the original; what cannot be seen is absent. */
export async function listShown(
  { reader }: Reads,
  originalIds: readonly number[],
): Promise<Map<number, Shown>> {
  const rows = await reader.all<Shown>(sql`
    SELECT ${visibleColumns}, p."placeholder", p."dominantColour" FROM ${visibleRows}
    WHERE p."originalId" IN (${list(originalIds)})`);
  return new Map(rows.map((row) => [row.originalId, row]));
}

/** Notes how an original looks, and that its usual derivatives are to be made. */
export async function recordPicture(
  writes: Writes,
  originalId: number,
  { picture, duration }: Pick<MediaFacts, "picture" | "duration">,
): Promise<void> {
  if (picture == null) return;
  await insertPicture(writes, originalId, picture, duration);
  await writes.write(
    sql`INSERT INTO "Preparation" ("originalId") VALUES (${originalId}) ON CONFLICT DO NOTHING`,
  );
}

/**
 * The same for an original that may have been looked at before: what is made of it stays true, since the picture that
 * is known is kept unless it has another source, size or look.
 * @returns whether anything is new.
 */
export async function putPicture(
  tx: Reads & Writes,
  originalId: number,
  facts: Pick<MediaFacts, "picture" | "duration">,
): Promise<boolean> {
  const { picture } = facts;
  if (picture == null) return false;
  const before = (await listShown(tx, [originalId])).get(originalId);
  const { source, width, height, isAnimated, placeholder } = picture;
  const isSame =
    // Null is only not yet looked at; another one is another decoder's, in other colours.
    (placeholder == null || before?.placeholder === placeholder) &&
    before?.source === source &&
    before.width === width &&
    before.height === height &&
    before.isAnimated === Number(isAnimated);
  if (isSame) return false;
  await tx.write(sql`DELETE FROM "Picture" WHERE "originalId" = ${originalId}`);
  await recordPicture(tx, originalId, facts);
  return true;
}

async function insertPicture(
  { write }: Writes,
  originalId: number,
  { source, width, height, isAnimated, placeholder, dominantColour, hash }: Picture,
  duration: number | null,
): Promise<void> {
  await write(sql`
    INSERT INTO "Picture" ("originalId", "source", "width", "height", "isAnimated", "duration",
      "placeholder", "dominantColour", "hashHigh", "hashLow")
    VALUES (${originalId}, ${source satisfies PictureSource}, ${width}, ${height}, ${isAnimated}, ${duration},
      ${placeholder}, ${dominantColour}, ${hash?.high ?? null}, ${hash?.low ?? null})
    ON CONFLICT DO NOTHING`);
}
