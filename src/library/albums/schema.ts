import { builder } from "../../graphql/builder.ts";
import { loadTransaction } from "../../history/transactions/loaders.ts";
import { TransactionRef } from "../../history/transactions/schema/transaction.ts";
import { fieldColumns } from "../entities/schema/columns.ts";
import { EntityRef } from "../entities/schema/entity.ts";
import { albumLoader } from "./loaders.ts";
import { addToAlbum, moveInAlbum, removeFromAlbum, type EditedAlbum } from "./service.ts";

const AlbumPayload = builder.objectRef<EditedAlbum>("AlbumPayload").implement({
  description: "An album after a change of its members, which is one version of it.",
  fields: (t) => ({
    album: t.expose("album", { type: EntityRef, description: "The album as it is now." }),
    transaction: t.field({
      type: TransactionRef,
      nullable: true,
      description: "The transaction that was written; null when nothing had to change.",
      resolve: ({ transactionId }, _args, context) => loadTransaction(transactionId, context),
    }),
  }),
});

builder.objectField(EntityRef, "albums", (t) =>
  t.field({
    type: [EntityRef],
    description: "The live albums that have it as a member, the newest first.",
    extensions: fieldColumns(),
    resolve: ({ id }, _args, context) => albumLoader(context).load(id),
  }),
);

const albumArgs = builder.args((t) => ({
  id: t.id({ required: true, description: "The album." }),
  ifVersion: t.int({
    description: "The version you saw; refused with VERSION_CONFLICT when it is no longer so.",
  }),
  reason: t.string({ description: "The reason; stored with the transaction." }),
}));

const beforeArg = builder.args((t) => ({
  before: t.id({ description: "A member before which they come; at the end when left out." }),
}));

builder.mutationField("addToAlbum", (t) =>
  t.field({
    type: AlbumPayload,
    nullable: true,
    description:
      "Adds files to an album, in the given order, all of them or none. Those that are members already keep their places.",
    args: {
      ...albumArgs,
      ...beforeArg,
      entityIds: t.arg.idList({ required: true, description: "The files; repeats count once." }),
    },
    resolve: (_root, { id, entityIds, ...options }, context) =>
      addToAlbum(context, context.viewer, { id, entityIds }, options),
  }),
);

builder.mutationField("removeFromAlbum", (t) =>
  t.field({
    type: AlbumPayload,
    nullable: true,
    description:
      "Takes members out of an album; the files stay in the library. Ids of others change nothing.",
    args: {
      ...albumArgs,
      entityIds: t.arg.idList({ required: true, description: "The members; repeats count once." }),
    },
    resolve: (_root, { id, entityIds, ...options }, context) =>
      removeFromAlbum(context, context.viewer, { id, entityIds }, options),
  }),
);

builder.mutationField("moveInAlbum", (t) =>
  t.field({
    type: AlbumPayload,
    nullable: true,
    description: "Puts members of an album before another one, or at the end, in the given order.",
    args: {
      ...albumArgs,
      ...beforeArg,
      entityIds: t.arg.idList({ required: true, description: "The members; repeats count once." }),
    },
    resolve: (_root, { id, entityIds, ...options }, context) =>
      moveInAlbum(context, context.viewer, { id, entityIds }, options),
  }),
);
