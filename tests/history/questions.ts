import type { EntityFilter, EntityOrderBy, TrashScope } from "../generated/graphql.ts";
import type { Dice } from "./dice.ts";
import type { Version } from "./model.ts";
import { anyKeyword, saidOf, shownSaid } from "./said.ts";
import { words } from "./words.ts";

type Then = ReadonlyMap<number, Version>;
type Holds = (version: Version) => boolean;

/** What is asked of a library, and which of its versions answer it. */
export interface Question {
  readonly variables: {
    readonly filter?: EntityFilter;
    readonly search?: string;
    readonly orderBy?: EntityOrderBy[];
    readonly trash: TrashScope;
    readonly offset: number;
    readonly limit: number;
  };
  readonly answer: (then: Then) => { readonly items: readonly Version[]; readonly total: number };
}

interface Clause {
  readonly filter: EntityFilter;
  readonly holds: (then: Then) => Holds;
}

const always = (holds: Holds) => () => holds;

function isUnder(then: Then, { state }: Version, top: number): boolean {
  for (let at = state.parentId; at != null; at = then.get(at)?.state.parentId ?? null)
    if (at === top) return true;
  return false;
}

const leaves: readonly ((dice: Dice, ids: readonly number[], times: readonly number[]) => Clause)[] = [
  (dice) => {
    const word = dice.pick(words);
    return {
      filter: { label: { contains: word } },
      holds: always(({ state }) => state.label?.includes(word) === true),
    };
  },
  (dice) => {
    const word = dice.pick(words);
    return { filter: { label: { not: word } }, holds: always(({ state }) => state.label !== word) };
  },
  () => ({
    filter: { description: { isNull: false } },
    holds: always(({ state }) => state.description != null),
  }),
  (dice, ids) => {
    const id = dice.find(ids) ?? 1;
    return {
      filter: { parentId: { equals: String(id) } },
      holds: always(({ state }) => state.parentId === id),
    };
  },
  (dice, ids) => {
    const id = dice.find(ids) ?? 1;
    return {
      filter: { inCollection: String(id) },
      holds:
        (then) =>
        ({ entityId, state }) =>
          state.parentId === id || then.get(id)?.state.album?.members.includes(entityId) === true,
    };
  },
  (dice) => {
    const isAlbum = dice.chance(50);
    return {
      filter: { kind: { equals: isAlbum ? "ALBUM" : "FOLDER" } },
      holds: always(({ state }) => state.isCollection && (state.album != null) === isAlbum),
    };
  },
  () => ({ filter: { parentId: { isNull: true } }, holds: always(({ state }) => state.parentId == null) }),
  (dice) => {
    const isCollection = dice.chance(50);
    return { filter: { isCollection }, holds: always(({ state }) => state.isCollection === isCollection) };
  },
  (dice) => {
    const width = 16 + dice.below(24);
    return {
      filter: { width: { gte: width } },
      holds: always(({ state }) => (state.file?.width ?? 0) >= width),
    };
  },
  (dice) => {
    const keyword = anyKeyword(dice);
    return {
      filter: { keywords: { has: keyword } },
      holds: always(({ state }) => saidOf(state).keywords.includes(keyword)),
    };
  },
  () => ({
    filter: { keywords: { under: "places" } },
    holds: always(({ state }) => saidOf(state).keywords.some((keyword) => keyword.startsWith("places|"))),
  }),
  (dice) => {
    const rating = 1 + dice.below(5);
    return {
      filter: { rating: { gte: rating } },
      holds: always(({ state }) => (saidOf(state).rating ?? -2) >= rating),
    };
  },
  (dice) => {
    const day = `2019-07-${String(1 + dice.below(28)).padStart(2, "0")}T00:00:00.000`;
    return {
      filter: { capturedLocal: { gte: day } },
      holds: always(({ state }) => (saidOf(state).captured?.local ?? "") >= day),
    };
  },
  (dice) => {
    const south = 40 + dice.below(20);
    return {
      filter: { location: { within: { north: 90, south, west: 12, east: 13 } } },
      holds: always(({ state }) => (saidOf(state).location?.latitude ?? 0) >= south),
    };
  },
  (dice, _ids, times) => {
    const time = dice.find(times) ?? 0;
    return {
      filter: { updatedAt: { lt: new Date(time).toISOString() } },
      holds: always(({ updatedAt }) => updatedAt < time),
    };
  },
];

function underAny(dice: Dice, ids: readonly number[]): Clause {
  const id = dice.find(ids) ?? 1;
  return { filter: { under: String(id) }, holds: (then) => (one) => isUnder(then, one, id) };
}

function anyClause(dice: Dice, ids: readonly number[], times: readonly number[], depth = 0): Clause {
  if (dice.chance(35)) return underAny(dice, ids);
  if (depth === 2 || dice.chance(60)) return dice.pick(leaves)(dice, ids, times);
  const parts = [0, 1].map(() => anyClause(dice, ids, times, depth + 1));
  const filters = parts.map(({ filter }) => filter);
  const each = (then: Then) => parts.map(({ holds }) => holds(then));
  switch (dice.below(3)) {
    case 0:
      return { filter: { AND: filters }, holds: (then) => (one) => each(then).every((holds) => holds(one)) };
    case 1:
      return { filter: { OR: filters }, holds: (then) => (one) => each(then).some((holds) => holds(one)) };
    default:
      return { filter: { NOT: filters }, holds: (then) => (one) => !each(then).some((holds) => holds(one)) };
  }
}

type Key = (version: Version) => string | number | null;

const keys = {
  id: ({ entityId }) => entityId,
  label: ({ state }) => state.label,
  originalName: ({ state }) => state.file?.name ?? null,
  fileSize: ({ state }) => state.file?.size ?? null,
  addedAt: ({ state }) => state.addedAt,
  updatedAt: ({ updatedAt }) => updatedAt,
  rating: ({ state }) => saidOf(state).rating,
  capturedAt: ({ state }) => shownSaid(state).capturedAt,
} as const satisfies Readonly<Record<string, Key>>;

/** What is absent comes last either way; the id breaks ties, in the direction of the step. */
const compareBy = (key: Key, direction: "ASC" | "DESC") => (one: Version, other: Version) => {
  const sign = direction === "ASC" ? 1 : -1;
  const [a, b] = [key(one), key(other)];
  if (a !== b && (a == null || b == null)) return a == null ? 1 : -1;
  if (a !== b && a != null && b != null) return a < b ? -sign : sign;
  return (one.entityId - other.entityId) * sign;
};

function hasWord({ state }: Version, word: string): boolean {
  const { keywords, altText, creator } = saidOf(state);
  const texts = [state.label, state.description, state.file?.name, altText, creator, ...keywords];
  return texts.some((text) => text?.split(/[ .|]/).includes(word) === true);
}

/**
 * @param ids of collections, as places to look in.
 * @param times UTC milliseconds that may be asked for.
 */
export function anyQuestion(dice: Dice, ids: readonly number[], times: readonly number[]): Question {
  const clause = dice.chance(75) ? anyClause(dice, ids, times) : null;
  const search = dice.chance(20) ? dice.pick(words) : null;
  const key = dice.chance(80) ? dice.pick(Object.keys(keys) as (keyof typeof keys)[]) : null;
  const direction = dice.pick(["ASC", "DESC"] as const);
  const trash = dice.pick(["LIVE", "TRASHED", "ANY", "ANY"] as const);
  const [offset, limit] = dice.chance(70) ? [0, 100] : [dice.below(10), 1 + dice.below(10)];
  const isOnSide = ({ state }: Version) => trash === "ANY" || (trash === "LIVE") === (state.trash == null);
  return {
    variables: {
      ...{ trash, offset, limit },
      ...(clause == null ? {} : { filter: clause.filter }),
      ...(search == null ? {} : { search }),
      ...(key == null ? {} : { orderBy: [{ [key]: direction }] }),
    },
    answer: (then) => {
      const holds = clause?.holds(then) ?? (() => true);
      const found = [...then.values()].filter(
        (one) => isOnSide(one) && holds(one) && (search == null || hasWord(one, search)),
      );
      const inOrder = key == null ? compareBy(keys.addedAt, "DESC") : compareBy(keys[key], direction);
      return { items: found.sort(inOrder).slice(offset, offset + limit), total: found.length };
    },
  };
}
