import { builder } from "../../graphql/builder.ts";
import { needsPermission } from "../../graphql/permissions.ts";
import { loadTransaction } from "../../history/transactions/loaders.ts";
import { TransactionRef } from "../../history/transactions/schema/transaction.ts";
import { emptyTrash, hardDeleteEntities, type Destroyed } from "./service.ts";

const HardDeletePayload = builder.objectRef<Destroyed>("HardDeletePayload").implement({
  description: "The entities and files that were destroyed.",
  fields: (t) => ({
    deletedIds: t.idList({
      description: "The entities that are gone; their ids are never used again.",
      resolve: ({ deletedIds }) => [...deletedIds],
    }),
    freedBytes: t.expose("freedBytes", {
      type: "BigInt",
      description: "Bytes of files that nothing refers to afterwards.",
    }),
    transaction: t.field({
      type: TransactionRef,
      nullable: true,
      description: "The trace that stays; null when there was nothing to destroy.",
      resolve: ({ transactionId }, _args, context) => loadTransaction(transactionId, context),
    }),
  }),
});

const recursive = "Whether the content of a collection is deleted too; otherwise a collection must be empty.";

builder.mutationField("hardDeleteEntity", (t) =>
  t.field({
    type: HardDeletePayload,
    nullable: true,
    extensions: needsPermission("admin"),
    description: "Destroys an entity with its versions and files. Nothing brings it back.",
    args: {
      id: t.arg.id({ required: true, description: "The entity." }),
      recursive: t.arg.boolean({ required: true, defaultValue: false, description: recursive }),
    },
    resolve: (_root, args, context) =>
      hardDeleteEntities(context, context.viewer, "hardDeleteEntity", [args.id], args.recursive),
  }),
);

builder.mutationField("hardDeleteEntities", (t) =>
  t.field({
    type: HardDeletePayload,
    nullable: true,
    extensions: needsPermission("admin"),
    description:
      "Destroys many entities with their versions and files, all or none. Nothing brings them back.",
    args: {
      ids: t.arg.idList({ required: true, description: "The entities; repeats count once." }),
      recursive: t.arg.boolean({ required: true, defaultValue: false, description: recursive }),
    },
    resolve: (_root, args, context) =>
      hardDeleteEntities(context, context.viewer, "hardDeleteEntities", args.ids, args.recursive),
  }),
);

builder.mutationField("emptyTrash", (t) =>
  t.field({
    type: HardDeletePayload,
    nullable: true,
    extensions: needsPermission("admin"),
    description: "Destroys everything in the trash. Nothing brings it back.",
    args: {
      deletedBefore: t.arg({ type: "DateTime", description: "Only what was deleted before this instant." }),
    },
    resolve: (_root, { deletedBefore }, context) =>
      emptyTrash(context, context.viewer, deletedBefore ?? null),
  }),
);
