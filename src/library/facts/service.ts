import type { Viewer } from "../../auth/viewer.ts";
import type { Tx } from "../../database/db.ts";
import type { Entity } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { putPicture } from "../../pictures/pictures.ts";
import type { FactsStateName } from "../entities/facts.ts";
import { checkIds, checkReason } from "../entities/rules.ts";
import { getEntities, readEntities } from "../entities/service.ts";
import { BadUserInputError } from "../../errors.ts";
import type { MediaFacts } from "../../media/facts/facts.ts";
import type { MediaReader } from "../../media/facts/media-reader.ts";
import type { EditedMany } from "../../history/transactions/edited.ts";
import { isChange, isComplete, nextColumns, type Reading } from "./rules.ts";

type Needs = Pick<
  Deps,
  "db" | "storage" | "media" | "derivativeStore" | "hotFiles" | "preparation" | "factsReading"
>;

/** Most files whose facts are read by one mutation: all of them are held in memory until all are written. */
const readIdsMax = 500;

/** Reads the facts from the bytes. Never rejects for what the bytes or the tools do. */
export async function readOriginal(
  { storage, media }: Pick<Needs, "storage" | "media">,
  filePath: string,
  lane?: Parameters<MediaReader["readFacts"]>[1],
): Promise<Reading> {
  const read = async (path: string): Promise<Reading> => {
    try {
      const facts = await media.readFacts(path, lane);
      return facts == null ? { failure: "the bytes are of no known type" } : { facts };
    } catch (error) {
      return { failure: error instanceof Error ? error.message : String(error) };
    }
  };
  const reading = await storage.withLocalFile(filePath, read);
  return reading ?? { failure: "the original is missing from the media directory" };
}

/** The facts that were read from one entity's file. */
export interface Found {
  readonly id: EntityId;
  /** Of the file that was read. */
  readonly originalId: number;
  readonly reading: Reading;
  /** The entity's next state. */
  readonly state: FactsStateName;
}

export interface Written {
  /** The entities that changed. */
  readonly ids: readonly EntityId[];
  /** MD5s of the files whose pictures are to be made again. */
  readonly looks: readonly string[];
}

/**
 * Writes what was read: a version for each entity of which anything is different now. An entity that was destroyed
 * meanwhile, or has got another file, is left alone.
 */
export async function writeFacts(tx: Tx, found: readonly Found[]): Promise<Written> {
  const entities = await readEntities(
    tx.reader,
    found.map(({ id }) => id),
  );
  const ids: EntityId[] = [];
  const looks: string[] = [];
  for (const { id, originalId, reading, state } of found) {
    const entity = entities.get(id);
    if (entity?.originalId !== originalId) continue;
    const columns = nextColumns(entity, reading, state);
    const isPictureNew = "facts" in reading && (await putPicture(tx, originalId, reading.facts));
    const areTagsNew = "facts" in reading && (await writeTags(tx, originalId, reading.facts));
    if (state === "READ") await tx.prisma.factsReading.deleteMany({ where: { originalId } });
    if (isPictureNew && entity.md5 != null) looks.push(entity.md5);
    if (!isPictureNew && !areTagsNew && !isChange(entity, columns)) continue;
    await tx.prisma.entity.update({ where: { id }, data: columns, select: { id: true } });
    ids.push(id);
  }
  return { ids, looks };
}

/** Removes what was made from pictures that are known better now; it is made again. */
export async function forgetLooks(
  { derivativeStore, hotFiles }: Pick<Needs, "derivativeStore" | "hotFiles">,
  looks: readonly string[],
): Promise<void> {
  if (looks.length === 0) return;
  for (const md5 of looks) await derivativeStore.remove(md5);
  hotFiles.clear();
}

/** Writes the parts that belong to the file and not to a version: its tags and its type. @returns whether any is new. */
async function writeTags(tx: Tx, originalId: number, facts: MediaFacts): Promise<boolean> {
  if (facts.unread.some(({ part }) => part === "METADATA")) return false;
  const { mimeType, extension } = facts;
  const metadata = JSON.stringify(facts.metadata);
  const before = await tx.reader.get<{ metadata: string; mimeType: string }>(
    sql`SELECT "metadata", "mimeType" FROM "Original" WHERE "id" = ${originalId}`,
  );
  if (before == null || (before.metadata === metadata && before.mimeType === mimeType)) return false;
  await tx.prisma.original.update({
    where: { id: originalId },
    data: { metadata, mimeType, extension },
    select: { id: true },
  });
  return true;
}

/** @returns undefined for a reading that is worth nothing: the entity knows more already. */
export function stateAfter(
  { factsState }: Pick<Entity, "factsState">,
  reading: Reading,
): FactsStateName | undefined {
  if (isComplete(reading)) return "READ";
  if (factsState === "READ") return undefined;
  return "PENDING";
}

/**
 * Reads the facts of files again, now, from their bytes; all that is new is one transaction. A file that cannot be
 * read now keeps the facts it has; one of which nothing was read so far is tried again by itself.
 * @throws {NotFoundError} @throws {BadUserInputError} for a collection, and for too many ids
 */
export async function readFacts(
  needs: Needs,
  viewer: Viewer,
  ids: readonly string[],
  reason: string | null | undefined,
): Promise<EditedMany> {
  const opening = {
    ...{ operation: "readFacts", actor: viewer.actor, reason: checkReason(reason) },
    change: "READ_FACTS" as const,
  };
  const entities = await getEntities(needs.db, checkIds(ids, readIdsMax));
  const collection = entities.find(({ isCollection }) => isCollection);
  if (collection != null)
    throw new BadUserInputError("ids", `entity ${collection.id} is a collection, which has no file to read`);
  const found = await readAll(needs, entities);
  const edited = await needs.db.transaction(opening, async (tx) => {
    return { ...(await writeFacts(tx, found)), transactionId: tx.transactionId };
  });
  await forgetLooks(needs, edited.looks);
  needs.preparation.wake();
  needs.factsReading.wake();
  return edited;
}

async function readAll(needs: Needs, entities: readonly Entity[]): Promise<Found[]> {
  const found: Found[] = [];
  const waiting = [...entities];
  const work = async () => {
    for (let next = waiting.shift(); next != null; next = waiting.shift()) {
      const { id, originalId, filePath } = next;
      if (originalId == null || filePath == null) continue;
      const reading = await readOriginal(needs, filePath);
      const state = stateAfter(next, reading);
      if (state != null) found.push({ id, originalId, reading, state });
    }
  };
  // Two: one file's metadata is read while another's picture is looked at.
  await Promise.all([work(), work()]);
  return found;
}
