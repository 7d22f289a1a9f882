import type {
  FieldMergeFunction,
  FieldPolicy,
  FieldReadFunction,
  Reference,
  StoreObject,
} from "@apollo/client/cache";
import { relayStylePagination } from "@apollo/client/utilities";
import { pick } from "./page-policy.ts";

export type HeldEdge = StoreObject & {
  readonly node?: Reference;
  readonly cursor?: string;
};

/** The cached part of a list by cursors. */
export interface HeldConnection {
  /** As in `HeldList`. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Missing when the list was dropped, and while only totals were selected. */
  readonly edges?: readonly HeldEdge[];
  readonly pageInfo?: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor?: string | null;
    readonly endCursor?: string | null;
  };
  readonly totalCount?: number;
  /** How many edges the list had when it was dropped: as many are asked for again. */
  readonly dropped?: number;
}

/** A list with edges, as `relayStylePagination` knows it. */
export type Loaded = HeldConnection & Required<Pick<HeldConnection, "edges" | "pageInfo">>;

interface RelayPolicy {
  readonly read: FieldReadFunction<HeldConnection>;
  readonly merge: FieldMergeFunction<HeldConnection>;
}

export const isLoaded = (held: HeldConnection | undefined): held is Loaded =>
  held?.edges != null && held.pageInfo != null;

export const sizeOf = ({ edges, dropped }: HeldConnection): number => edges?.length ?? dropped ?? 0;

/** Only the server can tell what the list is now; it is asked for with as many edges as were held. */
export const dropConnection = (held: HeldConnection): HeldConnection => ({
  args: held.args,
  dropped: sizeOf(held),
});

/** The name of a list by cursors among the cache's fields. */
export const connectionKey = (
  fieldName: string,
  args: Readonly<Record<string, unknown>>,
  keyArgs: readonly string[],
): string =>
  // The last ones are another list than the first ones: one would take the other's place.
  `${fieldName}:${JSON.stringify({ ...pick(args, keyArgs), end: endOf(args) })}`;

const endOf = ({ last, before }: Readonly<Record<string, unknown>>) =>
  last == null && before == null ? "first" : "last";

/**
 * Lists by cursors that grow with `fetchMore`, one from each end. One that has lost an entity is missing as a whole,
 * where `relayStylePagination` alone would show it short forever.
 */
export function connectionPolicy(keyArgs: string[]): FieldPolicy<HeldConnection> {
  // It has both functions, and keeps what else a list has, such as `totalCount` and `args`, as it is.
  const relay = relayStylePagination() as unknown as RelayPolicy;
  return {
    keyArgs: (args, { fieldName }) => connectionKey(fieldName, args ?? {}, keyArgs),
    merge: (held, incoming, options) => {
      const { after, before } = options.args ?? {};
      const args = pick(options.args ?? {}, keyArgs);
      if (isLoaded(held)) return { ...relay.merge(held, incoming, options), args };
      // Totals alone say nothing of edges.
      if (incoming.edges == null) return { ...held, ...incoming, args };
      // More of a list that has been dropped meanwhile: it would begin in its middle.
      if (held?.dropped != null && (after != null || before != null)) return held;
      return { ...relay.merge(undefined, incoming, options), args };
    },
    read: (held, options) => {
      if (!isLoaded(held)) return held;
      const { canRead, readField } = options;
      const isThere = held.edges.every((edge) => canRead(readField("node", edge)));
      const list = isThere ? relay.read(held, options) : undefined;
      if (list?.pageInfo == null) return undefined;
      // Where there is none it says "", and the server null.
      const { startCursor, endCursor } = list.pageInfo;
      return {
        ...list,
        pageInfo: { ...list.pageInfo, startCursor: startCursor || null, endCursor: endCursor || null },
      };
    },
  };
}
