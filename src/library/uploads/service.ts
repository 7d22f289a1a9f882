import type { Viewer } from "../../auth/viewer.ts";
import type { Entity } from "../../database/generated/client.ts";
import type { Deps } from "../../deps.ts";
import { AppError, BadUserInputError } from "../../errors.ts";
import { checkDescribed, type DescribedEdit, type DescribedInput } from "../entities/described.ts";
import { checkLabel, checkReason, checkText } from "../entities/rules.ts";
import { getEntity } from "../entities/service.ts";
import { getParentOfNew } from "../entities/tree.ts";
import type { UploadedFile } from "../../graphql/upload.ts";
import type { Edited } from "../../history/transactions/edited.ts";
import { ChecksumMismatchError } from "./errors.ts";
import { failure, ingestFiles } from "./ingest-batch.ts";
import { checkReplaceable, createOrReuse, replaceInside, type ArrivedFile } from "./create-or-reuse.ts";
import { checkMd5, type DuplicatePolicy } from "./rules.ts";
import { measureUploads } from "./instrumentation.ts";

type Needs = Pick<
  Deps,
  | "db"
  | "storage"
  | "media"
  | "clock"
  | "config"
  | "fileLocks"
  | "preparation"
  | "factsReading"
  | "log"
  | "monitor"
>;

export interface UploadInput extends DescribedInput {
  file: UploadedFile;
  label?: string | null | undefined;
  description?: string | null | undefined;
  parentId?: string | null | undefined;
  /** The client's own, to find damage on the way. */
  md5?: string | null | undefined;
  /** When the file was last changed on the client's disk. */
  fileModifiedAt?: Date | null | undefined;
  onDuplicate: DuplicatePolicy;
}

/** The result of one file; an expected failure is an outcome, so that it does not lose the others. */
export type Outcome =
  | { readonly status: "CREATED" | "DUPLICATE" | "RESTORED"; readonly entity: Entity }
  | { readonly status: "FAILED"; readonly error: AppError };

export interface Uploaded {
  readonly outcomes: readonly Outcome[];
  /** Null when nothing was written. */
  readonly transactionId: number | null;
}

interface ReplaceOptions {
  fileModifiedAt?: Date | null | undefined;
  ifVersion?: number | null | undefined;
  reason?: string | null | undefined;
}

interface Arrival extends ArrivedFile {
  readonly described: DescribedEdit;
  readonly at: string;
  readonly input: UploadInput;
}

/** Takes every file to its outcome, in the order of the inputs, all rows in one transaction. */
export function uploadFiles(
  needs: Needs,
  viewer: Viewer,
  operation: "uploadEntity" | "uploadEntities",
  inputs: readonly UploadInput[],
): Promise<Uploaded> {
  return measureUploads(needs.monitor, async (ended) => {
    const uploaded = await uploadAll(needs, viewer, operation, inputs);
    for (const outcome of uploaded.outcomes) {
      const isNew = outcome.status === "CREATED";
      ended(
        outcome.status === "FAILED" ? outcome.error.code : outcome.status,
        isNew ? Number(outcome.entity.fileSize) : 0,
      );
    }
    return uploaded;
  });
}

async function uploadAll(
  needs: Needs,
  viewer: Viewer,
  operation: "uploadEntity" | "uploadEntities",
  inputs: readonly UploadInput[],
): Promise<Uploaded> {
  const { uploadFilesMax } = needs.config;
  if (inputs.length > uploadFilesMax)
    throw new BadUserInputError("inputs", `expected at most ${uploadFilesMax}, got ${inputs.length}`);
  // All wait at once: the parts come in the order sent, which need not be that of the inputs.
  const nameOf = (index: number) => (operation === "uploadEntity" ? "input" : `inputs.${index}`);
  const arrivals = await Promise.all(
    inputs.map((input, index) => receive(needs, nameOf(index), input).catch(failure)),
  );
  const opening = { operation, actor: viewer.actor, reason: null };
  const { results, transactionId } = await ingestFiles(
    needs,
    opening,
    arrivals,
    async (tx, arrival, step) => {
      const { status, id } = await createOrReuse(tx, arrival, step);
      return { result: { status, entity: await getEntity(tx, id) }, isUsed: status === "CREATED" };
    },
  );
  const outcomes = results.map((result) =>
    result instanceof AppError ? ({ status: "FAILED", error: result } as const) : result,
  );
  return { outcomes, transactionId };
}

/** Checks everything that can be checked before the bytes arrive. @param at the argument with the input. */
async function receive({ db }: Needs, at: string, input: UploadInput): Promise<Arrival> {
  const { label, description, parentId } = input;
  if (label != null) checkLabel(`${at}.label`, label);
  if (description != null) checkText(`${at}.description`, description, "description");
  const described = checkDescribed(at, input);
  const md5 = input.md5 == null ? null : checkMd5(`${at}.md5`, input.md5);
  if (parentId != null) await getParentOfNew(db, parentId, `${at}.parentId`);
  const received = await input.file.receive();
  if (md5 != null && md5 !== received.staged.md5) throw new ChecksumMismatchError(md5, received.staged.md5);
  return { at, input, described, fileModifiedAt: input.fileModifiedAt, ...received };
}

/**
 * Another file for the same entity, live or in the trash, as its next version. The old original stays as long as a
 * version refers to it. The very file that it has already changes nothing.
 * @throws {NotFoundError}
 * @throws {BadUserInputError} for a collection
 * @throws {VersionConflictError}
 * @throws {DuplicateFileError} when another entity has the file
 * @throws {HashCollisionError}
 * @throws {UnsupportedMediaError}
 */
export function replaceFile(
  needs: Needs,
  viewer: Viewer,
  id: string,
  file: UploadedFile,
  options: ReplaceOptions,
): Promise<Edited> {
  return measureUploads(needs.monitor, async (ended) => {
    const edited = await replaceWith(needs, viewer, id, file, options);
    const isNew = edited.transactionId != null;
    ended(isNew ? "REPLACED" : "DUPLICATE", isNew ? Number(edited.entity.fileSize) : 0);
    return edited;
  });
}

async function replaceWith(
  needs: Needs,
  viewer: Viewer,
  id: string,
  file: UploadedFile,
  { ifVersion, reason, fileModifiedAt }: ReplaceOptions,
): Promise<Edited> {
  const opening = { operation: "replaceFile", actor: viewer.actor, reason: checkReason(reason) };
  // As in `receive`.
  await checkReplaceable(needs.db, await getEntity(needs.db, id), ifVersion);
  const { results, transactionId } = await ingestFiles(
    needs,
    opening,
    [{ ...(await file.receive()), fileModifiedAt }],
    async (tx, arrival, step) => {
      const entity = await getEntity(tx, id);
      await checkReplaceable(tx, entity, ifVersion);
      const isUsed = await replaceInside(tx, entity, arrival, step);
      return { result: await getEntity(tx, entity.id), isUsed };
    },
  );
  const [result] = results;
  if (result == null) throw new Error("a file had no result");
  if (result instanceof AppError) throw result;
  return { entity: result, transactionId };
}
