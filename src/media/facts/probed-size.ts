import { avcHeightRatio } from "../types/avc-height.ts";
import { mpegVideoSize } from "../types/mpeg-video.ts";
import { readOgmVideo } from "../types/ogm-video.ts";
import type { Lane } from "../sandbox/cpu-clock.ts";
import type { Dimensions } from "./dimensions.ts";
import type { Unread } from "./facts.ts";
import { LateError, type Prober } from "./prober.ts";
import type { TrackFacts } from "./track-worker.ts";

/**
 * Containers of video that is displayed in another shape than it is coded in, and whose tracks no other reader reads:
 * exiftool gives the coded size, and not of every stream. Rotated video is in none of them.
 */
const coded = /^(video\/(mp2t|x-msvideo|x-ms-wmv|x-flv|x-dv)|application\/(mxf|vnd\.rn-realmedia))$/;

/** Ogg's video other than VP8 is not seen by the reader of tracks. */
export const isSizeProbed = (mimeType: string, tracks: TrackFacts | null): boolean =>
  coded.test(mimeType) || (mimeType === "video/ogg" && tracks?.width == null);

/** ffprobe has no answer where one of the streams has lost its beginning. */
async function ogmSize(path: string): Promise<Dimensions | null> {
  const video = await readOgmVideo(path);
  if (video == null) return null;
  const { codec, width, height } = video;
  const shown = /^mp(eg|g[12])/i.test(codec) ? await mpegVideoSize(path, "video/mpeg") : undefined;
  return shown ?? { width, height };
}

export interface ProbeNeeds {
  readonly prober: Prober;
  readonly lane: Lane;
}

/**
 * The size at which a video is displayed, by ffprobe. Null where it is not asked or does not know.
 * @param unread takes what ffprobe could not tell because of the moment.
 */
export async function probedSize(
  { prober, lane }: ProbeNeeds,
  path: string,
  mimeType: string,
  tracks: TrackFacts | null,
  unread: Unread[],
): Promise<Dimensions | null> {
  if (!isSizeProbed(mimeType, tracks)) return null;
  const probed = await prober.size(path, mimeType, lane).catch((error: unknown) => {
    if (!(error instanceof LateError)) throw error;
    unread.push({ part: "TRACKS", reason: error.message });
    return null;
  });
  if (probed != null) return probed;
  if (mimeType === "video/ogg") return ogmSize(path);
  if (mimeType !== "video/mp2t") return null;
  if (tracks?.width == null || tracks.height == null) return null;
  return { width: tracks.width, height: Math.round(tracks.height * (await avcHeightRatio(path))) };
}
