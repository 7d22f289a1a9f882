import { useApolloClient } from "@apollo/client/react";
import { useCallback, useEffect, useRef, useState, type MouseEvent, type RefObject } from "react";
import { formatItems } from "../shell/format.ts";
import { useNotices } from "../shell/notices.tsx";
import type { Question } from "../shell/question.ts";
import { isElsewhere } from "./is-elsewhere.ts";
import { listIds } from "./list-ids.ts";
import {
  joined,
  knownIds,
  nothing,
  rangeOf,
  toggled,
  without,
  type Range,
  type Selection,
} from "./selection.ts";

/** The loaded part of the list. */
interface Known {
  readonly total: number | undefined;
  readonly items: ReadonlyMap<number, { readonly id: string }>;
}

interface Given {
  readonly question: Question;
  readonly known: RefObject<Known>;
  /** Nothing can be done with the past, or by those who may only look. */
  readonly isOff: boolean;
}

export interface Selecting {
  readonly ids: ReadonlySet<string>;
  /** For a click on an item; with Shift everything from the one clicked before, seen or not. */
  readonly onSelect: (id: string, event: Pick<MouseEvent, "shiftKey">) => void;
  readonly selectAll: () => void;
  readonly clear: () => void;
  /** Deselects the ids that have left the list. */
  readonly drop: (gone: readonly string[]) => void;
}

/** Reading the ids of more takes long enough for a notice. */
const manyItems = 5_000;

const placeOf = ({ items }: Known, id: string | null) => [...items].find(([, item]) => item.id === id)?.[0];

/** The selection in a list. The caller's key makes another list another selection. */
export function useSelection({ question, known: list, isOff }: Given): Selecting {
  const client = useApolloClient();
  const { say } = useNotices();
  const [selection, setSelection] = useState<Selection>(nothing);

  // A read that goes on after the selection was given up would select its items afterwards.
  const reading = useRef(new AbortController());
  const add = useCallback(
    async (range: Range) => {
      const { signal } = reading.current;
      const count = range.to - range.from + 1;
      try {
        const known = knownIds(list.current.items, range);
        if (known == null && count > manyItems) say(`Selecting ${formatItems(count)} …`);
        const ids = known ?? (await listIds(client, question, { from: range.from, count, signal }));
        if (!signal.aborted) setSelection((was) => joined(was, ids));
      } catch {
        if (!signal.aborted) say("The items in between could not be read", true);
      }
    },
    [client, list, question, say],
  );
  const onSelect = useCallback<Selecting["onSelect"]>(
    (id, { shiftKey }) => {
      const [from, to] = [placeOf(list.current, selection.anchor), placeOf(list.current, id)];
      if (shiftKey && from != null && to != null) void add(rangeOf(from, to));
      else setSelection((was) => toggled(was, id));
    },
    [add, list, selection.anchor],
  );
  const selectAll = useCallback(() => {
    const { total } = list.current;
    if (total != null && total > 0) void add({ from: 0, to: total - 1 });
  }, [add, list]);
  const clear = useCallback(() => {
    reading.current.abort();
    reading.current = new AbortController();
    setSelection(nothing);
  }, []);
  useEffect(() => {
    if (isOff) return;
    const onKey = (event: KeyboardEvent) => {
      if (isElsewhere(event)) return;
      if (event.key === "Escape") clear();
      else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        selectAll();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [isOff, clear, selectAll]);
  const drop = useCallback((gone: readonly string[]) => setSelection((was) => without(was, gone)), []);
  return { ids: selection.ids, onSelect, selectAll, clear, drop };
}
