import { builder } from "../../graphql/builder.ts";
import { BulkPayload, EntityPayload } from "../../history/transactions/schema/payloads.ts";
import { restoreEntities, restoreEntity, softDeleteEntities, softDeleteEntity } from "./service.ts";

const reason = "The reason; stored with the transaction.";

builder.mutationField("softDeleteEntity", (t) =>
  t.field({
    type: EntityPayload,
    nullable: true,
    description: "Moves an entity to the trash; a collection with everything below it, in one transaction.",
    args: {
      id: t.arg.id({ required: true, description: "The entity." }),
      ifVersion: t.arg.int({
        description: "The version you saw; refused with VERSION_CONFLICT when it is no longer so.",
      }),
      reason: t.arg.string({ description: reason }),
    },
    resolve: (_root, { id, ...options }, context) => softDeleteEntity(context, context.viewer, id, options),
  }),
);

builder.mutationField("softDeleteEntities", (t) =>
  t.field({
    type: BulkPayload,
    nullable: true,
    description: "Puts many entities into the trash, with everything below them, all or none.",
    args: {
      ids: t.arg.idList({ required: true, description: "The entities; repeats count once." }),
      reason: t.arg.string({ description: reason }),
    },
    resolve: (_root, args, context) => softDeleteEntities(context, context.viewer, args.ids, args.reason),
  }),
);

builder.mutationField("restoreEntity", (t) =>
  t.field({
    type: EntityPayload,
    nullable: true,
    description:
      "Takes an entity out of the trash, with everything below it that was deleted together with it.",
    args: {
      id: t.arg.id({ required: true, description: "The entity." }),
      reason: t.arg.string({ description: reason }),
    },
    resolve: (_root, args, context) => restoreEntity(context, context.viewer, args.id, args.reason),
  }),
);

builder.mutationField("restoreEntities", (t) =>
  t.field({
    type: BulkPayload,
    nullable: true,
    description: "Takes many entities out of the trash, with what was deleted with them, all or none.",
    args: {
      ids: t.arg.idList({ required: true, description: "The entities; repeats count once." }),
      reason: t.arg.string({ description: reason }),
    },
    resolve: (_root, args, context) => restoreEntities(context, context.viewer, args.ids, args.reason),
  }),
);
