import type { FieldMergeFunction, FieldPolicy, FieldReadFunction, Reference } from "@apollo/client/cache";
import { relayStylePagination } from "@apollo/client/utilities";
import { pick } from "./page-policy.ts";

/** What `relayStylePagination` keeps of a list by cursors. */
export interface HeldConnection {
  /** As in `HeldList`. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly edges: readonly { readonly node?: Reference; readonly cursor?: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor?: string | null;
    readonly endCursor?: string | null;
  };
  readonly totalCount?: number;
}

interface RelayPolicy {
  readonly read: FieldReadFunction<HeldConnection>;
  readonly merge: FieldMergeFunction<HeldConnection>;
}

/**
 * Lists by cursors that grow with `fetchMore`, one from each end. One that has lost an entity is missing as a whole,
 * where `relayStylePagination` alone would show it short for ever.
 */
export function connectionPolicy(keyArgs: string[]): FieldPolicy<HeldConnection> {
  // It has both functions, and keeps what else a list has, such as `totalCount` and `args`, as it is.
  const relay = relayStylePagination() as unknown as RelayPolicy;
  return {
    // The last ones are another list than the first ones: one would take the other's place.
    keyArgs: (args, { fieldName }) =>
      `${fieldName}:${JSON.stringify({ ...pick(args ?? {}, keyArgs), end: endOf(args ?? {}) })}`,
    merge: (held, incoming, options) => ({
      ...relay.merge(held, incoming, options),
      args: pick(options.args ?? {}, keyArgs),
    }),
    read: (held, options) => {
      const { canRead, readField } = options;
      const isThere = held?.edges.every((edge) => canRead(readField("node", edge)));
      const list = isThere === true ? relay.read(held, options) : undefined;
      if (list == null) return undefined;
      // Where there is none it says "", and the server null.
      const { startCursor, endCursor } = list.pageInfo;
      return {
        ...list,
        pageInfo: { ...list.pageInfo, startCursor: startCursor || null, endCursor: endCursor || null },
      };
    },
  };
}

const endOf = ({ last, before }: Readonly<Record<string, unknown>>) =>
  last == null && before == null ? "first" : "last";
