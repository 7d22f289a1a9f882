import { EntityRef } from "../../entities/schema/entity.ts";
import { builder } from "../../graphql/builder.ts";
import { pageArgs, pageObject } from "../../graphql/pagination.ts";
import { listEntities } from "../service.ts";
import { EntityFilterInput, EntityOrderByInput, TrashScope } from "./entity-filter-input.ts";

export const EntityPage = pageObject("EntityPage", EntityRef, "One page of entities.");

/** What every list of entities takes, now and then. */
export const listArgs = builder.args((t) => ({
  filter: t.field({ type: EntityFilterInput, description: "Only entities that match; all when left out." }),
  orderBy: t.field({
    type: [EntityOrderByInput],
    description: "Steps of the order, most important first; newest arrivals first when left out.",
  }),
  trash: t.field({
    type: TrashScope,
    required: true,
    defaultValue: "LIVE",
    description: "Which side of the trash.",
  }),
}));

export const searchArg = builder.args((t) => ({
  search: t.string({
    description:
      'Words over label, description, original name, camera and keywords: `word`, `prefix*`, `"a phrase"`, `-not`, `field:value`.',
  }),
}));

builder.queryField("entities", (t) =>
  t.field({
    type: EntityPage,
    description: "One page of the library, filtered, searched and ordered.",
    args: { ...listArgs, ...searchArg, ...pageArgs },
    resolve: (_root, args, context) => listEntities(context, args),
  }),
);

builder.objectField(EntityRef, "children", (t) =>
  t.field({
    type: EntityPage,
    description: "What lies directly in this collection; an empty page for a file.",
    args: { ...listArgs, ...pageArgs },
    resolve: ({ id }, args, context) => listEntities(context, { ...args, parentId: id }),
  }),
);
