/** ffmpeg's names of the containers that films are opened as: no playlists, no devices, no raw streams. */
const demuxers: Readonly<Record<string, string>> = {
  "video/mp4": "mov",
  "video/quicktime": "mov",
  "video/3gpp": "mov",
  "video/3gpp2": "mov",
  "video/matroska": "matroska",
  "video/webm": "matroska",
  "video/x-msvideo": "avi",
  "video/ogg": "ogg",
  "video/mpeg": "mpeg",
  "video/mp2t": "mpegts",
  "video/x-ms-wmv": "asf",
  "video/x-flv": "flv",
  "application/mxf": "mxf",
  "application/vnd.rn-realmedia": "rm",
};

/** @returns undefined for what is no film, or none that ffmpeg is trusted with. */
export const demuxerOf = (mimeType: string): string | undefined =>
  Object.hasOwn(demuxers, mimeType) ? demuxers[mimeType] : undefined;
