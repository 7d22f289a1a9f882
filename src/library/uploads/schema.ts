import { describedInputs } from "../entities/schema/described.ts";
import { EntityRef } from "../entities/schema/entity.ts";
import { meaningOf, type ErrorCode as Code } from "../../errors.ts";
import { builder } from "../../graphql/builder.ts";
import { DuplicateFileError } from "../originals/errors.ts";
import { EntityPayload } from "../../history/transactions/schema/payloads.ts";
import { loadTransaction } from "../../history/transactions/loaders.ts";
import { TransactionRef } from "../../history/transactions/schema/transaction.ts";
import type { Entity } from "../../database/generated/client.ts";
import { listKnownHashes } from "./known-hashes.ts";
import { replaceFile, uploadFiles, type Outcome, type Uploaded, type UploadInput } from "./service.ts";

const DuplicatePolicy = builder.enumType("DuplicatePolicy", {
  description: "The treatment of a file that the library has already, byte for byte.",
  values: {
    REJECT: { description: "Refuse it with DUPLICATE_FILE, which names the existing entity." },
    RETURN_EXISTING: { description: "Return the existing entity; nothing is written." },
    RESTORE_IF_TRASHED: {
      description: "Take the existing entity out of the trash; refuse the file if it is live.",
    },
  },
});

const UploadStatus = builder.enumType("UploadStatus", {
  description: "What became of an uploaded file.",
  values: {
    CREATED: { description: "A new entity has it." },
    DUPLICATE: { description: "An existing entity has it; nothing was stored." },
    RESTORED: { description: "An existing entity that has it came back from the trash." },
    FAILED: { description: "It was not stored; `code` and `message` give the reason." },
  },
});

const UploadEntityInput = builder.inputRef<UploadInput>("UploadEntityInput").implement({
  description: "One file and its label, description and place.",
  fields: (t) =>
    ({
      file: t.field({
        type: "Upload",
        required: true,
        description: "The file, as a part of the multipart request.",
      }),
      label: t.string({ description: "Its name, 1 to 1000 characters." }),
      description: t.string({ description: "Its description, up to 100,000 characters." }),
      parentId: t.id({ description: "The collection to put it into; the top when left out." }),
      ...describedInputs(t, "What the file says when left out."),
      md5: t.string({
        description: "The MD5 you computed, in hex; CHECKSUM_MISMATCH when other bytes arrive.",
      }),
      fileModifiedAt: t.field({
        type: "DateTime",
        description:
          "When the file was last changed on your disk: the time of capture where neither the file nor its name says one (source FILE_DATE).",
      }),
      onDuplicate: t.field({
        type: DuplicatePolicy,
        required: true,
        defaultValue: "REJECT",
        description: "What to do when the library has the file already.",
      }),
    }) satisfies Record<keyof UploadInput, unknown>,
});

type Single = Extract<Outcome, { entity: unknown }> & Pick<Uploaded, "transactionId">;

const UploadEntityPayload = builder.objectRef<Single>("UploadEntityPayload").implement({
  description: "What became of the file.",
  fields: (t) => ({
    entity: t.expose("entity", { type: EntityRef, description: "The entity that has the file." }),
    status: t.expose("status", { type: UploadStatus, description: "CREATED, DUPLICATE or RESTORED." }),
    transaction: t.field({
      type: TransactionRef,
      nullable: true,
      description: "What was written; null when nothing was.",
      resolve: ({ transactionId }, _args, context) => loadTransaction(transactionId, context),
    }),
  }),
});

builder.mutationField("uploadEntity", (t) =>
  t.field({
    type: UploadEntityPayload,
    nullable: true,
    description:
      "Stores a file with all facts from its metadata. The response is sent when the bytes are safe on disk.",
    args: { input: t.arg({ type: UploadEntityInput, required: true, description: "The file." }) },
    resolve: async (_root, { input }, context) => {
      const { outcomes, transactionId } = await uploadFiles(context, context.viewer, "uploadEntity", [input]);
      const [outcome] = outcomes;
      if (outcome == null) throw new Error("an upload had no outcome");
      if (outcome.status === "FAILED") throw outcome.error;
      return { ...outcome, transactionId };
    },
  }),
);

const ErrorCode = builder.enumType("ErrorCode", {
  description: "The kind of failure, as in `extensions.code` of errors.",
  values: Object.fromEntries(
    Object.entries(meaningOf).map(([code, description]) => [code, { description }]),
    // `fromEntries` forgets which keys there are.
  ) as Record<Code, { description: string }>,
});

/** A refused duplicate counts as one, and shows the entity that has the file. */
const refusedDuplicate = (outcome: Outcome): DuplicateFileError | undefined =>
  outcome.status === "FAILED" && outcome.error instanceof DuplicateFileError ? outcome.error : undefined;

const statusOf = (outcome: Outcome) => (refusedDuplicate(outcome) == null ? outcome.status : "DUPLICATE");

const UploadResult = builder.objectRef<Outcome>("UploadResult").implement({
  description: "What became of one file of a batch.",
  fields: (t) => ({
    status: t.field({ type: UploadStatus, description: "What became of it.", resolve: statusOf }),
    entity: t.field({
      type: EntityRef,
      nullable: true,
      description: "The entity that has the file; null when it failed.",
      resolve: (outcome) =>
        outcome.status === "FAILED" ? (refusedDuplicate(outcome)?.existing ?? null) : outcome.entity,
    }),
    code: t.field({
      type: ErrorCode,
      nullable: true,
      description: "Why it was refused; null when it was not.",
      resolve: (outcome) => (outcome.status === "FAILED" ? outcome.error.code : null),
    }),
    message: t.string({
      nullable: true,
      description: "The same in a sentence.",
      resolve: (outcome, _args, { viewer }) => {
        if (outcome.status !== "FAILED") return null;
        const reduced = viewer.permissions.has("read") ? undefined : outcome.error.toldToWriters;
        return (reduced ?? outcome.error).message;
      },
    }),
  }),
});

const countOf = ({ outcomes }: Uploaded, ...statuses: Outcome["status"][]) =>
  outcomes.filter((outcome) => statuses.includes(statusOf(outcome))).length;

const UploadEntitiesPayload = builder.objectRef<Uploaded>("UploadEntitiesPayload").implement({
  description: "What became of each file; one that failed does not lose the others.",
  fields: (t) => ({
    results: t.field({
      type: [UploadResult],
      description: "One for each input, in their order.",
      resolve: ({ outcomes }) => [...outcomes],
    }),
    created: t.int({
      description: "How many new entities there are.",
      resolve: (self) => countOf(self, "CREATED"),
    }),
    duplicates: t.int({
      description: "How many files the library had already, restored ones included.",
      resolve: (self) => countOf(self, "DUPLICATE", "RESTORED"),
    }),
    failed: t.int({
      description: "How many files were not stored.",
      resolve: (self) => countOf(self, "FAILED"),
    }),
    transaction: t.field({
      type: TransactionRef,
      nullable: true,
      description: "What was written for all of them; null when nothing was.",
      resolve: ({ transactionId }, _args, context) => loadTransaction(transactionId, context),
    }),
  }),
});

builder.mutationField("uploadEntities", (t) =>
  t.field({
    type: UploadEntitiesPayload,
    nullable: true,
    description: "Stores many files of one request; each has its own result.",
    args: { inputs: t.arg({ type: [UploadEntityInput], required: true, description: "The files." }) },
    resolve: (_root, { inputs }, context) => uploadFiles(context, context.viewer, "uploadEntities", inputs),
  }),
);

builder.mutationField("replaceFile", (t) =>
  t.field({
    type: EntityPayload,
    nullable: true,
    description:
      "Gives an entity, live or in the trash, another file as its next version; label, description and place stay. The old file is kept with the old version. DUPLICATE_FILE when another entity has the file; the file it has already changes nothing.",
    args: {
      id: t.arg.id({ required: true, description: "The entity; a collection has no file." }),
      file: t.arg({
        type: "Upload",
        required: true,
        description: "The file, as a part of the multipart request.",
      }),
      ifVersion: t.arg.int({
        description: "The version you saw; refused with VERSION_CONFLICT when it is no longer so.",
      }),
      fileModifiedAt: t.arg({
        type: "DateTime",
        description: "When the file was last changed on your disk; as in UploadEntityInput.",
      }),
      reason: t.arg.string({ description: "The reason; stored with the transaction." }),
    },
    resolve: (_root, { id, file, ...options }, context) =>
      replaceFile(context, context.viewer, id, file, options),
  }),
);

const KnownHash = builder.objectRef<Entity>("KnownHash").implement({
  description: "A checksum that the library knows.",
  fields: (t) => ({
    md5: t.string({ description: "The MD5, in lower-case hex.", resolve: ({ md5 }) => md5 ?? "" }),
    entity: t.field({
      type: EntityRef,
      description: "The entity whose current file has it.",
      resolve: (entity) => entity,
    }),
    isDeleted: t.exposeBoolean("isDeleted", { description: "Whether that entity is in the trash." }),
  }),
});

builder.queryField("knownHashes", (t) =>
  t.field({
    type: [KnownHash],
    description:
      "The files of these that the library has already: ask before you send bytes. Unknown ones are left out.",
    args: { md5: t.arg.stringList({ required: true, description: "MD5s in hex, at most 1000." }) },
    resolve: (_root, { md5 }, context) => listKnownHashes(context, md5),
  }),
);
