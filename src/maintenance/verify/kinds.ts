import type { Check } from "../../database/engine.ts";
import type { FileFault } from "../../storage/local/original-files.ts";

/** Everything that verifying can find. */
export type Kind = Check | FileFault | "FILE_BYTES" | "STRANGER" | "DERIVATIVE_OF_NOTHING";

/** How a repair goes about it; null where only a backup helps. */
export type Repair = "REBUILD" | "QUARANTINE" | "REMOVE" | "ALLOW_READING" | null;

/** A kind without a line here does not compile. */
export const repairs: Readonly<Record<Kind, Repair>> = {
  FILE_MISSING: null,
  FILE_IS_LINK: null,
  FILE_IS_NO_FILE: null,
  FILE_UNREADABLE: "ALLOW_READING",
  FILE_SHARED: null,
  FILE_SIZE: null,
  FILE_BYTES: null,
  // Its owner is unknown, so it is never deleted.
  STRANGER: "QUARANTINE",
  DERIVATIVE_OF_NOTHING: "REMOVE",
  DATABASE: null,
  REFERENCE: null,
  VERSION_WITHOUT_FILE: null,
  ORIGINAL_WITHOUT_VERSION: null,
  ORIGINAL_MISNAMED: null,
  ENTITY_AND_VERSION: null,
  VERSION_GAP: null,
  ALBUM_MEMBER: null,
  TOTAL: "REBUILD",
  TALLY: "REBUILD",
  PLACE_INDEX: "REBUILD",
  KEYWORD_INDEX: "REBUILD",
  SEARCH_INDEX: "REBUILD",
};

export interface Finding {
  readonly kind: Kind;
  /** Relative to the media directory; null for what is no file's matter. */
  readonly path: string | null;
  readonly entityId: number | null;
  /** One sentence without full stop. */
  readonly message: string;
}

/** For people: what, and where. */
export const describe = ({ path, entityId, message }: Finding): string =>
  [path, entityId == null ? null : `entity ${entityId}`, message].filter((part) => part != null).join(": ");
