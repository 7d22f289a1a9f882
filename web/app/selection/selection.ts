/** The selected items, and where a range would begin. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly anchor: string | null;
}

export const nothing: Selection = { ids: new Set(), anchor: null };

/** One item more or less. */
export function toggled({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** More items; the range begins where it began. */
export const joined = ({ ids, anchor }: Selection, more: readonly string[]): Selection => ({
  ids: new Set([...ids, ...more]),
  anchor,
});

/** Without what is gone. */
export function without({ ids, anchor }: Selection, gone: readonly string[]): Selection {
  const left = new Set(ids);
  for (const id of gone) left.delete(id);
  return { ids: left, anchor: anchor != null && left.has(anchor) ? anchor : null };
}

/** Places of a list, both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** From one place to another, whichever comes first. */
export const rangeOf = (one: number, other: number): Range => ({
  from: Math.min(one, other),
  to: Math.max(one, other),
});

/** The ids of a range when all are known; undefined when some have never been loaded. */
export function knownIds(
  items: ReadonlyMap<number, { readonly id: string }>,
  { from, to }: Range,
): readonly string[] | undefined {
  const ids: string[] = [];
  for (let place = from; place <= to; place++) {
    const item = items.get(place);
    if (item == null) return undefined;
    ids.push(item.id);
  }
  return ids;
}
