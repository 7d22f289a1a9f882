import { builder } from "../../graphql/builder.ts";
import { EntityPayload } from "../transactions/schema/payloads.ts";
import { transactionLoader } from "../transactions/loaders.ts";
import { TransactionRef } from "../transactions/schema/transaction.ts";
import { revertEntity, undoTransaction, type Undone } from "./service.ts";

const reason = "The reason; stored with the transaction.";

builder.mutationField("revertEntity", (t) =>
  t.field({
    type: EntityPayload,
    nullable: true,
    description:
      "Makes state and file of an earlier version the entity's next version; nothing is written when they are what " +
      "it has. Where that takes a collection into the trash or out of it, its content goes along as with " +
      "softDeleteEntity and restoreEntity. Refused when the collection it lay in is gone (NOT_FOUND), in the trash " +
      "(BAD_USER_INPUT) or inside the entity now (PARENT_CYCLE), or when another entity has the file (DUPLICATE_FILE).",
    args: {
      id: t.arg.id({ required: true, description: "The entity." }),
      toVersion: t.arg.int({ required: true, description: "Number of the version to go back to." }),
      ifVersion: t.arg.int({
        description: "The version you saw; refused with VERSION_CONFLICT when it is no longer so.",
      }),
      reason: t.arg.string({ description: reason }),
    },
    resolve: (_root, { id, toVersion, ...options }, context) =>
      revertEntity(context, context.viewer, id, toVersion, options),
  }),
);

const UndoPayload = builder.objectRef<Undone>("UndoPayload").implement({
  description: "What taking a transaction back did.",
  fields: (t) => ({
    transaction: t.field({
      type: TransactionRef,
      description: "What was written; undo it to have the changes again.",
      resolve: ({ transactionId }, _args, context) => transactionLoader(context).load(transactionId),
    }),
    ids: t.idList({ description: "The entities that changed.", resolve: ({ ids }) => [...ids] }),
  }),
});

builder.mutationField("undoTransaction", (t) =>
  t.field({
    type: UndoPayload,
    nullable: true,
    description:
      "Takes back everything that a transaction changed, as one new transaction: each entity gets the state it had " +
      "before, and what was created goes to the trash. All or nothing: VERSION_CONFLICT when something that happened " +
      "since stands in the way, with the ids in `conflicts`. What was destroyed cannot be brought back " +
      "(BAD_USER_INPUT). Undoing an undo does everything again.",
    args: {
      id: t.arg.id({ required: true, description: "The transaction, such as `T17`." }),
      reason: t.arg.string({ description: reason }),
    },
    resolve: (_root, args, context) => undoTransaction(context, context.viewer, args.id, args.reason),
  }),
);
