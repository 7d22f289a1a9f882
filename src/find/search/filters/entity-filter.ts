import { parseId } from "../../../database/model/ids.ts";
import { sql } from "../../../database/sql.ts";
import { QueryTooComplexError } from "../../../errors.ts";
import { columnOf, type Source } from "../source.ts";
import {
  all,
  any,
  conditionsOf,
  isNull,
  leaf,
  never,
  not,
  type Clauses,
  type Condition,
} from "./conditions.ts";
import type { EntityFilter } from "./filter.ts";
import { geo } from "./geo.ts";
import { keywords } from "./keywords.ts";
import { ascii, foldable, id, integer, kind, mediaType, number, text, time, wallClock } from "./values.ts";

/** Each may become a dozen comparisons with as many variables, and a statement names a condition up to three times. */
const clausesMax = 500;
/** The compiler below calls itself once a level. */
const depthMax = 100;

/** Comparisons a filter makes itself, without those of the filters in it; one that makes none is one too. */
function countClauses(filter: EntityFilter): number {
  let count = 0;
  for (const value of Object.values(filter) as unknown[]) {
    const isObject = typeof value === "object" && value !== null;
    if (!Array.isArray(value)) count += isObject ? Object.keys(value).length : 1;
  }
  return Math.max(1, count);
}

/** Everything below a collection at any depth; the collection itself is not. */
function under(source: Source, value: string): Condition {
  const top = parseId(value);
  if (top == null) return never;
  return leaf(sql`${columnOf(source, "parentId")} IN (${source.inside(top)})`);
}

/** Directly in a folder, or a member of an album. */
function inCollection(source: Source, value: string): Condition {
  const id = parseId(value);
  if (id == null) return never;
  return any([leaf(sql`${columnOf(source, "parentId")} = ${id}`), source.memberOf(id)]);
}

/** With the file itself, or with a picture that was to be made of it. */
const hasProblems = (source: Source): Condition =>
  any([
    isNull(columnOf(source, "problems"), false),
    leaf(sql`${columnOf(source, "originalId")} IN (SELECT "originalId" FROM "DerivativeFailure")`),
  ]);

/**
 * A filter as a condition over the rows of a source.
 * @throws {BadUserInputError} for values out of range
 * @throws {QueryTooComplexError} for more than 100 levels or 500 clauses; fewer levels may still be too
 *   many for SQL, see `whereOf`.
 */
export function filterCondition(filter: EntityFilter, source: Source): Condition {
  const { alias } = source;
  let clauseCount = 0;

  const column = (name: string) => columnOf(source, name);

  const compile = (part: EntityFilter, depth: number, path: string): Condition => {
    clauseCount += countClauses(part);
    if (depth > depthMax || clauseCount > clausesMax) {
      throw new QueryTooComplexError(
        `The filter has more than ${depthMax} levels or ${clausesMax} clauses; use \`in\` for long lists`,
      );
    }
    const parts = (filters: readonly EntityFilter[], name: "AND" | "OR" | "NOT") =>
      filters.map((inner, index) => compile(inner, depth + 1, `${path}.${name}.${index}`));
    const clauses: Clauses<EntityFilter> = {
      AND: (filters) => all(parts(filters, "AND")),
      OR: (filters) => any(parts(filters, "OR")),
      NOT: (filters) => all(parts(filters, "NOT").map(not)),
      id: (value) => id(column(source.id), value, true),
      parentId: (value) => id(column("parentId"), value),
      under: (value) => under(source, value),
      parentIsDeleted: (yes) => {
        const condition = leaf(source.isParentDeleted(alias));
        return yes ? condition : not(condition);
      },
      kind: (value) => kind(sql`${column("isCollection")}`, column("kind"), value),
      inCollection: (value) => inCollection(source, value),
      isCollection: (yes) => leaf(sql`${column("isCollection")} = ${yes}`),
      label: (value) => text(foldable(alias, "label"), value),
      description: (value) => text(foldable(alias, "description"), value),
      originalName: (value) => text(foldable(alias, "originalName"), value),
      type: (value) => mediaType(column("type"), value),
      mimeType: (value) => text(ascii(alias, "mimeType"), value),
      extension: (value) => text(ascii(alias, "extension"), value),
      md5: (value) => text(ascii(alias, "md5"), value),
      fileSize: (value) => number(column("fileSize"), value),
      width: (value) => integer(column("width"), value),
      height: (value) => integer(column("height"), value),
      duration: (value) => number(column("duration"), value),
      capturedAt: (value) => time(column("capturedAt"), value),
      capturedLocal: (value) => wallClock(column("capturedLocal"), value),
      addedAt: (value) => time(column("addedAt"), value),
      updatedAt: (value) => time(column("updatedAt"), value),
      deletedAt: (value) => time(column("deletedAt"), value),
      cameraMake: (value) => text(foldable(alias, "cameraMake"), value),
      cameraModel: (value) => text(foldable(alias, "cameraModel"), value),
      keywords: (value) => keywords(source, value),
      rating: (value) => integer(column("rating"), value),
      altText: (value) => text(foldable(alias, "altText"), value),
      creator: (value) => text(foldable(alias, "creator"), value),
      copyright: (value) => text(foldable(alias, "copyright"), value),
      location: (value) => geo(source, value, `${path}.location`),
      hasProblems: (yes) => (yes ? hasProblems(source) : not(hasProblems(source))),
    };
    return all(conditionsOf(part, clauses));
  };

  return compile(filter, 0, "filter");
}
