import { builder } from "../../graphql/builder.ts";
import { EntityRef } from "../../library/entities/schema/entity.ts";
import { listSimilar, type SimilarEntity as Shape } from "./service.ts";

const SimilarEntity = builder.objectRef<Shape>("SimilarEntity").implement({
  description: "An entity whose picture looks like another one's.",
  fields: (t) => ({
    entity: t.field({ type: EntityRef, description: "The entity.", resolve: ({ entity }) => entity }),
    distance: t.exposeInt("distance", {
      description: "Bits of the two difference hashes that differ, 0 to 64; 0 for the same pixels.",
    }),
  }),
});

builder.queryField("similar", (t) =>
  t.field({
    type: [SimilarEntity],
    description:
      "Live entities whose pictures look like this one's, in other sizes, formats or with other metadata, the most similar " +
      "first; never itself. Empty for what cannot be seen, and until it has been looked at.",
    args: {
      id: t.arg.id({ required: true, description: "The entity; it may lie in the trash." }),
      maxDistance: t.arg.int({
        required: true,
        defaultValue: 8,
        description: "Most bits of 64 in which the hashes differ, 0 to 64.",
      }),
      limit: t.arg.int({ required: true, defaultValue: 20, description: "Most entities, 1 to 100." }),
    },
    resolve: (_root, { id, ...options }, context) => listSimilar(context, id, options),
  }),
);
