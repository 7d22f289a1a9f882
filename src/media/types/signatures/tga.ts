import type { FileWindow } from "../file-window.ts";
import { isEdge, type Signature } from "./signature.ts";

const headerBytes = 18;
/** Truevision TGA 2.0: "TRUEVISION-XFILE", a full stop and a zero, at the very end. */
const footer = "TRUEVISION-XFILE.\0";

interface Header {
  readonly isRunLength: boolean;
  readonly width: number;
  readonly height: number;
  readonly bytesPerPixel: number;
  /** Where the pixels begin. */
  readonly pixelsAt: number;
}

function isMap(bytes: Buffer): boolean {
  const [length, bits] = [bytes.readUInt16LE(5), bytes[7] ?? 0];
  const isDepth = [15, 16, 24, 32].includes(bits);
  // "If the Color Map Type is 0, these five bytes should be zero"; some programs leave a depth in there.
  return bytes[1] === 1 ? length > 0 && isDepth : length === 0 && (bits === 0 || isDepth);
}

/** Fields that agree with each other, as those of random bytes do not. */
function parseHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < headerBytes) return undefined;
  const [idLength = 0, mapType = 0, type = 0] = bytes;
  const kind = type & 7;
  const bits = bytes[16] ?? 0;
  const descriptor = bytes[17] ?? 0;
  const [width, height] = [bytes.readUInt16LE(12), bytes.readUInt16LE(14)];
  if (mapType > 1 || ![1, 2, 3, 9, 10, 11].includes(type) || !isMap(bytes)) return undefined;
  if (kind === 1 && mapType === 0) return undefined;
  const depths = kind === 2 ? [15, 16, 24, 32] : kind === 1 ? [8, 16] : [8, 16];
  const alphaBits = descriptor & 0x0f;
  if (!depths.includes(bits) || alphaBits > 8 || descriptor >> 6 !== 0) return undefined;
  if (!isEdge(width) || !isEdge(height)) return undefined;
  const mapBytes = mapType === 1 ? bytes.readUInt16LE(5) * Math.ceil((bytes[7] ?? 0) / 8) : 0;
  return {
    isRunLength: type >= 8,
    width,
    height,
    bytesPerPixel: Math.ceil(bits / 8),
    pixelsAt: headerBytes + idLength + mapBytes,
  };
}

/** More than this is not walked: a picture whose first lines are whole packets is one. */
const pixelsWalkedMax = 4 * 1024 * 1024;

/** Whether the packets from `at` on describe the whole picture, and end where a line does. */
async function hasPackets(file: FileWindow, { width, height, bytesPerPixel, pixelsAt }: Header) {
  const wanted = Math.min(width * height, pixelsWalkedMax);
  let at = pixelsAt;
  for (let pixels = 0; pixels < wanted;) {
    const packet = (await file.read(at, 1))?.[0];
    if (packet == null) return false;
    const count = (packet & 0x7f) + 1;
    at += 1 + (packet >> 7 === 1 ? bytesPerPixel : count * bytesPerPixel);
    pixels += count;
    if (at > file.size || pixels > width * height) return false;
  }
  return true;
}

/** TGA has no signature at its start: its header has to make sense, and the pixels it speaks of have to be there. */
export async function detectTga(head: Buffer, file: FileWindow): Promise<Signature | undefined> {
  const header = parseHeader(head);
  if (header == null) return undefined;
  const { width, height, bytesPerPixel, pixelsAt } = header;
  const found: Signature = { mimeType: "image/x-tga", extension: "tga", size: { width, height } };
  const end = await file.read(file.size - footer.length, footer.length);
  if (end?.toString("latin1") === footer) return found;
  const isWhole = header.isRunLength
    ? await hasPackets(file, header)
    : pixelsAt + width * height * bytesPerPixel <= file.size;
  return isWhole ? found : undefined;
}
