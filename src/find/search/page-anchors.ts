import { CommitCache } from "../../database/commit-cache.ts";
import type { Deps } from "../../deps.ts";
import type { Key } from "./keyset.ts";

/** Where a row stands in a list, counted from 0. */
export interface PageAnchor {
  readonly position: number;
  readonly key: Key;
}

const listsMax = 64;
const placesMax = 1000;

/** Places in one list, so that a page near one of them need not be counted out from the beginning. */
export class PageAnchors {
  #sorted: PageAnchor[] = [];

  /** The last one at or before a position. */
  before(position: number): PageAnchor | undefined {
    return this.#sorted[this.#countUpTo(position) - 1];
  }

  /** The first one at or after a position. */
  after(position: number): PageAnchor | undefined {
    return this.#sorted[this.#countUpTo(position - 1)];
  }

  add(place: PageAnchor): void {
    const index = this.#countUpTo(place.position);
    if (this.#sorted[index - 1]?.position === place.position) return;
    this.#sorted.splice(index, 0, place);
    if (this.#sorted.length > placesMax) this.#sorted = this.#sorted.filter((_, at) => at % 2 === 0);
  }

  /** How many stand at or before a position. */
  #countUpTo(position: number): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle]?.position ?? Infinity) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const lists = new WeakMap<Deps["db"], CommitCache<PageAnchors>>();

/** The places of a list that are true now, and until the next commit. */
export function anchorsOf(db: Deps["db"], list: string): PageAnchors {
  let known = lists.get(db);
  if (known == null) lists.set(db, (known = new CommitCache(() => db.revision(), { max: listsMax })));
  const at = known.now();
  let anchors = known.get(list);
  if (anchors == null) known.keep(list, (anchors = new PageAnchors()), at);
  return anchors;
}
