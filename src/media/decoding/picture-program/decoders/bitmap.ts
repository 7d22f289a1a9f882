import { UnknownKindError } from "../failure.ts";

const fileHeaderBytes = 14;
/** BITMAPINFOHEADER; the first 40 bytes of OS/2's second header are the same, as far as they are there. */
const plainHeaderBytes = 40;
/** BITMAPV4HEADER, the first that has a mask of transparency. */
const maskedHeaderBytes = 108;
const masksBytes = 16;
/** Sizes of headers that are Windows', or the first of OS/2's, which everybody reads. */
const known = new Set([12, 40, 52, 56, 108, 124]);
const compression = { at: 16, none: 0, bitFields: 3, alphaBitFields: 6 } as const;
const runLengths = new Set([1, 2]);

interface Parts {
  readonly header: Buffer;
  /** Colours of a palette. */
  readonly palette: Buffer;
  readonly pixels: Buffer;
}

function join({ header, palette, pixels }: Parts): Buffer {
  const head = Buffer.alloc(fileHeaderBytes);
  const at = fileHeaderBytes + header.length + palette.length;
  head.write("BM", "latin1");
  head.writeUInt32LE(at + pixels.length, 2);
  head.writeUInt32LE(at, 10);
  return Buffer.concat([head, header, palette, pixels]);
}

/** OS/2's second header, of 16 to 64 bytes, as Windows'. @throws for compressions that only OS/2 has. */
function fromOs2(header: Buffer): Buffer {
  const plain = Buffer.alloc(plainHeaderBytes);
  header.copy(plain, 0, 0, plainHeaderBytes);
  plain.writeUInt32LE(plainHeaderBytes, 0);
  const kind = plain.readUInt32LE(compression.at);
  if (kind !== compression.none && !runLengths.has(kind))
    throw new UnknownKindError(
      "Its compression is one that only OS/2 has, and no decoder of this server knows it",
    );
  return plain;
}

/** Windows CE's, whose masks stand behind a header of 40 bytes, as one that has them inside. */
function withMasks(header: Buffer, masks: Buffer): Buffer {
  const masked = Buffer.alloc(maskedHeaderBytes);
  header.copy(masked);
  masks.copy(masked, plainHeaderBytes);
  masked.writeUInt32LE(maskedHeaderBytes, 0);
  masked.writeUInt32LE(compression.bitFields, compression.at);
  return masked;
}

/**
 * A bitmap with a header that every decoder reads: the first of OS/2's bitmap arrays, in which places count from the
 * beginning of the file, and what has a header of OS/2 or of Windows CE. Others stay as they are.
 */
export function plainBitmap(bytes: Buffer): Buffer {
  const start = bytes.toString("latin1", 0, 2) === "BA" ? fileHeaderBytes : 0;
  if (bytes.length < start + fileHeaderBytes + plainHeaderBytes) return bytes;
  if (bytes.toString("latin1", start, start + 2) !== "BM") return bytes;
  const pixelsAt = bytes.readUInt32LE(start + 10);
  const headerAt = start + fileHeaderBytes;
  const headerBytes = bytes.readUInt32LE(headerAt);
  const isOs2 = !known.has(headerBytes) && headerBytes >= 16 && headerBytes <= 64;
  const header = bytes.subarray(headerAt, headerAt + headerBytes);
  const isMasked =
    headerBytes === plainHeaderBytes && header.readUInt32LE(compression.at) === compression.alphaBitFields;
  if (pixelsAt > bytes.length || (start === 0 && !isOs2 && !isMasked)) return bytes;
  const behind = headerAt + headerBytes;
  const parts = { palette: bytes.subarray(behind, pixelsAt), pixels: bytes.subarray(pixelsAt) };
  if (isOs2) return join({ ...parts, header: fromOs2(header) });
  if (!isMasked) return join({ ...parts, header });
  const masks = bytes.subarray(behind, behind + masksBytes);
  return join({ ...parts, header: withMasks(header, masks), palette: Buffer.alloc(0) });
}
