import type { KeyboardEvent } from "react";

const middleOf = ({ left, width }: DOMRect) => left + width / 2;

/** The tile of the next row up (-1) or down (1) that is most nearly above or below. */
function acrossRows(tiles: readonly HTMLElement[], from: HTMLElement, way: 1 | -1): HTMLElement | undefined {
  const here = from.getBoundingClientRect();
  const boxes = tiles.map((tile) => ({ tile, box: tile.getBoundingClientRect() }));
  // Tiles of a row have the same height; half a pixel allows for rounding.
  const beyond = boxes.filter(({ box }) => (box.top - here.top) * way > 0.5);
  const nearest = Math.min(...beyond.map(({ box }) => (box.top - here.top) * way));
  const row = beyond.filter(({ box }) => (box.top - here.top) * way < nearest + 0.5);
  const away = ({ box }: { box: DOMRect }) => Math.abs(middleOf(box) - middleOf(here));
  return row.sort((one, other) => away(one) - away(other))[0]?.tile;
}

/** Moves the focus from tile to tile; the browser scrolls what has it into view. */
export function onArrowKey(event: KeyboardEvent<HTMLElement>): void {
  const from = event.target;
  if (!(from instanceof HTMLElement) || !from.matches(".tile .picture")) return;
  const tiles = [...event.currentTarget.querySelectorAll<HTMLElement>(".tile .picture")];
  const place = tiles.indexOf(from);
  const keys: Readonly<Record<string, () => HTMLElement | undefined>> = {
    ArrowLeft: () => tiles[place - 1],
    ArrowRight: () => tiles[place + 1],
    ArrowUp: () => acrossRows(tiles, from, -1),
    ArrowDown: () => acrossRows(tiles, from, 1),
  };
  const next = keys[event.key]?.();
  if (next == null) return;
  event.preventDefault();
  next.focus();
}
