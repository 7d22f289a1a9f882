import { useCallback, useRef, useState, type FocusEvent, type KeyboardEvent, type RefObject } from "react";
import { onArrowKey } from "./arrow-keys.ts";
import type { Item } from "./item.ts";
import { blockSize } from "./use-block.ts";

interface Needs {
  readonly scroller: RefObject<HTMLElement | null>;
  /** Loaded items by their place in the list. */
  readonly items: RefObject<ReadonlyMap<number, Item>>;
  readonly count: number;
  /** The first and the last block that are drawn. */
  readonly drawn: readonly [number, number];
  /** Of the item that is looked at. */
  readonly position: number;
  readonly goTo: (offset: number) => void;
}

/**
 * The list is one stop of Tab, however long it is: arrows go from item to item, Home and End to its ends.
 * @returns `stop`: the place of the item that Tab comes to.
 */
export function useKeyboard({ scroller, items, count, drawn, position, goTo }: Needs) {
  const [visited, setVisited] = useState(0);
  /** The item that gets the focus as soon as it is drawn. */
  const wanted = useRef<number>(undefined);

  const focusWanted = useCallback(() => {
    const id = wanted.current == null ? undefined : items.current.get(wanted.current)?.id;
    const picture =
      id == null ? null : scroller.current?.querySelector<HTMLElement>(`.picture[data-id="${id}"]`);
    if (picture == null) return;
    wanted.current = undefined;
    picture.focus();
  }, [items, scroller]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== "Home" && event.key !== "End") {
      onArrowKey(event);
      return;
    }
    event.preventDefault();
    wanted.current = event.key === "Home" ? 0 : count - 1;
    // The focused tile may be removed by the scroll, and the focus with it.
    scroller.current?.focus({ preventScroll: true });
    goTo(wanted.current);
    focusWanted();
  };

  const onFocus = ({ target }: FocusEvent<HTMLElement>) => {
    const id = target.closest(".tile")?.querySelector<HTMLElement>(".picture")?.dataset["id"];
    const place = [...items.current].find(([, item]) => item.id === id)?.[0];
    if (place != null) setVisited(place);
  };

  const block = Math.floor(visited / blockSize);
  const isDrawn = block >= drawn[0] && block <= drawn[1];
  // After scrolling far away the focus goes to an item on the screen.
  const stop = Math.min(count - 1, isDrawn ? visited : position);
  return { stop, focusWanted, onKeyDown, onFocus };
}
