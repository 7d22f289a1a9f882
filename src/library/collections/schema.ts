import { CollectionKind } from "../entities/schema/entity-state.ts";
import { builder } from "../../graphql/builder.ts";
import { EntityPayload } from "../../history/transactions/schema/payloads.ts";
import { createCollection, type CreateCollection } from "./service.ts";

const CreateCollectionInput = builder.inputRef<CreateCollection>("CreateCollectionInput").implement({
  description: "A new collection.",
  fields: (t) =>
    ({
      label: t.string({ required: true, description: "Its name, 1 to 1000 characters." }),
      description: t.string({ description: "Its description, up to 100,000 characters." }),
      kind: t.field({
        type: CollectionKind,
        required: true,
        defaultValue: "FOLDER",
        description: "How it holds its entities.",
      }),
      parentId: t.id({ description: "The collection to put it into; the top when left out." }),
    }) satisfies Record<keyof CreateCollection, unknown>,
});

builder.mutationField("createCollection", (t) =>
  t.field({
    type: EntityPayload,
    nullable: true,
    description: "Makes a collection, which holds other entities instead of a file.",
    args: {
      input: t.arg({ type: CreateCollectionInput, required: true, description: "The new collection." }),
      reason: t.arg.string({ description: "The reason; stored with the transaction." }),
    },
    resolve: (_root, { input, reason }, context) => createCollection(context, context.viewer, input, reason),
  }),
);
