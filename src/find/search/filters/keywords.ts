import { foldSought } from "../../../library/entities/described.ts";
import { columnOf, type Source } from "../source.ts";
import { all, any, conditionsOf, isNull, type Clauses, type Condition } from "./conditions.ts";
import type { KeywordFilter } from "./filter.ts";

/** Keywords are compared without case and accents. */
export function keywords(source: Source, filter: KeywordFilter): Condition {
  const has = (keyword: string) => source.keyworded(foldSought(keyword), "itself");
  const clauses: Clauses<KeywordFilter> = {
    has,
    hasAny: (some) => any(some.map(has)),
    hasAll: (every) => all(every.map(has)),
    under: (path) => source.keyworded(foldSought(path), "or below"),
    isEmpty: (yes) => isNull(columnOf(source, "keywords"), yes),
  };
  return all(conditionsOf(filter, clauses));
}
