import { UnknownKindError } from "../failure.ts";

/** OpenEXR file layout: a magic number, a version, and attributes of a name, a type, a size and a value. */
const magic = 20_000_630;
const attributesMax = 200;

/** The text that ends with the next zero, and where what follows it begins. */
function textAt(bytes: Buffer, at: number): { text: string; end: number } {
  const end = bytes.indexOf(0, at);
  return end < 0
    ? { text: "", end: bytes.length }
    : { text: bytes.toString("latin1", at, end), end: end + 1 };
}

/** Of a "chlist": a name, a kind, a flag with three bytes behind it, and of how many columns and rows it has one value. */
function isSubsampled(list: Buffer): boolean {
  let at = 0;
  while (at < list.length) {
    const { text, end } = textAt(list, at);
    if (text === "" || end + 16 > list.length) return false;
    if (list.readInt32LE(end + 8) !== 1 || list.readInt32LE(end + 12) !== 1) return true;
    at = end + 16;
  }
  return false;
}

/**
 * Returns the same bytes. Brightness and colours apart, the colours coarser, are shown by ImageMagick as stripes of red
 * and green, and not at all by ffmpeg.
 * @throws for these.
 */
export function checkChannels(bytes: Buffer): Buffer {
  if (bytes.length < 8 || bytes.readUInt32LE(0) !== magic) return bytes;
  let at = 8;
  for (let attributes = 0; attributes < attributesMax; attributes++) {
    const name = textAt(bytes, at);
    const type = textAt(bytes, name.end);
    if (name.text === "" || type.end + 4 > bytes.length) break;
    const value = bytes.subarray(type.end + 4, type.end + 4 + bytes.readUInt32LE(type.end));
    if (type.text === "chlist" && isSubsampled(value))
      throw new UnknownKindError(
        "Its channels have different sizes, and no decoder of this server joins them",
      );
    at = type.end + 4 + value.length;
  }
  return bytes;
}
