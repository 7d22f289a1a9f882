import { isSelected, selectedColumns } from "../../library/entities/schema/columns.ts";
import { EntityRef } from "../../library/entities/schema/entity.ts";
import { builder } from "../../graphql/builder.ts";
import { EntityFilterInput } from "../search/schema/entity-filter-input.ts";
import { localSpanOf, spanOf } from "./rules.ts";
import { listTimeline, withCovers, type CoveredBucket } from "./service.ts";

const TimelineUnit = builder.enumType("TimelineUnit", {
  description: "How long a bucket of the timeline is.",
  values: {
    YEAR: { description: "A year, with keys such as `2019`." },
    MONTH: { description: "A month, with keys such as `2019-07`." },
    DAY: { description: "A day, with keys such as `2019-07-21`." },
  },
});

const TimelineBucket = builder.objectRef<CoveredBucket>("TimelineBucket").implement({
  description:
    "Entities that were taken in the same year, month or day by the clocks where they were taken (`captured.local`).",
  fields: (t) => ({
    key: t.exposeString("key", { description: "`2019`, `2019-07` or `2019-07-21`." }),
    from: t.field({
      type: "DateTime",
      description: "Begin of the span on the wall clock, read as if that showed UTC.",
      resolve: ({ key }) => spanOf(key).from,
    }),
    to: t.field({
      type: "DateTime",
      description:
        "End of the span on the wall clock, read likewise: where the next one begins, itself not included.",
      resolve: ({ key }) => spanOf(key).to,
    }),
    localFrom: t.field({
      type: "LocalDateTime",
      description:
        "Begin of the span on the wall clock: `capturedLocal: { gte: localFrom, lt: localTo }` finds it.",
      resolve: ({ key }) => localSpanOf(key).from,
    }),
    localTo: t.field({
      type: "LocalDateTime",
      description: "End of the span on the wall clock, itself not included.",
      resolve: ({ key }) => localSpanOf(key).to,
    }),
    count: t.exposeInt("count", { description: "Exact number of entities." }),
    cover: t.field({
      type: EntityRef,
      nullable: true,
      description:
        "The newest image or video by the wall clock, the highest id among equals; the newest of all where there is neither.",
      resolve: ({ cover }) => cover,
    }),
  }),
});

builder.queryField("timeline", (t) =>
  t.field({
    type: [TimelineBucket],
    description:
      "When entities that are not in the trash were taken, newest first. Entities without a time of capture, and empty spans, are left out.",
    args: {
      unit: t.arg({
        type: TimelineUnit,
        required: true,
        defaultValue: "MONTH",
        description: "The length of a bucket.",
      }),
      filter: t.arg({
        type: EntityFilterInput,
        description: "Only entities that match; all when left out.",
      }),
    },
    resolve: async (_root, { unit, filter }, context, info) => {
      const buckets = await listTimeline(context, unit, filter ?? null);
      const columns = isSelected(info, "cover") ? selectedColumns(info, "cover") : null;
      return withCovers(context, buckets, columns);
    },
  }),
);
