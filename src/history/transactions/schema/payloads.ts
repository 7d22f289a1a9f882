import { EntityRef } from "../../../library/entities/schema/entity.ts";
import { builder } from "../../../graphql/builder.ts";
import type { Edited, EditedMany } from "../edited.ts";
import { loadTransaction } from "../loaders.ts";
import { TransactionRef } from "./transaction.ts";

export const EntityPayload = builder.objectRef<Edited>("EntityPayload").implement({
  description: "An entity after a change.",
  fields: (t) => ({
    entity: t.expose("entity", { type: EntityRef, description: "The entity as it is now." }),
    transaction: t.field({
      type: TransactionRef,
      nullable: true,
      description: "The transaction that was written; null when nothing had to change.",
      resolve: ({ transactionId }, _args, context) => loadTransaction(transactionId, context),
    }),
  }),
});

export const BulkPayload = builder.objectRef<EditedMany>("BulkPayload").implement({
  description: "The result of a change to many entities, all in one transaction.",
  fields: (t) => ({
    ids: t.idList({ description: "The entities that changed.", resolve: ({ ids }) => [...ids] }),
    transaction: t.field({
      type: TransactionRef,
      nullable: true,
      description: "The transaction that was written; null when nothing had to change.",
      resolve: ({ transactionId }, _args, context) => loadTransaction(transactionId, context),
    }),
  }),
});
