import {
  factColumns,
  programColumns,
  stateColumns,
  traitsOf,
  type StateColumn,
} from "../model/entity-state.ts";
import { identifier, join, sql, type Sql } from "../sql.ts";

const own = (alias: string, column: StateColumn): Sql => sql`${identifier(alias)}.${identifier(column)}`;

/** The state's columns as INSERT names them. */
export const stateNames = join(stateColumns.map(identifier));
/** The same columns of `"Entity" e`. */
export const entityStateColumns = join(stateColumns.map((column) => own("e", column)));

/** What an entity that goes back to a version keeps, or gets in another way. */
const special: ReadonlySet<StateColumn> = new Set([...programColumns, "isCollection", "md5"]);
const facts: ReadonlySet<StateColumn> = new Set(factColumns);

/** Assignments that give a row the state of version "v", with the facts of version "f". */
export const restoredColumns = join(
  stateColumns
    .filter((column) => !special.has(column))
    .map((column) => sql`${identifier(column)} = ${own(facts.has(column) ? "f" : "v", column)}`),
);

/** Whether all that people say of "e" is as in "p" but for its place and the side of the trash. */
export const saysTheSame = join(
  stateColumns
    .filter((column) => traitsOf[column].by === "people" || traitsOf[column].by === "described")
    .filter((column) => traitsOf[column].foldOf == null)
    .filter((column) => column !== "parentId" && column !== "isDeleted" && column !== "isCollection")
    .map((column) => sql`${own("e", column)} IS NOT DISTINCT FROM ${own("p", column)}`),
  " AND ",
);
