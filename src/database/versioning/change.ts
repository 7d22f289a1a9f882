import { describedNames, fileValuesOf, withFile, type Said } from "../model/described.ts";
import type { EntityState, StateColumn } from "../model/entity-state.ts";
import type { EntityId } from "../model/ids.ts";
import { identifier, join, sql, type Sql } from "../sql.ts";
import { folded } from "./stamping.ts";

/** Columns of one entity that get other values. */
export interface EntityChange {
  readonly id: EntityId;
  readonly columns: Partial<EntityState>;
}

/** Changes of the same columns, which one statement writes. */
export interface ChangeLot {
  readonly columns: readonly StateColumn[];
  readonly rows: readonly { readonly id: EntityId; readonly values: readonly unknown[] }[];
}

/** Rows in one statement. */
const lotRows = 2_000;

/** The changes with their folded strings, those of the same columns together. */
export function lotsOf(changes: readonly EntityChange[]): ChangeLot[] {
  const groups = new Map<string, { columns: readonly StateColumn[]; rows: ChangeLot["rows"][number][] }>();
  for (const { id, columns } of changes) {
    const data: Partial<Record<StateColumn, unknown>> = { ...columns, ...folded(columns) };
    // The keys of an object of columns.
    const names = (Object.keys(data) as StateColumn[]).sort();
    const group = groups.get(names.join()) ?? { columns: names, rows: [] };
    groups.set(names.join(), group);
    group.rows.push({ id, values: names.map((name) => data[name] ?? null) });
  }
  return [...groups.values()].flatMap(({ columns, rows }) =>
    Array.from({ length: Math.ceil(rows.length / lotRows) }, (_, index) => ({
      columns,
      rows: rows.slice(index * lotRows, (index + 1) * lotRows),
    })),
  );
}

const said = ["fileValues", ...describedNames] as const satisfies readonly StateColumn[];
const saidBy = (alias: "v" | "f"): Sql =>
  join(said.map((column) => sql`${identifier(alias)}.${identifier(column)}`));

/**
 * Selects what people say in each version "v", and what the file says in "f", where somebody has said anything.
 * @param versions FROM of "v" and "f".
 */
export const selectSaid = (versions: Sql, alias: "v" | "f"): Sql => sql`
  SELECT v."entityId" AS "id", ${saidBy(alias)} FROM ${versions}
  WHERE v."version" <> f."version" AND (v."fileValues" IS NOT NULL OR f."fileValues" IS NOT NULL) ORDER BY v."entityId"`;

/** As SQL gives it: times as UTC milliseconds, booleans as 0 and 1. */
export type SaidRow = Omit<Said, "capturedAt" | "capturedIsInferred"> & {
  readonly id: EntityId;
  readonly capturedAt: number | null;
  readonly capturedIsInferred: number | null;
};

const saidOf = ({ capturedAt, capturedIsInferred, ...row }: SaidRow): Said => ({
  ...row,
  capturedAt: capturedAt == null ? null : new Date(capturedAt),
  capturedIsInferred: capturedIsInferred == null ? null : capturedIsInferred === 1,
});

/** The words of the versions over what their files say in others, which were read later. */
export const mixedChanges = (then: readonly SaidRow[], later: readonly SaidRow[]): EntityChange[] =>
  then.flatMap((words, index) => {
    const file = later[index];
    return file == null
      ? []
      : [{ id: words.id, columns: withFile(saidOf(words), fileValuesOf(saidOf(file))) }];
  });
