import type { Tx } from "../../database/db.ts";
import type { Entity } from "../../database/generated/client.ts";
import { withFile } from "../../database/model/described.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { entityColumns, entityOf } from "../../database/model/rows.ts";
import { sql } from "../../database/sql.ts";
import { recordPicture } from "../../pictures/pictures.ts";
import { describedColumns, type DescribedEdit } from "../entities/described.ts";
import { checkVersion } from "../entities/service.ts";
import { getParentOfNew } from "../entities/tree.ts";
import { BadUserInputError } from "../../errors.ts";
import type { ReceivedFile, StagedFile } from "../../graphql/upload.ts";
import { DuplicateFileError } from "../originals/errors.ts";
import { findOriginal } from "../originals/service.ts";
import { HashCollisionError } from "../../storage/errors.ts";
import { restoreInside } from "../trash/service.ts";
import { factColumns } from "../facts/columns.ts";
import type { Ingested, Known } from "./ingest.ts";
import { cleanName, decideDuplicate, type DuplicatePolicy } from "./rules.ts";

/** Facts about a file that were read before the transaction have changed; a bug only if it persists. */
export class StaleError extends Error {
  override readonly name = "StaleError";
}

export interface ArrivedFile extends ReceivedFile {
  /** The client's own date of the file. */
  readonly fileModifiedAt?: Date | null | undefined;
}

interface Arrived extends ArrivedFile {
  /** The argument with the input, such as `inputs.2`. */
  readonly at: string;
  readonly described: DescribedEdit;
  readonly input: {
    label?: string | null | undefined;
    description?: string | null | undefined;
    parentId?: string | null | undefined;
    onDuplicate: DuplicatePolicy;
  };
}

export interface UploadOutcome {
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
export async function createOrReuse(
  tx: Tx,
  arrived: Arrived,
  step: Ingested | Known,
): Promise<UploadOutcome> {
  const { staged, input } = arrived;
  const existing = await findHolder(tx, staged);
  if (existing == null) return await createEntity(tx, arrived, step);
  switch (decideDuplicate(input.onDuplicate, existing)) {
    case "reject":
      throw new DuplicateFileError(existing, "restore it, or upload with RESTORE_IF_TRASHED");
    case "return":
      return { status: "DUPLICATE", id: existing.id };
    case "restore":
      await restoreInside(tx, [existing]);
      return { status: "RESTORED", id: existing.id };
  }
}

/** The entity whose current file this is. @throws {HashCollisionError} when its MD5 is the same, but not its bytes. */
async function findHolder({ reader }: Tx, { md5, sha256 }: StagedFile): Promise<Entity | undefined> {
  const row = await reader.get<Record<string, unknown>>(
    sql`SELECT ${entityColumns} FROM "Entity" e WHERE e."md5" = ${md5}`,
  );
  if (row == null) return undefined;
  const holder = entityOf(row);
  if (holder.sha256 !== sha256) throw new HashCollisionError(md5);
  return holder;
}

async function createEntity(tx: Tx, arrived: Arrived, step: Ingested | Known): Promise<UploadOutcome> {
  const { input, at, described } = arrived;
  const parent = input.parentId == null ? null : await getParentOfNew(tx, input.parentId, `${at}.parentId`);
  const file = await fileColumns(tx, arrived, step);
  const { id } = await tx.prisma.entity.create({
    data: {
      ...file,
      ...describedColumns(file, described),
      label: input.label ?? null,
      description: input.description ?? null,
      parentId: parent?.id ?? null,
    },
    select: { id: true },
  });
  return { status: "CREATED", id };
}

/** @throws {BadUserInputError} for a collection, {VersionConflictError} */
export async function checkReplaceable(
  tx: Pick<Tx, "reader">,
  entity: Entity,
  ifVersion: number | null | undefined,
): Promise<void> {
  if (entity.isCollection)
    throw new BadUserInputError("id", `entity ${entity.id} is a collection, which has no file to replace`);
  await checkVersion(tx, entity, ifVersion);
}

/**
 * The same for an entity that gets another file. Writes nothing when it throws.
 * @returns false when it has this very file already.
 * @throws {DuplicateFileError} when another entity has it, {HashCollisionError}
 * @throws {StaleError} when the file must be looked at again.
 */
export async function replaceInside(
  tx: Tx,
  entity: Entity,
  arrived: ArrivedFile,
  step: Ingested | Known,
): Promise<boolean> {
  const { id } = entity;
  const holder = await findHolder(tx, arrived.staged);
  if (holder?.id === id) return false;
  if (holder != null) throw new DuplicateFileError(holder, "restore or destroy that one");
  const file = await fileColumns(tx, arrived, step);
  await tx.prisma.entity.update({
    where: { id },
    data: { ...file, ...withFile(entity, file) },
    select: { id: true },
  });
  return true;
}

/** Every column that the file decides, once its original has a row. */
async function fileColumns(tx: Tx, arrived: ArrivedFile, step: Ingested | Known) {
  if (step.kind === "known") throw new StaleError("the entity that had this file is gone");
  const { staged, fileModifiedAt } = arrived;
  const name = cleanName(arrived.originalName);
  return {
    ...factColumns(step.facts, { name, modifiedAt: fileModifiedAt?.getTime() ?? null }),
    originalId: await originalOf(tx, staged, step),
    originalName: name,
    fileSize: staged.size,
    md5: staged.md5,
    sha256: staged.sha256,
    filePath: step.filePath,
  };
}

async function originalOf(tx: Tx, staged: StagedFile, step: Ingested): Promise<number> {
  const { facts, filePath, publication, arrivedAt } = step;
  const known = await findOriginal(tx, staged.md5);
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
