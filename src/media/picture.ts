import { readFile, stat } from "node:fs/promises";
import sharp from "sharp";

/** What sharp says of a picture, without decoding it. */
export interface PictureFacts {
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Whether this server can decode it; a header may be readable where the coding is not. */
  readonly isDecodable: boolean;
}

/** MIME types sharp may be asked about. It would open RAW too, but as the TIFF of its thumbnail. */
export const sharpMimeTypes: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/apng",
  "image/gif",
  "image/webp",
  "image/tiff",
  "image/avif",
  "image/heic",
  "image/heif",
  "image/svg+xml",
]);

const MiB = 1024 * 1024;
const svgBytesMax = 10 * MiB;
/** sharp's own default; said here because thumbnails are refused beyond it too. */
const pixelsMax = 0x3fff * 0x3fff;

/** Up to here bytes are cheaper than a path, which libvips opens a dozen times while it looks for the format. */
const inMemoryBytesMax = 4 * MiB;

/** What sharp is given. @throws for an SVG that is too big. */
async function inputFor(path: string, mimeType: string): Promise<Buffer | string> {
  const { size } = await stat(path);
  // Opened by path, an SVG may include files beside it, which are other people's uploads.
  const isSvg = mimeType === "image/svg+xml";
  if (isSvg && size > svgBytesMax) throw new Error(`SVG of more than ${svgBytesMax} bytes`);
  return isSvg || size <= inMemoryBytesMax ? readFile(path) : path;
}

/** @throws when sharp cannot make sense of the header. */
export async function readPicture(path: string, mimeType: string): Promise<PictureFacts> {
  const input = await inputFor(path, mimeType);
  const header = await sharp(input, { failOn: "none", limitInputPixels: pixelsMax }).metadata();
  const { width, height } = header.autoOrient;
  // The prebuilt libvips reads a HEIC's header, but has no HEVC decoder.
  const isDecodable = header.compression !== "hevc" && header.width * header.height <= pixelsMax;
  return { width, height, isDecodable };
}

/** Decodes the whole picture at a small size. @throws when any of it is missing or broken. */
export async function decodePicture(path: string, timeoutMs: number): Promise<void> {
  await sharp(path, { failOn: "truncated", limitInputPixels: pixelsMax })
    .timeout({ seconds: Math.max(1, Math.round(timeoutMs / 1000)) })
    .resize(16, 16, { fit: "fill" })
    .raw()
    .toBuffer();
}
