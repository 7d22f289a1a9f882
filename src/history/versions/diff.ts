import { isDeepStrictEqual } from "node:util";
import type { EntityVersion } from "../../database/generated/client.ts";
import { keywordsOf } from "../../database/model/keywords.ts";
import { transactionIdText } from "../../database/model/ids.ts";
import { kindOf } from "../../library/entities/schema/entity-state.ts";
import { stateColumns, traitsOf, type StateColumn } from "../../database/model/entity-state.ts";
import { capturedOf, locatedOf, sourceOfPlace } from "../../library/entities/facts.ts";

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
  kind: kindOf,
  membersChangedIn: ({ membersChangedIn }) =>
    membersChangedIn == null ? null : transactionIdText(membersChangedIn),
  keywords: (state) => keywordsOf(state.keywords),
  factsState: (state) => (state.isCollection ? null : state.factsState),
};

/** A value as JSON has it. */
function plain(value: EntityVersion[StateColumn]): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "bigint" ? Number(value) : value;
}

const shownColumns = stateColumns
  .filter((column) => traitsOf[column].isHidden !== true)
  .map((field) => ({ field, show: special[field] ?? ((state: EntityVersion) => plain(state[field])) }));

/** Fields of several columns. */
const groups: readonly { readonly field: string; readonly show: Show }[] = [
  { field: "captured", show: showCaptured },
  { field: "location", show: showLocation },
];

function showCaptured(state: EntityVersion): unknown {
  const captured = capturedOf(state);
  return (
    captured && {
      local: captured.capturedLocal,
      offset: captured.capturedOffset,
      instant: captured.capturedAt.toISOString(),
      source: captured.capturedSource,
      isInferred: captured.capturedIsInferred,
    }
  );
}

function showLocation(state: EntityVersion): unknown {
  const located = locatedOf(state);
  if (located == null) return null;
  const { latitude, longitude, altitude } = located;
  return { latitude, longitude, altitude, source: sourceOfPlace(located) };
}

const shown: readonly { readonly field: string; readonly show: Show }[] = [...shownColumns, ...groups];

const isNothing = (value: unknown): boolean => value == null || (Array.isArray(value) && value.length === 0);

/** The fields that differ; compared with nothing (for a first version), every field that has a value. */
export const changesBetween = (before: EntityVersion | undefined, after: EntityVersion): FieldChange[] =>
  shown
    .map(({ field, show }) => ({ field, before: before == null ? null : show(before), after: show(after) }))
    .filter((change) =>
      before == null ? !isNothing(change.after) : !isDeepStrictEqual(change.before, change.after),
    );
