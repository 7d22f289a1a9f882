import type { FieldPolicy } from "@apollo/client/cache";
import { mergePage, placeOf, readPage, type HeldList, type Item, type Page } from "./held-list.ts";

/**
 * Merges pages by number into one list and gives them back by offset and limit.
 * A page with an item that was evicted, or never fetched, is missing as a whole: Apollo fetches it again
 * rather than showing it short.
 * @param keyArgs the arguments that make a list another one
 * @param entityField where an item has its entity, when it is none itself
 */
export function pagePolicy(keyArgs: string[], entityField?: string): FieldPolicy<HeldList, Page, Page> {
  return {
    keyArgs,
    merge: (held, incoming, { args }) =>
      mergePage(held, incoming, placeOf(args ?? {}), pick(args ?? {}, keyArgs)),
    read: (held, { args, canRead, readField }) => {
      const isThere = (item: Item) =>
        canRead(item) && (entityField == null || canRead(readField(entityField, item)));
      return held == null ? undefined : readPage(held, placeOf(args ?? {}), isThere);
    },
  };
}

export const pick = (args: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => (args[name] == null ? [] : [[name, args[name]]])));
