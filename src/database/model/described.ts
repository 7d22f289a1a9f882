import type { EntityState } from "./entity-state.ts";

/** Columns in which the file says something at first, and people may say otherwise. */
export const describedNames = [
  ...(["keywords", "rating", "altText", "creator", "copyright"] as const),
  ...(["capturedAt", "capturedLocal", "capturedOffset", "capturedSource", "capturedIsInferred"] as const),
  ...(["latitude", "longitude", "altitude"] as const),
] as const;
export type DescribedName = (typeof describedNames)[number];

/** Values as the columns have them. */
export type Described = Pick<EntityState, DescribedName>;

/** The values, and what the file says of those that people have set. */
export type Said = Pick<EntityState, DescribedName | "fileValues">;

/** What people say: a value, which may be none at all, or null for what the file says. */
export type Words = { readonly [F in DescribedName]?: { readonly value: Described[F] } | null };

type Overruled = Partial<Described>;

// Written by `textOf` only, which leaves an instant as its ISO string.
function overruledOf({ fileValues }: Pick<Said, "fileValues">): Overruled {
  if (fileValues == null) return {};
  const parsed = JSON.parse(fileValues) as Overruled & { capturedAt?: string | null };
  const { capturedAt } = parsed;
  return capturedAt == null ? parsed : { ...parsed, capturedAt: new Date(capturedAt) };
}

/** Columns in their fixed order, so that equal ones have equal text. */
function textOf(overruled: Overruled): string | null {
  const given = describedNames.filter((name) => name in overruled);
  if (given.length === 0) return null;
  return JSON.stringify(Object.fromEntries(given.map((name) => [name, overruled[name] ?? null])));
}

const pick = (said: Described): Described =>
  // Each of them is copied.
  Object.fromEntries(describedNames.map((name) => [name, said[name]])) as Described;

/** Whether people have set a column, even to nothing. */
export const isSetByPeople = (said: Pick<Said, "fileValues">, name: DescribedName): boolean =>
  name in overruledOf(said);

/** What the file says of each. */
export const fileValuesOf = (said: Said): Described => ({ ...pick(said), ...overruledOf(said) });

/** The same words of people over what another file says. */
export function withFile(said: Said, file: Described): Said {
  const overruled = overruledOf(said);
  const set = describedNames.filter((name) => name in overruled);
  const kept = Object.fromEntries(set.map((name) => [name, said[name]]));
  const values = Object.fromEntries(set.map((name) => [name, file[name]]));
  return { ...pick(file), ...kept, fileValues: textOf(values) };
}

/** The same file under other words of people; a column left out stays as it is. */
export function withWords(said: Said, words: Words): Said {
  const file = fileValuesOf(said);
  const before = overruledOf(said);
  const overruled: Record<string, unknown> = {};
  const next: Record<string, unknown> = pick(said);
  for (const name of describedNames) {
    const word = words[name];
    if (word === undefined ? name in before : word != null) overruled[name] = file[name];
    if (word !== undefined) next[name] = word == null ? file[name] : word.value;
  }
  // Each column has a value of its own type.
  return { ...(next as Described), fileValues: textOf(overruled) };
}
