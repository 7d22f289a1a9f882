import { transactionIdText } from "../../../database/model/ids.ts";
import { fieldColumns } from "../../../library/entities/schema/columns.ts";
import { builder } from "../../../graphql/builder.ts";
import { Node } from "../../../graphql/node.ts";
import { pageArgs, pageObject } from "../../../graphql/pagination.ts";
import { EntityVersionPage, EntityVersionRef } from "../../versions/schema.ts";
import { loadChanges, loadTransaction, transactionLoader, undoLoader } from "../loaders.ts";
import { findTransaction, listTransactions } from "../service.ts";

export const TransactionRef = builder.prismaObject("Transaction", {
  description: "One mutation's or command's changes together: all of them happened, or none.",
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      description:
        "`T` and a number, such as `T17`; later transactions have greater ones. Wherever a transaction is asked for, the number alone is taken too.",
      resolve: ({ id }) => transactionIdText(id),
    }),
    at: t.expose("at", {
      type: "DateTime",
      description: "When it was written; never before an earlier one.",
    }),
    actor: t.exposeString("actor", {
      nullable: true,
      description: "The viewer who made it; null for an anonymous one.",
    }),
    reason: t.exposeString("reason", { nullable: true, description: "Why, in the words of who did it." }),
    operation: t.exposeString("operation", {
      description: "The mutation or command that opened it, such as `updateEntity`.",
    }),
    entityCount: t.exposeInt("entityCount", { description: "How many entities it changed." }),
    changes: t.field({
      type: EntityVersionPage,
      description:
        "The versions it wrote that are still kept, by entity; a destroyed entity has a last version without facts.",
      args: pageArgs,
      resolve: (self, args, context) => loadChanges(context, self, args),
    }),
  }),
});

builder.objectFields(TransactionRef, (t) => ({
  undoOf: t.field({
    type: TransactionRef,
    nullable: true,
    description: "The transaction whose changes it took back; null when it is no undo.",
    resolve: ({ undoOfId }, _args, context) => loadTransaction(undoOfId, context),
  }),
  undoneBy: t.field({
    type: TransactionRef,
    nullable: true,
    description:
      "The newest transaction that took its changes back, which may be undone itself; null when there is none.",
    resolve: async ({ id }, _args, context) => loadTransaction(await undoLoader(context).load(id), context),
  }),
}));

builder.objectField(EntityVersionRef, "transaction", (t) =>
  t.field({
    type: TransactionRef,
    description: "Who made this version, when and why.",
    extensions: fieldColumns(),
    resolve: ({ transactionId }, _args, context) => transactionLoader(context).load(transactionId),
  }),
);

const TransactionPage = pageObject("TransactionPage", TransactionRef, "One page of transactions.");

builder.queryField("transactions", (t) =>
  t.field({
    type: TransactionPage,
    description: "The transactions of the library, newest first.",
    args: {
      actor: t.arg.string({ description: "Only this actor's." }),
      entityId: t.arg.id({
        description: "Only those that changed this entity, as far back as its versions are kept.",
      }),
      ...pageArgs,
    },
    resolve: (_root, args, context) => listTransactions(context, args),
  }),
);

builder.queryField("transaction", (t) =>
  t.field({
    type: TransactionRef,
    nullable: true,
    description: "One transaction; null when there is none with this id.",
    args: { id: t.arg.id({ required: true, description: "The transaction's id, such as `T17`." }) },
    resolve: async (_root, { id }, context) => (await findTransaction(context, id)) ?? null,
  }),
);
