/** ffmpeg's names of the demuxers for videos, one or some with commas between: no playlists, no devices. */
const demuxers: Readonly<Record<string, string>> = {
  "video/mp4": "mov",
  "video/quicktime": "mov",
  "video/3gpp": "mov",
  "video/3gpp2": "mov",
  "video/matroska": "matroska",
  "video/webm": "matroska",
  "video/x-msvideo": "avi",
  "video/ogg": "ogg",
  // Program streams, and video without a container.
  "video/mpeg": "mpeg,mpegvideo",
  "video/mp2t": "mpegts",
  "video/x-ms-wmv": "asf",
  "video/x-flv": "flv",
  "video/x-dv": "dv",
  "application/mxf": "mxf",
  "application/vnd.rn-realmedia": "rm",
};

/** @returns undefined for files that are no videos, or that ffmpeg is not trusted with. */
export const demuxerOf = (mimeType: string): string | undefined =>
  Object.hasOwn(demuxers, mimeType) ? demuxers[mimeType] : undefined;
