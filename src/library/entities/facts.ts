import { isSetByPeople } from "../../database/model/described.ts";
import type { EntityState } from "../../database/model/entity-state.ts";
import { peoplesSource } from "./corrected.ts";

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

export const capturedColumns = [
  "capturedAt",
  "capturedLocal",
  "capturedOffset",
  "capturedSource",
  "capturedIsInferred",
] as const satisfies readonly (keyof EntityState)[];

export type Captured = {
  [K in "capturedAt" | "capturedLocal" | "capturedSource" | "capturedIsInferred"]: NonNullable<
    EntityState[K]
  >;
} & Pick<EntityState, "capturedOffset">;

/** @returns null when nobody knows when it was made. */
export function capturedOf(state: Pick<EntityState, (typeof capturedColumns)[number]>): Captured | null {
  const { capturedAt, capturedLocal, capturedOffset, capturedSource, capturedIsInferred } = state;
  if (capturedAt == null || capturedLocal == null || capturedSource == null || capturedIsInferred == null)
    return null;
  return { capturedAt, capturedLocal, capturedOffset, capturedSource, capturedIsInferred };
}

export const locationColumns = [
  "latitude",
  "longitude",
  "altitude",
  "fileValues",
] as const satisfies readonly (keyof EntityState)[];

export type Located = {
  [K in "latitude" | "longitude"]: NonNullable<EntityState[K]>;
} & Pick<EntityState, "altitude" | "fileValues">;

/** @returns null when nobody knows where. */
export function locatedOf({
  latitude,
  longitude,
  altitude,
  fileValues,
}: Pick<EntityState, (typeof locationColumns)[number]>): Located | null {
  return latitude == null || longitude == null ? null : { latitude, longitude, altitude, fileValues };
}

/** Who says where it was taken. */
export const sourceOfPlace = (located: Located): string =>
  isSetByPeople(located, "latitude") ? peoplesSource : "FILE";
