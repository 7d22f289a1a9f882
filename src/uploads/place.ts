import type { Tx } from "../db/db.ts";
import type { EntityId } from "../db/ids.ts";
import { entityColumns, entityOf } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { recordPicture } from "../derivatives/pictures.ts";
import { getParent } from "../entities/tree.ts";
import type { StagedFile } from "../graphql/upload.ts";
import { findOriginal } from "../originals/service.ts";
import { HashCollisionError } from "../storage/errors.ts";
import { restoreInside } from "../trash/service.ts";
import { DuplicateFileError } from "./errors.ts";
import { factColumns } from "./facts.ts";
import type { Ingested, Known } from "./ingest.ts";
import { cleanName, decideDuplicate, type DuplicatePolicy } from "./rules.ts";

/** What was found out about a file is no longer so; a bug only if it lasts. */
export class StaleError extends Error {
  override readonly name = "StaleError";
}

interface Arrived {
  readonly originalName: string;
  readonly staged: StagedFile;
  readonly input: {
    label?: string | null | undefined;
    description?: string | null | undefined;
    parentId?: string | null | undefined;
    onDuplicate: DuplicatePolicy;
  };
}

export interface Placed {
  readonly status: "CREATED" | "DUPLICATE" | "RESTORED";
  readonly id: EntityId;
}

/**
 * Step 5 of the ingest: the row, or what the duplicate policy says instead. Writes nothing when it throws.
 * @throws {DuplicateFileError}
 * @throws {HashCollisionError}
 * @throws {NotFoundError} for the parent, {NotACollectionError}, {BadUserInputError}
 * @throws {StaleError} when the file must be looked at again.
 */
export async function placeFile(tx: Tx, arrived: Arrived, step: Ingested | Known): Promise<Placed> {
  const { staged, input } = arrived;
  const row = tx.reader.get<Record<string, unknown>>(
    sql`SELECT ${entityColumns} FROM "Entity" e WHERE e."md5" = ${staged.md5}`,
  );
  if (row == null) return createEntity(tx, arrived, step);

  const existing = entityOf(row);
  if (existing.sha256 !== staged.sha256) throw new HashCollisionError(staged.md5);
  switch (decideDuplicate(input.onDuplicate, existing)) {
    case "reject":
      throw new DuplicateFileError(existing);
    case "return":
      return { status: "DUPLICATE", id: existing.id };
    case "restore":
      await restoreInside(tx, [existing]);
      return { status: "RESTORED", id: existing.id };
  }
}

async function createEntity(tx: Tx, arrived: Arrived, step: Ingested | Known): Promise<Placed> {
  const { input, staged, originalName } = arrived;
  const parentId = input.parentId == null ? null : getParent(tx, input.parentId).id;
  if (step.kind === "known") throw new StaleError("the entity that had this file is gone");
  const { id } = await tx.prisma.entity.create({
    data: {
      ...factColumns(step.facts),
      label: input.label ?? null,
      description: input.description ?? null,
      parentId,
      originalId: await originalOf(tx, staged, step),
      originalName: cleanName(originalName),
      fileSize: staged.size,
      md5: staged.md5,
      sha256: staged.sha256,
      filePath: step.filePath,
    },
    select: { id: true },
  });
  return { status: "CREATED", id };
}

async function originalOf(tx: Tx, staged: StagedFile, step: Ingested): Promise<number> {
  const { facts, filePath, publication, arrivedAt } = step;
  const known = findOriginal(tx, staged.md5);
  if (known != null) return known.id;
  if (publication == null) throw new StaleError("the earlier version that had this file is gone");
  const { md5, sha256, size } = staged;
  const { mimeType, extension } = facts;
  const original = await tx.prisma.original.create({
    data: {
      ...{ md5, sha256, mimeType, extension, filePath },
      fileSize: size,
      storedAt: new Date(arrivedAt),
      metadata: JSON.stringify(facts.metadata),
    },
    select: { id: true },
  });
  await recordPicture(tx, original.id, facts);
  return original.id;
}
