import { avcHeightRatio } from "./avc-height.ts";
import type { Dimensions } from "./dimensions.ts";
import { LateError, type Prober } from "./prober.ts";
import type { TrackFacts } from "./track-worker.ts";

/**
 * The size at which video in a transport stream is displayed: exiftool tells the coded one, and not of every stream. Null
 * where there is none, and for other formats.
 */
export async function transportSize(
  prober: Prober,
  path: string,
  mimeType: string,
  tracks: TrackFacts | null,
): Promise<Dimensions | null> {
  if (mimeType !== "video/mp2t") return null;
  const probed = await prober.size(path, mimeType).catch((error: unknown) => {
    if (error instanceof LateError) return null;
    throw error;
  });
  if (probed) return probed;
  if (tracks?.width == null || tracks.height == null) return null;
  return { width: tracks.width, height: Math.round(tracks.height * (await avcHeightRatio(path))) };
}
