import { skipToken, useQuery } from "@apollo/client/react";
import type { AppDetailsQuery } from "../generated/graphql.ts";
import { DETAILS, PAST_DETAILS } from "./operations.ts";

export type Details = NonNullable<AppDetailsQuery["entity"]>;

export interface Viewed {
  /** Null when it is not there, undefined until that is known. */
  readonly entity: Details | null | undefined;
  readonly error: Error | undefined;
  readonly refetch: () => Promise<Details | null>;
}

/** Fields that versions do not have. */
const unsaid = {
  ...{ captured: null, location: null, camera: null, metadata: null },
  ...{ problems: [], ancestors: [], factsState: "READ" as const },
};

/**
 * The fields of an entity.
 * @param at as it stood then; null for now.
 */
export function useDetails(id: string, at: string | null): Viewed {
  const now = useQuery(DETAILS, at == null ? { variables: { id } } : skipToken);
  const then = useQuery(PAST_DETAILS, at == null ? skipToken : { variables: { id, at } });
  const { refetch } = now;
  const read = async () => (await refetch()).data?.entity ?? null;
  if (at == null) return { entity: now.data && (now.data.entity ?? null), error: now.error, refetch: read };
  const version = then.data?.snapshot.entity;
  const entity =
    then.data == null
      ? undefined
      : version == null
        ? null
        : { ...unsaid, ...version, __typename: "Entity" as const, id: version.entityId };
  return { entity, error: then.error, refetch: read };
}
