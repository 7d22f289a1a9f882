import type { Prisma } from "../../database/generated/client.ts";
import type { DescribedName, Said } from "../../database/model/described.ts";
import { tidyKeywords } from "../entities/described.ts";
import { problemsToText, type FactsStateName } from "../entities/facts.ts";
import { inferCapture, type Claimed } from "../../media/facts/capture-fallback.ts";
import type { MediaFacts } from "../../media/facts/facts.ts";

/** The columns of an entity that its file decides, as long as people say nothing else. */
export type FactColumns = Pick<
  Prisma.EntityUncheckedCreateInput,
  | ("type" | "mimeType" | "extension" | "width" | "height" | "duration")
  | ("cameraMake" | "cameraModel" | "cameraLens" | "iso" | "aperture" | "exposureTime" | "focalLength")
  | DescribedName
  | ("fileValues" | "problems" | "factsState")
>;

/** @param claimed what the client said of the file, for what the file itself does not say. */
export function factColumns(facts: MediaFacts, claimed: Claimed): Required<FactColumns> & Said {
  const { place, camera } = facts;
  const captured = inferCapture(facts, claimed);
  return {
    type: facts.type,
    mimeType: facts.mimeType,
    extension: facts.extension,
    width: facts.width,
    height: facts.height,
    duration: facts.duration,
    capturedAt: captured == null ? null : new Date(captured.instant),
    capturedLocal: captured?.local ?? null,
    capturedOffset: captured?.offset ?? null,
    capturedSource: captured?.source ?? null,
    capturedIsInferred: captured?.isInferred ?? null,
    latitude: place?.latitude ?? null,
    longitude: place?.longitude ?? null,
    altitude: place?.altitude ?? null,
    cameraMake: camera?.make ?? null,
    cameraModel: camera?.model ?? null,
    cameraLens: camera?.lens ?? null,
    iso: camera?.iso ?? null,
    aperture: camera?.aperture ?? null,
    exposureTime: camera?.exposureTime ?? null,
    focalLength: camera?.focalLength ?? null,
    keywords: tidyKeywords(facts.keywords),
    rating: facts.rating,
    altText: facts.altText,
    creator: facts.creator,
    copyright: facts.copyright,
    fileValues: null,
    problems: problemsToText(facts.problems),
    factsState: (facts.unread.length === 0 ? "READ" : "PENDING") satisfies FactsStateName,
  };
}
