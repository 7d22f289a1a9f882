import { skipToken, useQuery } from "@apollo/client/react";
import { useEffect, useMemo, useState } from "react";
import type { Question } from "../shell/question.ts";
import { itemOf, type Item } from "./item.ts";
import { FOUND, LIST, PAST } from "./operations.ts";

/** Items of one request; the API gives at most as many. */
export const blockSize = 100;

export interface LoadedBlock {
  /** Undefined until they are there. */
  readonly items: readonly Item[] | undefined;
  readonly total: number | undefined;
  readonly error: Error | undefined;
}

/** Blocks that are only scrolled past are not fetched. */
const restMs = 90;

function useRested(isNear: boolean): boolean {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    if (!isNear) return;
    const timer = setTimeout(() => setRested(true), restMs);
    return () => clearTimeout(timer);
  }, [isNear]);
  return rested;
}

/**
 * One block of a list, wherever it comes from: the library, a ranked search, or the library as it stood.
 * @param isUrgent whether to ask at once, as for the first block.
 */
export function useBlock(question: Question, index: number, isUrgent: boolean): LoadedBlock {
  const rested = useRested(!isUrgent);
  const isWaiting = !isUrgent && !rested;
  const { filter, search, orderBy, trash, at, isRanked } = question;
  const page = { offset: index * blockSize, limit: blockSize };
  const shown = { filter, search, orderBy: [...orderBy], trash, ...page };
  const quietly = { notifyOnNetworkStatusChange: false };
  const list = useQuery(
    LIST,
    isWaiting || at != null || isRanked ? skipToken : { variables: shown, ...quietly },
  );
  const found = useQuery(
    FOUND,
    isWaiting || !isRanked
      ? skipToken
      : { variables: { text: search ?? "", filter, trash, ...page }, ...quietly },
  );
  const past = useQuery(
    PAST,
    isWaiting || at == null ? skipToken : { variables: { at, ...shown }, ...quietly },
  );
  const items = useMemo((): readonly Item[] | undefined => {
    if (at != null) return past.data?.snapshot.entities.items.map((row) => itemOf(row.entityId, row));
    if (isRanked)
      return found.data?.search.items.map(({ entity, highlights }) => itemOf(entity.id, entity, highlights));
    return list.data?.entities.items.map((entity) => itemOf(entity.id, entity));
  }, [at, isRanked, past.data, found.data, list.data]);
  const pagination =
    at != null
      ? past.data?.snapshot.entities.pagination
      : isRanked
        ? found.data?.search.pagination
        : list.data?.entities.pagination;
  return { items, total: pagination?.totalItems, error: list.error ?? found.error ?? past.error };
}
