import type { ApolloCache } from "@apollo/client";

/** The newest transaction whose changes a cache has received. */
const newest = new WeakMap<ApolloCache, number>();

/** `T17` as a number; undefined for what is no id of a transaction. */
export function transactionNumber(id: unknown): number | undefined {
  const digits = typeof id === "string" ? /^T?(\d+)$/.exec(id)?.[1] : undefined;
  return digits == null ? undefined : Number(digits);
}

export function noteHeard(cache: ApolloCache, transactionId: unknown): void {
  const number = transactionNumber(transactionId);
  if (number != null && number > heardBy(cache)) newest.set(cache, number);
}

export const heardBy = (cache: ApolloCache): number => newest.get(cache) ?? 0;
