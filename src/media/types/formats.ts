import type { MediaType } from "../facts/facts.ts";

/** A file format under the one name this library uses for it. */
export interface Format {
  readonly mimeType: string;
  readonly extension: string;
  readonly type: MediaType;
}

/** MIME type → extension. A name that is not here keeps the extension its detector gave it. */
const extensions: Readonly<Record<string, string>> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/apng": "apng",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/avif": "avif",
  "image/heic": "heic",
  "image/heif": "heif",
  "image/heic-sequence": "heics",
  "image/heif-sequence": "heifs",
  "image/tiff": "tif",
  "image/bmp": "bmp",
  "image/svg+xml": "svg",
  "image/jxl": "jxl",
  "image/vnd.adobe.photoshop": "psd",
  "image/vnd.microsoft.icon": "ico",
  "image/x-cursor": "cur",
  "image/icns": "icns",
  "image/jp2": "jp2",
  "image/jpx": "jpx",
  "image/jph": "jph",
  "image/jpm": "jpm",
  "image/j2c": "j2c",
  "image/jls": "jls",
  "image/x-portable-bitmap": "pbm",
  "image/x-portable-graymap": "pgm",
  "image/x-portable-pixmap": "ppm",
  "image/x-portable-arbitrarymap": "pam",
  "image/x-pfm": "pfm",
  "image/pcx": "pcx",
  "image/dcx": "dcx",
  "image/x-tga": "tga",
  "image/x-sgi": "sgi",
  "image/x-sun-raster": "ras",
  "image/qoi": "qoi",
  "image/vnd.ms-dds": "dds",
  "image/x-exr": "exr",
  "image/vnd.radiance": "hdr",
  "image/x-dpx": "dpx",
  "image/fits": "fits",
  "image/pict": "pict",
  "image/x-photo-cd": "pcd",
  "image/x-xcf": "xcf",
  "image/x-xbitmap": "xbm",
  "image/x-xpixmap": "xpm",
  "image/vnd.wap.wbmp": "wbmp",
  "image/x-ilbm": "iff",
  "video/mp4": "mp4",
  "video/quicktime": "mov",
  "video/matroska": "mkv",
  "video/webm": "webm",
  "video/x-msvideo": "avi",
  "video/ogg": "ogv",
  "video/mpeg": "mpg",
  "video/mp2t": "ts",
  "video/3gpp": "3gp",
  "video/3gpp2": "3g2",
  "video/x-ms-wmv": "wmv",
  "video/x-flv": "flv",
  "video/x-dv": "dv",
  "application/mxf": "mxf",
  "application/vnd.rn-realmedia": "rm",
  "audio/mpeg": "mp3",
  "audio/mp4": "m4a",
  "audio/aac": "aac",
  "audio/flac": "flac",
  "audio/ogg": "ogg",
  "audio/wav": "wav",
  "audio/aiff": "aif",
  "audio/matroska": "mka",
  "audio/webm": "weba",
  "audio/3gpp": "3gp",
  "audio/3gpp2": "3g2",
  "audio/x-ms-wma": "wma",
  "audio/vnd.dolby.dd-raw": "ac3",
  "audio/eac3": "eac3",
  "audio/amr": "amr",
  "audio/ape": "ape",
  "audio/x-dsf": "dsf",
  "audio/x-dsdiff": "dff",
  "audio/wavpack": "wv",
  "audio/x-musepack": "mpc",
  "audio/x-tta": "tta",
  "audio/qcelp": "qcp",
  "audio/x-8svx": "8svx",
  "audio/basic": "au",
  "audio/x-voc": "voc",
  "audio/x-mod": "mod",
  "audio/x-xm": "xm",
  "audio/x-it": "it",
  "audio/x-s3m": "s3m",
  "audio/x-pn-realaudio": "ra",
  "audio/audible": "aa",
  "application/dicom": "dcm",
  "application/pdf": "pdf",
  "application/xml": "xml",
  "application/zip": "zip",
  "application/gzip": "gz",
  "text/plain": "txt",
  "text/html": "html",
};

/** The types with an extension of their own. */
export const namedTypes: readonly string[] = Object.keys(extensions);

/** Other detectors' names for the same formats. */
const aliases: Readonly<Record<string, string>> = {
  "image/jpg": "image/jpeg",
  "image/x-jps": "image/jpeg",
  "image/x-tiff-big": "image/tiff",
  "image/x-icon": "image/vnd.microsoft.icon",
  "image/x-j2c": "image/j2c",
  "image/x-ms-bmp": "image/bmp",
  "application/vnd.adobe.photoshop": "image/vnd.adobe.photoshop",
  "video/x-m4v": "video/mp4",
  "video/mp1s": "video/mpeg",
  "video/mp2p": "video/mpeg",
  "video/m2ts": "video/mp2t",
  // RFC 9559 section 27.3 registers these names and deprecates the x- ones.
  "video/x-matroska": "video/matroska",
  "audio/x-matroska": "audio/matroska",
  "video/vnd.avi": "video/x-msvideo",
  "video/x-ms-asf": "video/x-ms-wmv",
  "audio/x-ms-asf": "audio/x-ms-wma",
  "application/vnd.ms-asf": "video/x-ms-wmv",
  "application/ogg": "audio/ogg",
  "audio/x-m4a": "audio/mp4",
  "audio/x-wav": "audio/wav",
  "audio/x-flac": "audio/flac",
  "audio/x-aiff": "audio/aiff",
  "application/x-gzip": "application/gzip",
  "text/rtf": "application/rtf",
  // A drawing program's document, and no picture, although IANA calls it one.
  "image/vnd.dwg": "application/acad",
  "image/vnd.dxf": "application/dxf",
};

const documents =
  /^(text\/|application\/(pdf|rtf|postscript|eps|msword|epub\+zip|vnd\.(ms-(word|excel|powerpoint)|openxmlformats-officedocument|oasis\.opendocument)|x-mobipocket-ebook))/;
const videoApplications = /^application\/(mxf|vnd\.rn-realmedia)$/;
const pictures = /^application\/(dicom)$/;

function typeOf(mimeType: string): MediaType {
  if (mimeType.startsWith("image/") || pictures.test(mimeType)) return "IMAGE";
  if (mimeType.startsWith("video/") || videoApplications.test(mimeType)) return "VIDEO";
  if (mimeType.startsWith("audio/")) return "AUDIO";
  return documents.test(mimeType) ? "DOCUMENT" : "OTHER";
}

/**
 * The one name for what a detector called `mimeType` with `extension`.
 * @returns undefined when the detector's words cannot be a MIME type and a file name's end at all.
 */
export function canonicalFormat(mimeType: string, extension: string): Format | undefined {
  // "audio/ogg; codecs=opus": the parameter is not part of the type.
  const bare = mimeType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const name = Object.hasOwn(aliases, bare) ? (aliases[bare] ?? bare) : bare;
  if (!/^[a-z]+\/[a-z0-9][a-z0-9.+-]{0,99}$/.test(name)) return undefined;
  const canonical = Object.hasOwn(extensions, name) ? extensions[name] : undefined;
  // The extension becomes part of a path, so a detector's odd one ("sh script") must not pass.
  const end =
    canonical ?? (/^[a-z0-9]{1,10}$/.test(extension.toLowerCase()) ? extension.toLowerCase() : "bin");
  return { mimeType: name, extension: end, type: typeOf(name) };
}
