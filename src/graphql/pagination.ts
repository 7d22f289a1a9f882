import type { ObjectRef } from "@pothos/core";
import { BadUserInputError } from "../errors.ts";
import { builder } from "./builder.ts";

type Types = (typeof builder)["$inferSchemaTypes"];

/** Page size when none is asked for, and the most that can be asked for. */
export const limitDefault = 20;
export const pageLimitMax = 100;

export interface PageArgs {
  readonly offset: number;
  readonly limit: number;
}

/** One page of a list; the total is counted only when selected. */
export interface Page<T> extends PageArgs {
  readonly items: readonly T[];
  /** Exact count of all items of the list. */
  readonly count: () => Promise<number> | number;
}

/** Greatest Int (GraphQL specification, section 3.5.1). */
const intMax = 2 ** 31 - 1;

/** @throws {BadUserInputError} for an offset below 0 or a limit outside 1 to 100. */
export function checkPage({ offset, limit }: PageArgs): PageArgs {
  if (offset < 0) throw new BadUserInputError("offset", `expected 0 or more, got ${offset}`);
  return { offset, limit: checkLimit("limit", limit) };
}

/** @throws {BadUserInputError} for a page size outside 1 to 100; `field` names its argument. */
export function checkLimit(field: string, limit: number): number {
  if (limit < 1 || limit > pageLimitMax)
    throw new BadUserInputError(field, `expected 1 to ${pageLimitMax}, got ${limit}`);
  return limit;
}

/** The arguments of every field that returns a page. */
export const pageArgs = builder.args((t) => ({
  offset: t.int({ required: true, defaultValue: 0, description: "Number of items to skip, 0 or more." }),
  limit: t.int({
    required: true,
    defaultValue: limitDefault,
    description: `How many items to return at most, 1 to ${pageLimitMax}.`,
  }),
}));

/** At once where the total is known: each promise among the fields of an object costs as much as some fields. */
const ofTotal = <T>(total: number | Promise<number>, answer: (total: number) => T): T | Promise<T> =>
  typeof total === "number" ? answer(total) : total.then(answer);

const PaginationMetadata = builder.objectRef<Page<unknown>>("PaginationMetadata").implement({
  description: "The position of a page in its list. Totals are exact, and counted only when selected.",
  fields: (t) => ({
    offset: t.exposeInt("offset", { description: "Items skipped before this page." }),
    limit: t.exposeInt("limit", { description: "The requested size of the page." }),
    page: t.int({
      description: "Number of this page, from 1.",
      // With one entity a page, after skipping as many as an Int can count, the number would exceed an Int by one.
      resolve: ({ offset, limit }) => Math.min(intMax, Math.floor(offset / limit) + 1),
    }),
    pageSize: t.exposeInt("limit", { description: "The same as `limit`." }),
    totalItems: t.int({ description: "Items in the whole list.", resolve: ({ count }) => count() }),
    totalPages: t.int({
      description: "Pages in the whole list; 0 for an empty one.",
      resolve: ({ count, limit }) => ofTotal(count(), (total) => Math.ceil(total / limit)),
    }),
    hasNext: t.boolean({
      description: "Whether items follow this page.",
      resolve: ({ offset, limit, count }) => ofTotal(count(), (total) => offset + limit < total),
    }),
    hasPrev: t.boolean({
      description: "Whether the list has items before this page.",
      resolve: ({ offset }) => offset > 0,
    }),
  }),
});

/** A list's page with its total, which is counted once however many fields ask for it. */
export function page<T>(args: PageArgs, items: readonly T[], count: Page<T>["count"]): Page<T> {
  let total: ReturnType<typeof count> | undefined;
  return { ...args, items, count: () => (total ??= count()) };
}

/** Declares the page type of a list, such as `EntityPage`. */
export function pageObject<T, P extends Page<T> = Page<T>>(
  name: string,
  item: ObjectRef<Types, T>,
  description: string,
) {
  return builder.objectRef<P>(name).implement({
    description,
    fields: (t) => ({
      items: t.field({
        type: [item],
        description: "The page's items, in order.",
        resolve: (self) => [...self.items],
      }),
      pagination: t.field({
        type: PaginationMetadata,
        description: "The position of the page in its list.",
        resolve: (self) => self,
      }),
    }),
  });
}
