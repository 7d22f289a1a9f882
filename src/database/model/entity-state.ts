import type { Entity, EntityVersion } from "../generated/client.ts";

/** The state of an entity, present or past: the columns that the live row and each version share. */
export type EntityState = Pick<Entity, StateColumn>;

type Shared = keyof Entity & keyof EntityVersion;
/** `version` and `transactionId` place a state in time; the rest is the state. */
export type StateColumn = Exclude<Shared, "version" | "transactionId">;

/** A column of the state; how it is read, versioned, restored and compared follows from this. */
interface Traits {
  readonly holds: "boolean" | "integer" | "bytes" | "number" | "string" | "time";
  /**
   * Who decides its value: people; the file that was sent; the facts that are read from its bytes, once more at any time;
   * those facts until people say something else (`described`); or the program, as a consequence of what the others do.
   */
  readonly by: "people" | "file" | "facts" | "described" | "program";
  /** Clients meet it under another name or not at all, so that no list of changes has it. */
  readonly isHidden?: true;
  /** The column whose string it is, without case and accents. */
  readonly foldOf?: StateColumn;
}

/** A string without case and accents, for filters and orders. */
const folded = (by: Traits["by"], foldOf: StateColumn): Traits => ({
  ...{ holds: "string", by, foldOf, isHidden: true },
});

/**
 * The one list of the columns. One that is added to the schema and forgotten here does not compile; all that reads or
 * writes whole states derives from this list.
 */
export const traitsOf: Readonly<Record<StateColumn, Traits>> = {
  isCollection: { holds: "boolean", by: "people" },
  kind: { holds: "string", by: "people" },
  membersChangedIn: { holds: "integer", by: "people" },
  label: { holds: "string", by: "people" },
  description: { holds: "string", by: "people" },
  parentId: { holds: "integer", by: "people" },
  isDeleted: { holds: "boolean", by: "people" },
  deletedAt: { holds: "time", by: "program", isHidden: true },
  deletedIn: { holds: "integer", by: "program", isHidden: true },
  addedAt: { holds: "time", by: "program", isHidden: true },
  updatedAt: { holds: "time", by: "program", isHidden: true },
  originalId: { holds: "integer", by: "file", isHidden: true },
  type: { holds: "string", by: "facts" },
  mimeType: { holds: "string", by: "facts" },
  extension: { holds: "string", by: "facts" },
  originalName: { holds: "string", by: "file" },
  fileSize: { holds: "bytes", by: "file" },
  width: { holds: "integer", by: "facts" },
  height: { holds: "integer", by: "facts" },
  duration: { holds: "number", by: "facts" },
  md5: { holds: "string", by: "file" },
  sha256: { holds: "string", by: "file" },
  filePath: { holds: "string", by: "file" },
  capturedAt: { holds: "time", by: "described" },
  capturedLocal: { holds: "string", by: "described", isHidden: true },
  capturedOffset: { holds: "string", by: "described", isHidden: true },
  capturedSource: { holds: "string", by: "described", isHidden: true },
  capturedIsInferred: { holds: "boolean", by: "described", isHidden: true },
  latitude: { holds: "number", by: "described", isHidden: true },
  longitude: { holds: "number", by: "described", isHidden: true },
  altitude: { holds: "number", by: "described", isHidden: true },
  cameraMake: { holds: "string", by: "facts", isHidden: true },
  cameraModel: { holds: "string", by: "facts", isHidden: true },
  cameraLens: { holds: "string", by: "facts", isHidden: true },
  iso: { holds: "integer", by: "facts", isHidden: true },
  aperture: { holds: "number", by: "facts", isHidden: true },
  exposureTime: { holds: "string", by: "facts", isHidden: true },
  focalLength: { holds: "number", by: "facts", isHidden: true },
  keywords: { holds: "string", by: "described" },
  rating: { holds: "integer", by: "described" },
  altText: { holds: "string", by: "described" },
  creator: { holds: "string", by: "described" },
  copyright: { holds: "string", by: "described" },
  fileValues: { holds: "string", by: "described", isHidden: true },
  problems: { holds: "string", by: "facts", isHidden: true },
  factsState: { holds: "string", by: "facts" },
  labelFolded: folded("people", "label"),
  descriptionFolded: folded("people", "description"),
  originalNameFolded: folded("file", "originalName"),
  cameraMakeFolded: folded("facts", "cameraMake"),
  cameraModelFolded: folded("facts", "cameraModel"),
  keywordsFolded: folded("described", "keywords"),
  altTextFolded: folded("described", "altText"),
  creatorFolded: folded("described", "creator"),
  copyrightFolded: folded("described", "copyright"),
};

export const stateColumns = Object.keys(traitsOf) as readonly StateColumn[];

const columnsWith = (isWanted: (traits: Traits) => boolean): readonly StateColumn[] =>
  stateColumns.filter((column) => isWanted(traitsOf[column]));

export const timeColumns = columnsWith(({ holds }) => holds === "time");
export const booleanColumns = columnsWith(({ holds }) => holds === "boolean");
export const byteColumns = columnsWith(({ holds }) => holds === "bytes");
/** Columns that are read from the file's bytes, those among them that people may overrule. */
export const factColumns = columnsWith(({ by }) => by === "facts" || by === "described");
/** Columns that every version has its own of, or that follow from `isDeleted`. */
export const programColumns = columnsWith(({ by }) => by === "program");

/** Each folded column by the one whose string it folds. */
export const foldedColumns: ReadonlyMap<StateColumn, StateColumn> = new Map(
  stateColumns.flatMap((column) => {
    const { foldOf } = traitsOf[column];
    return foldOf == null ? [] : [[foldOf, column] as const];
  }),
);
