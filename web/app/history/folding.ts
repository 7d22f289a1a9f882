import type { Transaction } from "./transactions.tsx";

/** One line of the history: several where files came one after another. */
export interface Row {
  readonly transactions: readonly Transaction[];
}

export interface Day {
  /** An instant of it. */
  readonly day: string;
  readonly rows: readonly Row[];
}

/** Fewer uploads are shown one by one. */
const foldMin = 4;

const isUpload = ({ operation, entityCount, undoneBy }: Transaction) =>
  operation === "uploadEntity" && entityCount === 1 && undoneBy == null;

const dayOf = ({ at }: Transaction) => new Date(at).toDateString();

/** Neighbours that belong together. */
function groups<T>(all: readonly T[], isSame: (one: T, other: T) => boolean): T[][] {
  const found: T[][] = [];
  for (const each of all) {
    const group = found.at(-1);
    const last = group?.at(-1);
    if (group != null && last !== undefined && isSame(last, each)) group.push(each);
    else found.push([each]);
  }
  return found;
}

/** By day; a hundred uploads that follow each other are one line. @param transactions the newest first */
export function foldedOf(transactions: readonly Transaction[]): readonly Day[] {
  return groups(transactions, (one, other) => dayOf(one) === dayOf(other)).map((ofDay) => ({
    day: ofDay[0]?.at ?? "",
    rows: groups(
      ofDay,
      (one, other) => isUpload(one) && isUpload(other) && one.actor === other.actor,
    ).flatMap((group): Row[] =>
      group.length >= foldMin
        ? [{ transactions: group }]
        : group.map((transaction) => ({ transactions: [transaction] })),
    ),
  }));
}
