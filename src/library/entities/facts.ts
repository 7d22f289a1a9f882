/** The values of `Entity.factsState`. */
export type FactsStateName = "READ" | "PENDING" | "FAILED";

/** How `Entity.problems` is kept: a JSON array in one column, null when there is none. */
export interface Problem {
  readonly code: string;
  readonly message: string;
}

// Written only by `problemsToText` below.
export const problemsOf = (text: string | null): readonly Problem[] =>
  text == null ? [] : (JSON.parse(text) as readonly Problem[]);

export const problemsToText = (problems: readonly Problem[]): string | null =>
  problems.length === 0 ? null : JSON.stringify(problems);
