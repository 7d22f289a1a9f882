import { EntityRef } from "../../../library/entities/schema/entity.ts";
import { builder } from "../../../graphql/builder.ts";
import { connectEntities, type Connection, type Edge } from "../connection.ts";
import { listArgs, searchArg } from "./queries.ts";

const EntityEdge = builder.objectRef<Edge>("EntityEdge").implement({
  description: "An entity in a list, and its place in it.",
  fields: (t) => ({
    cursor: t.exposeString("cursor", {
      description:
        "Its place, for `after` and `before` of the same list in the same order; true even when the entity is gone.",
    }),
    node: t.field({ type: EntityRef, description: "The entity.", resolve: ({ node }) => node }),
  }),
});

const PageInfo = builder.objectRef<Connection>("PageInfo").implement({
  description: "Whether there are entities before and after a page by cursors; computed only when selected.",
  fields: (t) => ({
    hasNextPage: t.boolean({
      description: "Whether anything of the whole list follows the page.",
      resolve: ({ hasNextPage }) => hasNextPage(),
    }),
    hasPreviousPage: t.boolean({
      description: "Whether the list has items before the page.",
      resolve: ({ hasPreviousPage }) => hasPreviousPage(),
    }),
    startCursor: t.string({
      nullable: true,
      description: "The first edge's cursor; null when there is none.",
      resolve: ({ edges }) => edges[0]?.cursor ?? null,
    }),
    endCursor: t.string({
      nullable: true,
      description: "The last edge's cursor; null when there is none.",
      resolve: ({ edges }) => edges.at(-1)?.cursor ?? null,
    }),
  }),
});

const EntityConnection = builder.objectRef<Connection>("EntityConnection").implement({
  description:
    "One page of entities by cursors, as https://relay.dev/graphql/connections.htm has it: what is added or removed meanwhile shifts nothing.",
  fields: (t) => ({
    edges: t.field({
      type: [EntityEdge],
      description: "The page's entities, always in the order of the list.",
      resolve: ({ edges }) => [...edges],
    }),
    pageInfo: t.field({
      type: PageInfo,
      description: "Whether there are entities before and after the page.",
      resolve: (self) => self,
    }),
    totalCount: t.int({
      description: "Entities in the whole list, cursors left aside; exact, and counted only when selected.",
      resolve: ({ count }) => count(),
    }),
  }),
});

builder.queryField("entitiesConnection", (t) =>
  t.field({
    type: EntityConnection,
    description:
      "The library by cursors: pages cost the same everywhere, and stay in place while others add and remove.",
    args: {
      ...listArgs,
      ...searchArg,
      first: t.arg.int({
        description:
          "How many entities from the start, 1 to 100; 20 when neither `first` nor `last` is given.",
      }),
      after: t.arg.string({ description: "Only entities after this cursor." }),
      last: t.arg.int({
        description: "How many entities from the end, 1 to 100; not together with `first`.",
      }),
      before: t.arg.string({ description: "Only entities before this cursor." }),
    },
    resolve: (_root, args, context) => connectEntities(context, args),
  }),
);
