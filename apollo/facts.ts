import type { ChangeFragment } from "./generated/graphql.ts";

/** The known facts of an entity at some moment; a missing field is unknown. */
export type Facts = Partial<Pick<ChangeFragment, "isCollection" | "isDeleted" | "parentId" | "type">> & {
  readonly id: string;
};

/** How an entity went from one state to the next. */
export interface Step {
  readonly id: string;
  /** Null: there was none. */
  readonly before: Facts | null;
  /** Null: it was destroyed. */
  readonly after: Facts | null;
  /** Names of the fields that differ; null when unknown. */
  readonly changed: ReadonlySet<string> | null;
}

/** Stands for all that comes of the file, of which versions show only some. */
export const fileFacts = "fileFacts";

const readAgain = (operation: ChangeFragment["operation"]) => (operation === "READ_FACTS" ? [fileFacts] : []);

/** @param isGap whether other changes happened in between, of which nothing has been heard */
export function stepOf(change: ChangeFragment, isGap: boolean): Step {
  const { entityId: id, operation, isCollection, isDeleted, parentId, type } = change;
  const unknown = { id, isCollection };
  if (operation === "HARD_DELETE") return { id, before: unknown, after: null, changed: null };
  const after = { id, isCollection, isDeleted, parentId, type };
  if (operation === "CREATE") return { id, before: null, after, changed: null };
  // A reading may change fields that versions do not have, such as the placeholder. Otherwise a version that
  // differs in nothing does not exist: the one before has been pruned.
  const isKnown = change.changes.length > 0 || operation === "READ_FACTS";
  if (isGap || !isKnown) return { id, before: unknown, after, changed: null };
  const earlier = Object.fromEntries(change.changes.map(({ field, before }) => [field, before]));
  const before = Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, name in earlier ? earlier[name] : value]),
  );
  // The same fields with values of the same types: those of an earlier version.
  return {
    id,
    before: before as Facts,
    after,
    changed: new Set(["updatedAt", ...Object.keys(earlier), ...readAgain(operation)]),
  };
}
