import DataLoader from "dataloader";
import type { Entity } from "../db/generated/client.ts";
import type { Columns } from "../db/rows.ts";
import { selectedColumns } from "../entities/schema/columns.ts";
import { EntityRef } from "../entities/schema/entity.ts";
import { builder } from "../graphql/builder.ts";
import { perRequest, type Context } from "../graphql/context.ts";
import { EntityFilterInput } from "../search/schema/entity-filter-input.ts";
import { spanOf } from "./rules.ts";
import { listCovers, listTimeline, type TimelineBucket as TimelineBucketShape } from "./service.ts";

/** Rows that are read at once: turning more into objects would hold up everybody else. */
const coversMax = 500;

/** A loader for each choice of columns that a document makes. */
const coverLoaders = perRequest((context) => {
  const loaders = new Map<Columns, DataLoader<number, Entity | null>>();
  return (columns: Columns) => {
    let loader = loaders.get(columns);
    if (loader == null)
      loaders.set(
        columns,
        (loader = new DataLoader(readCovers(context, columns), { maxBatchSize: coversMax })),
      );
    return loader;
  };
});

const readCovers = (context: Context, columns: Columns) => async (ids: readonly number[]) => {
  const found = await listCovers(context, ids, columns);
  return ids.map((id) => found.get(id) ?? null);
};

const TimelineUnit = builder.enumType("TimelineUnit", {
  description: "How long a bucket of the timeline is.",
  values: {
    YEAR: { description: "A year, with keys such as `2019`." },
    MONTH: { description: "A month, with keys such as `2019-07`." },
    DAY: { description: "A day, with keys such as `2019-07-21`." },
  },
});

const TimelineBucket = builder.objectRef<TimelineBucketShape>("TimelineBucket").implement({
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
    count: t.exposeInt("count", { description: "How many entities, exactly." }),
    cover: t.field({
      type: EntityRef,
      nullable: true,
      description:
        "The newest image or film by the wall clock, the highest id among equals; the newest of all where there is neither.",
      resolve: ({ coverId }, _args, context, info) =>
        coverLoaders(context)(selectedColumns(info)).load(coverId),
    }),
  }),
});

builder.queryField("timeline", (t) =>
  t.field({
    type: [TimelineBucket],
    description:
      "When what is not in the trash was taken, newest first. What has no time of capture, and spans without any, are left out.",
    args: {
      unit: t.arg({
        type: TimelineUnit,
        required: true,
        defaultValue: "MONTH",
        description: "How long a bucket is.",
      }),
      filter: t.arg({
        type: EntityFilterInput,
        description: "Only entities that match; all when left out.",
      }),
    },
    resolve: async (_root, { unit, filter }, context) => [
      ...(await listTimeline(context, unit, filter ?? null)),
    ],
  }),
);
