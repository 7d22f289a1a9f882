import type { EntityState } from "./entity-state.ts";

/** What the file says at first, and people may say otherwise. */
export const describedFields = ["keywords", "rating", "altText", "creator", "copyright"] as const;
export type DescribedField = (typeof describedFields)[number];

/** Values as the columns have them. */
export type Described = Pick<EntityState, DescribedField>;

/** The values, and what the file says of those that people have set. */
export type Said = Pick<EntityState, DescribedField | "fileValues">;

/** What people say: a value, which may be none at all, or null for what the file says. */
export type Words = { readonly [F in DescribedField]?: { readonly value: Described[F] } | null };

type Overruled = Partial<Described>;

// Written by `textOf` only.
const overruledOf = ({ fileValues }: Pick<Said, "fileValues">): Overruled =>
  fileValues == null ? {} : (JSON.parse(fileValues) as Overruled);

/** Fields in their fixed order, so that equal ones have equal text. */
function textOf(overruled: Overruled): string | null {
  const given = describedFields.filter((field) => field in overruled);
  if (given.length === 0) return null;
  return JSON.stringify(Object.fromEntries(given.map((field) => [field, overruled[field] ?? null])));
}

const pick = (said: Described): Described => ({
  keywords: said.keywords,
  rating: said.rating,
  altText: said.altText,
  creator: said.creator,
  copyright: said.copyright,
});

/** What the file says of each. */
export const fileValuesOf = (said: Said): Described => ({ ...pick(said), ...overruledOf(said) });

/** The same words of people over what another file says. */
export function withFile(said: Said, file: Described): Said {
  const overruled = overruledOf(said);
  const set = describedFields.filter((field) => field in overruled);
  const kept = Object.fromEntries(set.map((field) => [field, said[field]]));
  const values = Object.fromEntries(set.map((field) => [field, file[field]]));
  return { ...pick(file), ...kept, fileValues: textOf(values) };
}

/** The same file under other words of people; a field left out stays as it is. */
export function withWords(said: Said, words: Words): Said {
  const file = fileValuesOf(said);
  const before = overruledOf(said);
  const overruled: Record<string, unknown> = {};
  const next: Record<string, unknown> = pick(said);
  for (const field of describedFields) {
    const word = words[field];
    if (word === undefined ? field in before : word != null) overruled[field] = file[field];
    if (word !== undefined) next[field] = word == null ? file[field] : word.value;
  }
  // Each field has a value of its own type.
  return { ...(next as Described), fileValues: textOf(overruled) };
}
