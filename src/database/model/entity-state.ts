import type { Entity, EntityVersion } from "../generated/client.ts";

/** The state of an entity, present or past: the columns that the live row and each version share. */
export type EntityState = Pick<Entity, StateColumn>;

type Shared = keyof Entity & keyof EntityVersion;
/** `version` and `transactionId` place a state in time; the rest is the state. */
export type StateColumn = Exclude<Shared, "version" | "transactionId">;

const columns: Record<StateColumn, true> = {
  isCollection: true,
  label: true,
  description: true,
  parentId: true,
  isDeleted: true,
  deletedAt: true,
  deletedIn: true,
  addedAt: true,
  updatedAt: true,
  originalId: true,
  type: true,
  mimeType: true,
  extension: true,
  originalName: true,
  fileSize: true,
  width: true,
  height: true,
  duration: true,
  md5: true,
  sha256: true,
  filePath: true,
  capturedAt: true,
  capturedLocal: true,
  capturedOffset: true,
  capturedSource: true,
  capturedIsInferred: true,
  latitude: true,
  longitude: true,
  altitude: true,
  cameraMake: true,
  cameraModel: true,
  cameraLens: true,
  iso: true,
  aperture: true,
  exposureTime: true,
  focalLength: true,
  keywords: true,
  problems: true,
  factsState: true,
  labelFolded: true,
  descriptionFolded: true,
  originalNameFolded: true,
  cameraMakeFolded: true,
  cameraModelFolded: true,
};

/** Columns that are read from the file's bytes; the others are set by people. */
export const factColumns = [
  "type",
  "mimeType",
  "extension",
  "width",
  "height",
  "duration",
  "capturedAt",
  "capturedLocal",
  "capturedOffset",
  "capturedSource",
  "capturedIsInferred",
  "latitude",
  "longitude",
  "altitude",
  "cameraMake",
  "cameraModel",
  "cameraLens",
  "iso",
  "aperture",
  "exposureTime",
  "focalLength",
  "keywords",
  "problems",
  "factsState",
  "cameraMakeFolded",
  "cameraModelFolded",
] as const satisfies readonly StateColumn[];

/** A column added to the schema and forgotten here does not compile. */
export const stateColumns = Object.keys(columns) as readonly StateColumn[];
