import { useApolloClient } from "@apollo/client/react";
import { useCallback, useEffect, useState } from "react";
import type { Question } from "../shell/question.ts";
import { findItem, findPlace } from "./find-item.ts";
import type { KnownList } from "./grid.tsx";

/** Where the open item stands in its list. */
export interface Standing {
  /** From 0; null when it is in no place of the list, undefined while that is not known. */
  readonly place: number | null | undefined;
  readonly total: number | undefined;
}

interface Needs {
  readonly question: Question;
  readonly list: KnownList;
  /** The open item; null for none. */
  readonly open: string | null;
}

const placeOf = ({ items }: KnownList, id: string) => [...items].find(([, item]) => item.id === id)?.[0];

/** The items before and after the open one, also when a link led to it and the list around it was never loaded. */
export function useNeighbours({ question, list, open }: Needs) {
  const client = useApolloClient();
  const [found, setFound] = useState<{ readonly id: string; readonly place: number | null }>();
  const { total } = list;
  const loaded = open == null ? undefined : placeOf(list, open);
  const place = loaded ?? (found?.id === open ? found.place : undefined);

  const isLooking = open != null && total != null && place === undefined;
  useEffect(() => {
    if (!isLooking) return;
    let isOver = false;
    void findPlace(client, question, open)
      // After a failed read there are no neighbours for now.
      .catch(() => undefined)
      .then((there) => {
        if (!isOver) setFound({ id: open, place: there ?? null });
      });
    return () => {
      isOver = true;
    };
  }, [client, question, open, isLooking]);

  /** @returns the id; undefined beyond the ends. */
  const neighbour = useCallback(
    async (by: 1 | -1): Promise<string | undefined> => {
      if (place == null) return undefined;
      const next = place + by;
      if (next < 0 || next >= (list.total ?? Infinity)) return undefined;
      const id = list.items.get(next)?.id ?? (await findItem(client, question, next));
      // Its place is known by this; looking for it again would leave the next key without an effect meanwhile.
      if (id != null) setFound({ id, place: next });
      return id;
    },
    [client, list, place, question],
  );
  const standing: Standing = { place, total };
  return { standing, neighbour };
}
