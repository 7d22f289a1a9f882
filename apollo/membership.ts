import type { Facts } from "./facts.ts";
import type { EntityFilter, EntityOrderBy, TrashScope } from "./generated/graphql.ts";

/** Null when it cannot be decided here. */
export type Verdict = boolean | null;

/** The arguments that define a list of entities. */
export interface ListArgs {
  readonly filter?: EntityFilter | null;
  readonly search?: string | null;
  readonly text?: string | null;
  readonly orderBy?: readonly EntityOrderBy[] | null;
  readonly trash?: TrashScope | null;
}

const all = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes(false) ? false : verdicts.includes(null) ? null : true;
const any = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes(true) ? true : verdicts.includes(null) ? null : false;
const not = (verdict: Verdict): Verdict => (verdict == null ? null : !verdict);

/** Whether an entity belongs to a list. */
export function isIn({ filter, search, text, trash }: ListArgs, facts: Facts): Verdict {
  const words = isSaid(search) || isSaid(text) ? null : true;
  return all([isOnSide(trash ?? "LIVE", facts), words, meets(filter ?? {}, facts)]);
}

const isSaid = (text: string | null | undefined) => text != null && text.trim() !== "";

const isOnSide = (trash: TrashScope, { isDeleted }: Facts): Verdict =>
  trash === "ANY" ? true : isDeleted == null ? null : isDeleted === (trash === "TRASHED");

type Clause = readonly [string, unknown];

/** A list where one filter stands, as GraphQL takes it. */
const filtersOf = (value: unknown): readonly EntityFilter[] =>
  // The server has taken them.
  (Array.isArray(value) ? value : [value]) as readonly EntityFilter[];

function meets(filter: EntityFilter, facts: Facts): Verdict {
  return all(Object.entries(filter).map((clause) => meetsClause(clause, facts)));
}

function meetsClause([name, value]: Clause, facts: Facts): Verdict {
  if (value == null) return null;
  if (name === "AND") return all(filtersOf(value).map((filter) => meets(filter, facts)));
  if (name === "OR") return any(filtersOf(value).map((filter) => meets(filter, facts)));
  if (name === "NOT") return all(filtersOf(value).map((filter) => not(meets(filter, facts))));
  if (name === "isCollection") return facts.isCollection == null ? null : facts.isCollection === value;
  if (name === "id") return compare(value, facts.id);
  if (name === "parentId") return compare(value, facts.parentId);
  if (name === "type") return compare(value, facts.type);
  return null;
}

/** @param fact undefined when unknown */
function compare(filter: object, fact: string | null | undefined): Verdict {
  if (fact === undefined) return null;
  return all(
    Object.entries(filter).map(([name, value]: Clause) => {
      if (value == null) return null;
      if (name === "isNull") return (fact == null) === value;
      const list: readonly unknown[] = Array.isArray(value) ? value : [value];
      // Ids may be given as numbers.
      const isOne = fact != null && list.some((one) => String(one) === fact);
      if (name === "equals" || name === "in") return isOne;
      return name === "not" || name === "notIn" ? !isOne : null;
    }),
  );
}

/** Fields that a search looks at, and fields from the file: they change with the file. */
const searched = ["label", "description", "originalName", "md5"];

/** Which fields of an entity a filter's clause depends on; those that are left out, on the field of their name. */
const sources: Readonly<Record<string, readonly string[]>> = {
  cameraMake: ["md5"],
  cameraModel: ["md5"],
  location: ["md5"],
  capturedLocal: ["md5"],
  deletedAt: ["isDeleted"],
  hasProblems: ["md5"],
  under: ["parentId"],
  parentIsDeleted: ["parentId", "isDeleted"],
};

/** Whether a change of these fields may take an entity into the list, or out of it. */
export function dependsOn({ filter, search, text, trash }: ListArgs, changed: ReadonlySet<string>): boolean {
  const fields = [
    ...((trash ?? "LIVE") === "ANY" ? [] : ["isDeleted"]),
    ...(isSaid(search) || isSaid(text) ? searched : []),
    ...fieldsOf(filter ?? {}),
  ];
  return fields.some((field) => changed.has(field));
}

function fieldsOf(filter: EntityFilter): readonly string[] {
  return Object.entries(filter).flatMap(([name, value]: Clause) =>
    name === "AND" || name === "OR" || name === "NOT"
      ? filtersOf(value ?? []).flatMap(fieldsOf)
      : (sources[name] ?? [name]),
  );
}

/** Whether the list asks where things lie: a collection that moves, or is trashed, takes others along that tell nothing. */
export const asksForTree = ({ filter }: ListArgs): boolean =>
  filter != null && /"(under|parentIsDeleted)"/.test(JSON.stringify(filter));
