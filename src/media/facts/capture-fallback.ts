import { captureAt, captureOnClock } from "./capture.ts";
import type { CaptureFacts, MediaFacts, MediaType } from "./facts.ts";
import { parseNameDate } from "./name-date.ts";
import { offsetAtPlace } from "./zone.ts";

/** The client's own statements about its file. */
export interface Claimed {
  /** The file's name on the client's disk. */
  readonly name: string | null;
  /** UTC milliseconds of its last change there; null when the client did not say. */
  readonly modifiedAt: number | null;
}

/** Documents are dated by what they are about, and music by its release. */
const isDatedByName = (type: MediaType, hasTime: boolean) =>
  type === "IMAGE" || type === "VIDEO" || (type === "AUDIO" && hasTime);

function fromName({ type, place }: Pick<MediaFacts, "type" | "place">, name: string): CaptureFacts | null {
  const found = parseNameDate(name);
  if (found == null || !isDatedByName(type, found.hasTime)) return null;
  if (found.isUtc) return captureAt(found.wall, place, { source: "FILE_NAME", isInferred: true });
  const offset = place == null ? null : offsetAtPlace(place, found.wall, false);
  return { ...captureOnClock(found.wall, offset, "FILE_NAME"), isInferred: true };
}

/**
 * The time of capture: from the file's own metadata, else from the date in its name, else from the date that the client
 * has of it. A name or a date on a disk proves nothing, so both are marked as inferred.
 */
export function inferCapture(
  facts: Pick<MediaFacts, "captured" | "type" | "place">,
  { name, modifiedAt }: Claimed,
): CaptureFacts | null {
  if (facts.captured != null) return facts.captured;
  const named = name == null ? null : fromName(facts, name);
  if (named != null || modifiedAt == null) return named;
  return captureAt(modifiedAt, facts.place, { source: "FILE_DATE", isInferred: true });
}
