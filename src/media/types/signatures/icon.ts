import type { FileWindow } from "../file-window.ts";
import type { Signature } from "./signature.ts";

const headerBytes = 6;
const entryBytes = 16;
const entriesMax = 1000;

const pngSignature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
/** Sizes of Windows' and OS/2's bitmap headers, with which an image that is no PNG begins. */
const bitmapHeaders = new Set([12, 40, 52, 56, 64, 108, 124]);

/** A directory's first entry: a byte that is zero, and of an icon one plane at most and a depth that exists. */
function isEntry(entry: Buffer, kind: number): boolean {
  if (entry[3] !== 0) return false;
  return (
    kind === 2 || (entry.readUInt16LE(4) <= 1 && [0, 1, 4, 8, 16, 24, 32].includes(entry.readUInt16LE(6)))
  );
}

/**
 * Icons and cursors by their directory. Their first four bytes alone are those of most uncompressed TGA pictures, too,
 * so a cursor has to point at a bitmap or a PNG inside the file; an icon without one is a damaged icon.
 */
export async function detectIcon(head: Buffer, file: FileWindow): Promise<Signature | undefined> {
  if (head.length < headerBytes + entryBytes || head.readUInt16LE(0) !== 0) return undefined;
  const kind = head.readUInt16LE(2);
  const count = head.readUInt16LE(4);
  if ((kind !== 1 && kind !== 2) || count === 0 || count > entriesMax) return undefined;
  const entry = head.subarray(headerBytes, headerBytes + entryBytes);
  const [bytes, at] = [entry.readUInt32LE(8), entry.readUInt32LE(12)];
  if (!isEntry(entry, kind) || bytes === 0 || at < headerBytes + count * entryBytes) return undefined;
  if (kind === 1) return { mimeType: "image/vnd.microsoft.icon", extension: "ico" };
  const image = await file.read(at, 8);
  const isImage = image != null && (image.equals(pngSignature) || bitmapHeaders.has(image.readUInt32LE(0)));
  return isImage ? { mimeType: "image/x-cursor", extension: "cur" } : undefined;
}
