import type { EntityVersion } from "../../database/generated/client.ts";
import { keywordsOf } from "../../database/model/keywords.ts";
import { stateColumns, traitsOf, type StateColumn } from "../../database/model/entity-state.ts";

/** One field that differs between two states, both as the API shows them. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Show = (state: EntityVersion) => unknown;

/** Fields that the API does not show as their column's kind says. */
const special: Partial<Readonly<Record<StateColumn, Show>>> = {
  parentId: (state) => (state.parentId == null ? null : String(state.parentId)),
  keywords: (state) => keywordsOf(state.keywords),
  factsState: (state) => (state.isCollection ? null : state.factsState),
};

/** A value as JSON has it. */
function plain(value: EntityVersion[StateColumn]): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "bigint" ? Number(value) : value;
}

const shown = stateColumns
  .filter((column) => traitsOf[column].isHidden !== true)
  .map((field) => ({ field, show: special[field] ?? ((state: EntityVersion) => plain(state[field])) }));

/** The fields that differ; compared with nothing (for a first version), every field that has a value. */
export function changesBetween(before: EntityVersion | undefined, after: EntityVersion): FieldChange[] {
  return shown
    .filter(({ field, show }) =>
      // Lists are compared by the column that they stand in.
      field === "keywords"
        ? (before?.keywords ?? null) !== after.keywords
        : (before == null ? null : show(before)) !== show(after),
    )
    .map(({ field, show }) => ({ field, before: before == null ? null : show(before), after: show(after) }));
}
