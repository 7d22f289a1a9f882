import type { EntityVersion } from "../../database/generated/client.ts";
import type { StateColumn } from "../../database/model/entity-state.ts";

/** One field that differs between two states, both as the API shows them. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Show = (state: EntityVersion) => unknown;

const time = (date: Date | null) => date?.toISOString() ?? null;

/**
 * How each field looks in the API; null for columns that clients meet under another name or not at all.
 * A new column must be placed here before it compiles.
 */
const fields: Readonly<Record<StateColumn, Show | null>> = {
  isCollection: (state) => state.isCollection,
  label: (state) => state.label,
  description: (state) => state.description,
  parentId: (state) => (state.parentId == null ? null : String(state.parentId)),
  isDeleted: (state) => state.isDeleted,
  deletedAt: null,
  deletedIn: null,
  addedAt: null,
  updatedAt: null,
  originalId: null,
  type: (state) => state.type,
  mimeType: (state) => state.mimeType,
  extension: (state) => state.extension,
  originalName: (state) => state.originalName,
  fileSize: (state) => (state.fileSize == null ? null : Number(state.fileSize)),
  width: (state) => state.width,
  height: (state) => state.height,
  duration: (state) => state.duration,
  md5: (state) => state.md5,
  sha256: (state) => state.sha256,
  filePath: (state) => state.filePath,
  capturedAt: (state) => time(state.capturedAt),
  capturedLocal: null,
  capturedOffset: null,
  capturedSource: null,
  capturedIsInferred: null,
  latitude: null,
  longitude: null,
  altitude: null,
  cameraMake: null,
  cameraModel: null,
  cameraLens: null,
  iso: null,
  aperture: null,
  exposureTime: null,
  focalLength: null,
  keywords: null,
  problems: null,
  factsState: (state) => (state.isCollection ? null : state.factsState),
  labelFolded: null,
  descriptionFolded: null,
  originalNameFolded: null,
  cameraMakeFolded: null,
  cameraModelFolded: null,
};

const shown = Object.entries(fields).filter((entry): entry is [StateColumn, Show] => entry[1] != null);

/** The fields that differ; compared with nothing (for a first version), every field that has a value. */
export function changesBetween(before: EntityVersion | undefined, after: EntityVersion): FieldChange[] {
  return shown
    .map(([field, show]) => ({ field, before: before == null ? null : show(before), after: show(after) }))
    .filter((change) => change.before !== change.after);
}
