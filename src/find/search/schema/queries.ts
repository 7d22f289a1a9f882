import type { Entity } from "../../../database/generated/client.ts";
import { fieldColumns, isSelected, selectedColumns } from "../../../library/entities/schema/columns.ts";
import { EntityRef } from "../../../library/entities/schema/entity.ts";
import { builder } from "../../../graphql/builder.ts";
import { pageArgs, pageObject } from "../../../graphql/pagination.ts";
import { listAlbum } from "../album-page.ts";
import { listEntities } from "../service.ts";
import { EntityFilterInput, EntityOrderByInput, TrashScope } from "./entity-filter-input.ts";
import { type EntityPage as EntityPageShape } from "../query.ts";

export const EntityPage = pageObject<Entity, EntityPageShape>(
  "EntityPage",
  EntityRef,
  "One page of entities.",
);

/** The arguments that every list of entities takes, of the present and of the past. */
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
      'Words over label, description, original name, camera, keywords, alternative text and creator, without case and accents: `word`, `prefix*`, `"a phrase"`, `-not`, `field:value`. A word of three letters or more is also found inside original names, with what stands between words there: `TC_`, `IMG_20`.',
  }),
}));

builder.queryField("entities", (t) =>
  t.field({
    type: EntityPage,
    description: "One page of the library, filtered, searched and ordered.",
    args: { ...listArgs, ...searchArg, ...pageArgs },
    resolve: (_root, args, context, info) =>
      listEntities(context, {
        ...args,
        columns: selectedColumns(info, "items"),
        isTotalAsked: isSelected(info, "pagination"),
      }),
  }),
);

builder.objectField(EntityRef, "children", (t) =>
  t.field({
    type: EntityPage,
    description:
      "The entities directly in this folder, or the members of this album, in the album's order unless another one is given; an empty page for a file.",
    args: { ...listArgs, ...pageArgs },
    extensions: fieldColumns("kind"),
    resolve: ({ id, kind }, args, context, info) => {
      const query = { ...args, columns: selectedColumns(info, "items") };
      return kind === "ALBUM"
        ? listAlbum(context, id, query)
        : listEntities(context, { ...query, parentId: id });
    },
  }),
);
