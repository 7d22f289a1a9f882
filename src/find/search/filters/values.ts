import type { StateColumn } from "../../../database/model/entity-state.ts";
import { fold } from "../../../database/model/fold.ts";
import { contains, endsWith, isOneOf, isString, startsWith } from "../../../database/dialect.ts";
import { parseId } from "../../../database/model/ids.ts";
import { identifier, sql, type Sql } from "../../../database/sql.ts";
import {
  all,
  always,
  conditionsOf,
  isNull,
  leaf,
  never,
  not,
  oneOf,
  type Clauses,
  type Condition,
} from "./conditions.ts";
import type {
  CollectionKindFilter,
  IDFilter,
  IntFilter,
  MediaTypeFilter,
  RangeFilter,
  StringFilter,
} from "./filter.ts";

/** Strings without a folded twin in the table are lower-case ASCII already: MIME types, extensions, checksums. */
interface TextColumn {
  readonly plain: Sql;
  readonly folded: Sql;
  /** Of the folded column. */
  readonly name: string;
}

export function text({ plain, folded, name }: TextColumn, filter: StringFilter): Condition {
  const isSensitive = filter.mode === "SENSITIVE";
  const column = isSensitive ? plain : folded;
  const form = (value: string) => (isSensitive ? value : fold(value));
  const equals = (value: string) => leaf(isString(column, isSensitive ? "" : name, form(value)));
  const among = (values: readonly string[]) =>
    values.length === 0 ? never : leaf(isOneOf(column, isSensitive ? "" : name, values.map(form)));
  const clauses: Clauses<StringFilter> = {
    equals,
    not: (value) => not(equals(value)),
    in: among,
    notIn: (values) => not(among(values)),
    contains: (value) => leaf(contains(column, form(value))),
    startsWith: (value) => leaf(startsWith(column, form(value))),
    endsWith: (value) => (form(value) === "" ? isNull(column, false) : leaf(endsWith(column, form(value)))),
    isNull: (yes) => isNull(plain, yes),
    mode: () => always,
  };
  return all(conditionsOf(filter, clauses));
}

/** @param isKey whether it is the rows' own id, by which they are found. */
export function id(column: Sql, filter: IDFilter, isKey = false): Condition {
  const finding = (condition: Condition) =>
    isKey && condition.kind === "leaf" ? { ...condition, isSelective: true } : condition;
  const equals = (value: string) => {
    const parsed = parseId(value);
    return parsed == null ? never : finding(leaf(sql`${column} = ${parsed}`));
  };
  const among = (values: readonly string[]) =>
    finding(
      oneOf(
        column,
        values.map(parseId).filter((parsed) => parsed != null),
      ),
    );
  const clauses: Clauses<IDFilter> = {
    equals,
    not: (value) => not(equals(value)),
    in: among,
    notIn: (values) => not(among(values)),
    isNull: (yes) => isNull(column, yes),
  };
  return all(conditionsOf(filter, clauses));
}

const rangeClauses = <T extends Date | number | string>(column: Sql): Clauses<RangeFilter<T>> => ({
  equals: (value) => leaf(sql`${column} = ${value}`),
  lt: (value) => leaf(sql`${column} < ${value}`),
  lte: (value) => leaf(sql`${column} <= ${value}`),
  gt: (value) => leaf(sql`${column} > ${value}`),
  gte: (value) => leaf(sql`${column} >= ${value}`),
  isNull: (yes) => isNull(column, yes),
});

export const number = (column: Sql, filter: RangeFilter<number>): Condition =>
  all(conditionsOf(filter, rangeClauses<number>(column)));

/** Kept as `2019-07-21T14:03:11.250`, which sorts as the clock runs. */
export const wallClock = (column: Sql, filter: RangeFilter<string>): Condition =>
  all(conditionsOf(filter, rangeClauses<string>(column)));

export const time = (column: Sql, filter: RangeFilter<Date>): Condition =>
  all(conditionsOf(filter, rangeClauses<Date>(column)));

export function integer(column: Sql, filter: IntFilter): Condition {
  const clauses: Clauses<IntFilter> = {
    ...rangeClauses<number>(column),
    not: (value) => not(leaf(sql`${column} = ${value}`)),
    in: (values) => oneOf(column, values),
  };
  return all(conditionsOf(filter, clauses));
}

export function mediaType(column: Sql, filter: MediaTypeFilter): Condition {
  const clauses: Clauses<MediaTypeFilter> = {
    equals: (value) => leaf(sql`${column} = ${value}`),
    not: (value) => not(leaf(sql`${column} = ${value}`)),
    in: (values) => oneOf(column, values),
    notIn: (values) => not(oneOf(column, values)),
    isNull: (yes) => isNull(column, yes),
  };
  return all(conditionsOf(filter, clauses));
}

/** A collection's kind; folders have none in their column. */
export function kind(isCollection: Sql, column: Sql, filter: CollectionKindFilter): Condition {
  const value = sql`CASE WHEN ${isCollection} THEN COALESCE(${column}, 'FOLDER') END`;
  const clauses: Clauses<CollectionKindFilter> = {
    equals: (wanted) => leaf(sql`${value} = ${wanted}`),
    in: (values) => oneOf(value, values),
    isNull: (yes) => (yes ? not(leaf(sql`${isCollection}`)) : leaf(sql`${isCollection}`)),
  };
  return all(conditionsOf(filter, clauses));
}

/** Columns that have a twin without case and accents. */
type Foldable<C = StateColumn> = C extends `${infer Plain}Folded` ? Plain : never;

/** A column and its folded twin. */
export const foldable = (alias: string, name: Foldable): TextColumn => ({
  plain: sql`${identifier(alias)}.${identifier(name)}`,
  folded: sql`${identifier(alias)}.${identifier(`${name}Folded`)}`,
  name: `${name}Folded`,
});

/** A column of lower-case ASCII, which is its own folded form. */
export function ascii(alias: string, name: string): TextColumn {
  const plain = sql`${identifier(alias)}.${identifier(name)}`;
  return { plain, folded: plain, name };
}
