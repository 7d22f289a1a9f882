/** How much of each entity's history is kept; what either limit lets go, goes. The current version always stays. */
export interface Limits {
  /** Newest versions kept of each entity, the current one counted; 0 keeps all. */
  readonly historyVersionsMax: number;
  /** Days for which a version is kept after another one took its place; 0 keeps it forever. */
  readonly historyDaysMax: number;
}

const dayMs = 86_400_000;

export const keepsEverything = ({ historyVersionsMax, historyDaysMax }: Limits): boolean =>
  historyVersionsMax === 0 && historyDaysMax === 0;

/** Versions that ended before this instant go; null when time takes none. @param now UTC milliseconds. */
export const keptSince = ({ historyDaysMax }: Limits, now: number): Date | null =>
  historyDaysMax === 0 ? null : new Date(now - historyDaysMax * dayMs);

/** Such as `3 versions`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** The limits in words, for people and as the reason of the transactions. */
export function describeLimits({ historyVersionsMax, historyDaysMax }: Limits): string {
  const rules = [
    ...(historyVersionsMax === 0 ? [] : [`beyond the newest ${historyVersionsMax} of an entity`]),
    ...(historyDaysMax === 0 ? [] : [`replaced more than ${counted(historyDaysMax, "day")} ago`]),
  ];
  return `versions ${rules.join(" or ")}`;
}
