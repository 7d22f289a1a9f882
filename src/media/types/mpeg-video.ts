import { open } from "node:fs/promises";
import type { Dimensions } from "../facts/dimensions.ts";

/** A sequence header is repeated with every group of pictures; the first comes soon. */
const searchedBytes = 1024 * 1024;
const sequenceHeader = Buffer.of(0, 0, 1, 0xb3);
const extension = Buffer.of(0, 0, 1, 0xb5);

/** ISO 11172-2 table 2-D.4: height of a pixel by its width, by code. */
const pixelHeights = [
  ...[0, 1, 0.6735, 0.7031, 0.7615, 0.8055, 0.8437, 0.8935, 0.9157, 0.9815, 1.0255, 1.0695, 1.095, 1.1575],
  1.2015,
];
/** ISO 13818-2 table 6-3: width of the picture by its height, by code; 1 are square pixels. */
const pictureShapes: Readonly<Record<number, number>> = { 2: 4 / 3, 3: 16 / 9, 4: 2.21 };

/** As displayed: as many lines as are coded, of as many square pixels as they are wide. */
function displayed(bytes: Buffer, at: number): Dimensions | undefined {
  if (at + 12 > bytes.length) return undefined;
  const edges = bytes.readUIntBE(at + 4, 3);
  const [width, height] = [edges >> 12, edges & 0xfff];
  const codes = bytes[at + 7] ?? 0;
  const [aspect, rate] = [codes >> 4, codes & 15];
  const marker = (bytes[at + 10] ?? 0) & 0x20;
  if (width < 16 || height < 16 || aspect === 0 || aspect > 14 || rate === 0 || rate > 8 || marker === 0)
    return undefined;
  // MPEG-2 has a sequence extension, whose first four bits are 1, before anything else; matrices may be between.
  const next = bytes.indexOf(extension, at + 8);
  const isMpeg2 = next >= 0 && next - at <= 12 + 128 && (bytes[next + 4] ?? 0) >> 4 === 1;
  const shape = isMpeg2 ? pictureShapes[aspect] : width / height / (pixelHeights[aspect] ?? 1);
  return { width: shape == null ? width : Math.round(height * shape), height };
}

/**
 * The size at which MPEG-1 or MPEG-2 video is displayed, bare or in a program or transport stream: exiftool gives the coded
 * one, whose pixels are seldom square. Undefined for other video.
 */
export async function mpegVideoSize(path: string, mimeType: string): Promise<Dimensions | undefined> {
  if (mimeType !== "video/mpeg" && mimeType !== "video/mp2t") return undefined;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(searchedBytes), 0, searchedBytes, 0);
    const bytes = buffer.subarray(0, bytesRead);
    for (let at = bytes.indexOf(sequenceHeader); at >= 0; at = bytes.indexOf(sequenceHeader, at + 1)) {
      const size = displayed(bytes, at);
      if (size) return size;
    }
    return undefined;
  } finally {
    await file.close();
  }
}
