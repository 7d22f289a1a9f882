import { builder } from "../../graphql/builder.ts";
import { EntityPage } from "../search/schema/queries.ts";
import { listKeywords, type KeywordCount as KeywordCountShape } from "./keywords.ts";
import { listFacets, type Facet as FacetShape, type FacetBucket as FacetBucketShape } from "./service.ts";

const FacetField = builder.enumType("FacetField", {
  description: "What a facet counts by, and the clause of the filter that it leaves out.",
  values: {
    TYPE: { description: "Kind of the file, such as `IMAGE`; leaves out `type`." },
    MIME_TYPE: { description: "MIME type, such as `image/jpeg`; leaves out `mimeType`." },
    EXTENSION: { description: "Canonical extension, such as `jpg`; leaves out `extension`." },
    YEAR: {
      description:
        "Year of capture as the clocks there showed it, such as `2019`; leaves out `capturedLocal`, by which it opens.",
    },
    MONTH: {
      description:
        "Month of capture as the clocks there showed it, such as `2019-07`; leaves out `capturedLocal`, by which it opens.",
    },
    CAMERA_MODEL: { description: "The camera's model as it was written; leaves out `cameraModel`." },
    PARENT: {
      description:
        "Id of the collection they lie in directly; leaves out `parentId`, on a page of all entities.",
    },
    KEYWORD: {
      description:
        "Keyword, a path as a whole; those that differ in case and accents only count as one. Leaves out `keywords`.",
    },
    RATING: { description: "Rating, `-1` to `5`; leaves out `rating`." },
    CREATOR: { description: "The creator as it was written; leaves out `creator`." },
  },
});

const FacetBucket = builder.objectRef<FacetBucketShape>("FacetBucket").implement({
  description: "Entities that have one value.",
  fields: (t) => ({
    value: t.exposeString("value", { description: "The value, as the facet's field describes it." }),
    count: t.exposeInt("count", { description: "Exact number of entities with this value." }),
  }),
});

const Facet = builder.objectRef<FacetShape>("Facet").implement({
  description: "The distribution of a list's entities over the values of a field.",
  fields: (t) => ({
    field: t.expose("field", { type: FacetField, description: "The field that is counted." }),
    buckets: t.field({
      type: [FacetBucket],
      description:
        "Values that some entity has, the most frequent first, then by value; what has none is in no bucket.",
      resolve: ({ buckets }) => [...buckets],
    }),
  }),
});

builder.objectField(EntityPage, "facets", (t) =>
  t.field({
    type: [Facet],
    description:
      "How all entities of the list, not of this page alone, share out among values: one facet for each field asked " +
      "for, in that order. Each leaves its field's own clause out of the filter, and out of lists joined with AND, " +
      "so that the values that were not chosen keep their counts; search, trash and collection stay.",
    args: {
      fields: t.arg({
        type: [FacetField],
        required: true,
        description: "The fields to count by; a field given twice is returned once.",
      }),
      limit: t.arg.int({
        required: true,
        defaultValue: 20,
        description: "Largest number of buckets of each facet, 1 to 100.",
      }),
    },
    resolve: ({ query }, { fields, limit }, context) => listFacets(context, query, fields, limit),
  }),
);

const KeywordCount = builder.objectRef<KeywordCountShape>("KeywordCount").implement({
  description: "A keyword, and how many entities have it.",
  fields: (t) => ({
    keyword: t.exposeString("keyword", { description: "The keyword, a path as a whole." }),
    count: t.exposeInt("count", { description: "How many live entities have it, in whatever spelling." }),
  }),
});

builder.queryField("keywords", (t) =>
  t.field({
    type: [KeywordCount],
    description:
      "Keywords of the live library, the most frequent first; for a field that completes what is typed.",
    args: {
      startsWith: t.arg.string({
        description: "Only those that begin so, without regard to case and accents.",
      }),
      limit: t.arg.int({ required: true, defaultValue: 20, description: "Most keywords, 1 to 100." }),
    },
    resolve: (_root, args, context) => listKeywords(context, args),
  }),
);
