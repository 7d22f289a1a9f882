import type { Page } from "playwright-core";

/** What a page has seen move while nobody scrolled it: layout shifts, and tiles, which browsers do not count. */
export interface Moves {
  shift: number;
  readonly tiles: string[];
}

/** Runs in the page, before anything of it. */
export function watch(): void {
  const moves: Moves = { shift: 0, tiles: [] };
  Object.assign(window, { moves });
  new PerformanceObserver((list) => {
    // The DOM's types do not know layout-shift entries.
    for (const entry of list.getEntries()) moves.shift += (entry as unknown as { value: number }).value;
  }).observe({ type: "layout-shift", buffered: true });
  let last = { at: -1, places: new Map<string, string>() };
  const look = () => {
    const at = document.querySelector(".scroller")?.scrollTop ?? -1;
    const places = new Map<string, string>();
    for (const picture of document.querySelectorAll<HTMLElement>(".tile .picture")) {
      const { left, top, width, bottom } = picture.getBoundingClientRect();
      const id = picture.dataset["id"] ?? "";
      if (bottom > 0 && top < window.innerHeight) places.set(id, [left, top, width].map(Math.round).join());
    }
    if (at === last.at)
      for (const [id, place] of places) {
        const was = last.places.get(id);
        if (was != null && was !== place) moves.tiles.push(`${id}: ${was} to ${place}`);
      }
    last = { at, places };
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

export const movesOf = (page: Page): Promise<Moves> =>
  // `watch` has put it there.
  page.evaluate(() => (window as unknown as { moves: Moves }).moves);
