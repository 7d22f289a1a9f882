import { builder } from "../../../graphql/builder.ts";
import { Node } from "../../../graphql/node.ts";
import type { FactsStateName } from "../facts.ts";
import { ancestorPaths, entityLoader, metadataLoader } from "../loaders.ts";
import { findEntity, selectGroups } from "../service.ts";
import { fieldColumns, selectedColumns } from "./columns.ts";
import { EntityState } from "./entity-state.ts";
import { Camera, FactsState, cameraColumns, cameraOf } from "./facts.ts";

export const EntityRef = builder.prismaObject("Entity", {
  description: "One thing in the library, as it is now: a media file, or a collection of entities.",
  interfaces: [EntityState, Node],
  fields: (t) => ({
    id: t.exposeID("id", { description: "Its id, never used again for another one." }),
    deletedAt: t.expose("deletedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it went to the trash; null while it is live.",
    }),
    factsState: t.field({
      type: FactsState,
      description: "Whether the file's facts were read.",
      extensions: fieldColumns("factsState"),
      // Nothing else is ever written there.
      resolve: ({ factsState }) => factsState as FactsStateName,
    }),
    camera: t.field({
      type: Camera,
      nullable: true,
      description: "Its camera; null when unknown.",
      extensions: fieldColumns(...cameraColumns),
      resolve: cameraOf,
    }),
    metadata: t.field({
      type: "JSON",
      nullable: true,
      description:
        "Every tag that exiftool found, by group (`EXIF`, `IPTC`, `XMP`, `QuickTime` …); null for a collection.",
      args: {
        groups: t.arg.stringList({ description: "Only these groups, in any case; all when left out." }),
      },
      extensions: fieldColumns("originalId"),
      resolve: async ({ originalId }, { groups }, context) =>
        originalId == null
          ? null
          : selectGroups(await metadataLoader(context).load(originalId), groups ?? null),
    }),
  }),
});

builder.objectField(EntityRef, "parent", (t) =>
  t.field({
    type: EntityRef,
    nullable: true,
    description: "The collection that contains it, live or deleted; null at the top.",
    extensions: fieldColumns("parentId"),
    resolve: ({ parentId }, _args, context) =>
      parentId == null ? null : entityLoader(context).load(parentId),
  }),
);

builder.objectField(EntityRef, "ancestors", (t) =>
  t.field({
    type: [EntityRef],
    description: "The collections that contain it, from the top down to its parent.",
    extensions: fieldColumns("parentId"),
    resolve: ({ parentId }, _args, context) => (parentId == null ? [] : ancestorPaths(context)(parentId)),
  }),
);

builder.queryField("entity", (t) =>
  t.field({
    type: EntityRef,
    nullable: true,
    description: "One entity, live or in the trash; null when there is none with this id.",
    args: { id: t.arg.id({ required: true, description: "The entity's id." }) },
    resolve: async (_root, { id }, context, info) =>
      (await findEntity(context, id, selectedColumns(info))) ?? null,
  }),
);
