import { builder } from "../../graphql/builder.ts";
import { BulkPayload, EntityPayload } from "../../history/transactions/schema/payloads.ts";
import { describedInputs } from "../entities/schema/described.ts";
import { shiftCaptured } from "./captured.ts";
import { renameKeyword } from "./keywords.ts";
import type { Edit } from "./rules.ts";
import { updateEntities, updateEntity } from "./service.ts";

const UpdateEntityInput = builder.inputRef<Edit>("UpdateEntityInput").implement({
  description:
    "What to change: a field left out stays as it is, null clears it, or gives back what the file says.",
  fields: (t) =>
    ({
      label: t.string({ description: "Its name, 1 to 1000 characters." }),
      description: t.string({ description: "Its description, up to 100,000 characters." }),
      parentId: t.id({ description: "The collection to move it into; null for the top." }),
      ...describedInputs(t, "Null gives back what the file says."),
    }) satisfies Record<keyof Edit, unknown>,
});

builder.mutationField("updateEntity", (t) =>
  t.field({
    type: EntityPayload,
    nullable: true,
    description: "Changes what people say of an entity, or its place in the tree.",
    args: {
      id: t.arg.id({ required: true, description: "The entity." }),
      input: t.arg({ type: UpdateEntityInput, required: true, description: "The changes." }),
      ifVersion: t.arg.int({
        description: "The version you saw; refused with VERSION_CONFLICT when it is no longer so.",
      }),
      reason: t.arg.string({ description: "The reason; stored with the transaction." }),
    },
    resolve: (_root, { id, input, ...options }, context) =>
      updateEntity(context, context.viewer, id, input, options),
  }),
);

builder.mutationField("renameKeyword", (t) =>
  t.field({
    type: BulkPayload,
    nullable: true,
    description:
      "Renames a keyword of all entities, live or in the trash; a path takes what is below it along, and an existing keyword " +
      "is merged. More than 1,000 entities are changed in several transactions, of which the last is returned.",
    args: {
      from: t.arg.string({ required: true, description: "The keyword; case and accents do not matter." }),
      to: t.arg.string({ required: true, description: "Its new name, as it is to be written." }),
      reason: t.arg.string({ description: "The reason; stored with the transaction." }),
    },
    resolve: (_root, { reason, ...given }, context) => renameKeyword(context, context.viewer, given, reason),
  }),
);

builder.mutationField("shiftCaptured", (t) =>
  t.field({
    type: BulkPayload,
    nullable: true,
    description:
      "Moves the time of capture of many entities, all of them or none, for a camera whose clock was wrong. Offsets stay, and " +
      "the source is `USER` then. Entities without a time of capture are skipped: `ids` has those that were moved.",
    args: {
      ids: t.arg.idList({ required: true, description: "The entities; repeats count once." }),
      seconds: t.arg.float({
        required: true,
        description:
          "How much later it was than the clock showed, negative for earlier; up to a hundred years.",
      }),
      reason: t.arg.string({ description: "The reason; stored with the transaction." }),
    },
    resolve: (_root, { ids, ...options }, context) => shiftCaptured(context, context.viewer, ids, options),
  }),
);

builder.mutationField("updateEntities", (t) =>
  t.field({
    type: BulkPayload,
    nullable: true,
    description: "Makes the same change to many entities, all of them or none.",
    args: {
      ids: t.arg.idList({ required: true, description: "The entities; repeats count once." }),
      input: t.arg({ type: UpdateEntityInput, required: true, description: "The changes." }),
      reason: t.arg.string({ description: "The reason; stored with the transaction." }),
    },
    resolve: (_root, { ids, input, reason }, context) =>
      updateEntities(context, context.viewer, ids, input, reason),
  }),
);
