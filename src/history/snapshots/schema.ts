import { transactionIdText } from "../../database/model/ids.ts";
import { selectedColumns } from "../../library/entities/schema/columns.ts";
import { builder } from "../../graphql/builder.ts";
import { pageArgs } from "../../graphql/pagination.ts";
import { listArgs, searchArg } from "../../find/search/schema/queries.ts";
import { EntityVersionPage, EntityVersionRef } from "../versions/schema.ts";
import { findThen, getSnapshot, listThen, type Snapshot as SnapshotShape } from "./service.ts";

const AsOf = builder.inputType("AsOf", {
  description: "A point of the library's history: exactly one of these.",
  isOneOf: true,
  fields: (t) => ({
    time: t.field({
      type: "DateTime",
      description: "An instant: just after the last transaction that was written at or before it.",
    }),
    transactionId: t.id({
      description:
        'Just after this transaction, such as "T17" or "17"; "0" is before the first, when the library was empty.',
    }),
  }),
});

const Snapshot = builder.objectRef<SnapshotShape>("Snapshot").implement({
  description:
    "The whole library as it stood. What was destroyed since is missing, as its versions were destroyed with it, and so are states whose versions were pruned.",
  fields: (t) => ({
    at: t.expose("at", {
      type: "DateTime",
      description: "The requested time, or that of the requested transaction.",
    }),
    transactionId: t.id({
      nullable: true,
      description: "The last transaction that had been written; null before the first.",
      resolve: ({ moment }) => (moment == null ? null : transactionIdText(moment.transactionId)),
    }),
    entity: t.field({
      type: EntityVersionRef,
      nullable: true,
      description: "One entity as it was, live or in the trash; null when it was not there.",
      args: { id: t.arg.id({ required: true, description: "The entity's id." }) },
      resolve: async (self, { id }, context) => (await findThen(context, self, id)) ?? null,
    }),
    entities: t.field({
      type: EntityVersionPage,
      description: "One page of the library as it stood, filtered, searched and ordered as the live one is.",
      args: { ...listArgs, ...searchArg, ...pageArgs },
      resolve: (self, args, context, info) =>
        listThen(context, self, { ...args, columns: selectedColumns(info, "items") }),
    }),
  }),
});

builder.queryField("snapshot", (t) =>
  t.field({
    type: Snapshot,
    description: "The whole library as it stood at some point of its history.",
    args: { at: t.arg({ type: AsOf, required: true, description: "Which point." }) },
    resolve: (_root, { at }, context) => getSnapshot(context, at),
  }),
);
