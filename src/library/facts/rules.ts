import type { Entity } from "../../database/generated/client.ts";
import { fileValuesOf, withFile, type Described } from "../../database/model/described.ts";
import { factColumns as names } from "../../database/model/entity-state.ts";
import { problemsOf, problemsToText, type FactsStateName } from "../entities/facts.ts";
import type { Claimed } from "../../media/facts/capture-fallback.ts";
import type { MediaFacts, Unread } from "../../media/facts/facts.ts";
import { factColumns, type FactColumns } from "./columns.ts";
import type { MediaProblem } from "../../media/facts/problems.ts";

/** The result of reading a file's bytes. */
export type Reading =
  | { readonly facts: MediaFacts }
  /** Nothing can be said of it: no tool answered, the bytes are of no known type, or they are missing. */
  | { readonly failure: string };

export const isComplete = (reading: Reading): boolean =>
  "facts" in reading && reading.facts.unread.length === 0;

/** Readings at rest that may fail before it is the file that is at fault. */
export const attemptsMax = 6;

const secondMs = 1_000;

/** The pause after this many failed readings, in milliseconds: 5 s, 30 s, 3 min, 18 min, 2 h, 11 h. */
export const pauseMs = (attempts: number): number => 5 * secondMs * 6 ** Math.max(0, attempts - 1);

/** How long to wait before tools that do not work are asked again, in milliseconds: 2 s at first, then up to a minute. */
export const toolsPauseMs = (times: number): number => Math.min(60, 2 ** Math.min(times, 6)) * secondMs;

/** Facts are null when they could not be read, and what was read before is kept then. */
function kept(before: Entity, now: FactColumns, unread: readonly Unread[]): FactColumns {
  // Without tags, the type is a guess, and the size may be a thumbnail's.
  const isGuess = unread.some(({ part }) => part === "METADATA");
  const guessed = new Set(isGuess ? ["type", "mimeType", "extension", "width", "height"] : []);
  const columns = Object.entries(now).map(([name, value]) => {
    // The same columns on both sides.
    const known = before[name as keyof Entity];
    return [name, guessed.has(name) ? (known ?? value) : (value ?? known)];
  });
  return Object.fromEntries(columns) as FactColumns;
}

/** The problem that a file is marked with when no further attempt follows. */
const failureProblem = (unread: readonly Unread[]): MediaProblem => ({
  code: unread.some(({ part }) => part === "METADATA") ? "METADATA_FAILED" : "UNDECODABLE",
  message: "The file could not be read in several attempts; readFacts, or colan facts, tries again.",
});

const withoutPending = (problems: readonly MediaProblem[]) =>
  problems.filter(({ code }) => code !== "NOT_READ_YET");

/** The client's own statements about the file; of its date only the parsed value is stored. */
function claimedOf(entity: Entity): Claimed {
  const { capturedAt, capturedSource } = fileValuesOf(entity);
  return {
    name: entity.originalName,
    modifiedAt: capturedSource === "FILE_DATE" ? (capturedAt?.getTime() ?? null) : null,
  };
}

/** @param state what the entity's is after the reading. */
export function nextColumns(before: Entity, reading: Reading, state: FactsStateName): FactColumns {
  if (!("facts" in reading)) {
    if (state !== "FAILED") return { factsState: state };
    const problems = [
      ...withoutPending(problemsOf(before.problems)),
      failureProblem([{ part: "METADATA", reason: "" }]),
    ];
    return { factsState: state, problems: problemsToText(problems) };
  }
  const { facts } = reading;
  const now = { ...factColumns(facts, claimedOf(before)), factsState: state };
  if (facts.unread.length === 0) return { ...now, ...withFile(before, now) };
  const problems =
    state === "FAILED" ? [...withoutPending(facts.problems), failureProblem(facts.unread)] : facts.problems;
  const columns = kept({ ...before, ...fileValuesOf(before) }, now, facts.unread);
  return {
    ...columns,
    // The same columns as in `now`.
    ...withFile(before, columns as Described),
    problems: problemsToText(problems),
    factsState: state,
  };
}

const plain = (value: unknown) => (value instanceof Date ? value.getTime() : value);

/** Whether the columns say something else than the entity. */
export const isChange = (before: Entity, columns: FactColumns): boolean =>
  names.some((name) => {
    const next = name in columns ? columns[name as keyof FactColumns] : undefined;
    return next !== undefined && plain(next) !== plain(before[name]);
  });
