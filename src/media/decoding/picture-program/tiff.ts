import { open, type FileHandle } from "node:fs/promises";

const entriesMax = 1000;
/** Tags of TIFF 6.0, section 8 and after. */
const tags = { bits: 258, compression: 259, photometric: 262, sampleFormat: 339 } as const;
/** Bytes of a value by its type, of those types that these tags have: BYTE, SHORT, LONG. */
const bytesOf: Readonly<Record<number, 1 | 2 | 4>> = { 1: 1, 3: 2, 4: 4 };

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** The first value of each of these tags in the first directory; classic TIFF only, BigTIFF is libvips' own. */
async function readTags(file: FileHandle): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  const head = await readAt(file, 0, 8);
  const isLittle = head[0] === 0x49;
  const int = (bytes: Buffer, at: number, size: number) =>
    at + size > bytes.length ? 0 : isLittle ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
  if (int(head, 2, 2) !== 42) return found;
  const at = int(head, 4, 4);
  const count = Math.min(entriesMax, int(await readAt(file, at, 2), 0, 2));
  const entries = await readAt(file, at + 2, count * 12);
  for (let entry = 0; entry + 12 <= entries.length; entry += 12) {
    const tag = int(entries, entry, 2);
    const bytes = bytesOf[int(entries, entry + 2, 2)];
    if (bytes == null || !Object.values<number>(tags).includes(tag)) continue;
    // Values of more than four bytes are elsewhere, the first of them at the start.
    const isInside = bytes * int(entries, entry + 4, 4) <= 4;
    const value = isInside
      ? entries.subarray(entry + 8)
      : await readAt(file, int(entries, entry + 8, 4), bytes);
    found.set(tag, int(value, 0, bytes));
  }
  return found;
}

/** YCbCr, CIELab, ICCLab and ITULab. */
const unlikeRgb = new Set([6, 8, 9, 10]);
const jpegCompression = 7;
const floatingPoint = 3;
const signed = 2;

/**
 * Whether libvips reads a TIFF's colours as they are meant. It takes YCbCr that is not compressed as JPEG for RGB, loses
 * Lab with transparency, and shows floating point, numbers of more than 16 bits and numbers with a sign as if their range
 * ended at 255.
 */
export async function hasTrueColours(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const values = await readTags(file);
    const format = values.get(tags.sampleFormat);
    if (format === floatingPoint || format === signed || (values.get(tags.bits) ?? 1) > 16) return false;
    const isPlain = !unlikeRgb.has(values.get(tags.photometric) ?? 0);
    return isPlain || values.get(tags.compression) === jpegCompression;
  } finally {
    await file.close();
  }
}
