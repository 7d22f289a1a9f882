import type { FileWindow } from "../file-window.ts";
import type { Signature } from "./signature.ts";

const magic = Buffer.from("d0cf11e0a1b11ae1", "hex");
const entryBytes = 128;
const entriesMax = 64;

/** [MS-CFB] section 2.6.1: the class of the root, as its bytes are stored. FlashPix: 56616700-C154-11CE-8553-00AA00A1F95B. */
const flashPix = Buffer.from("0067615654c1ce11855300aa00a1f95b", "hex");

/** Streams that only one program's documents have. */
const documents: readonly { readonly stream: RegExp; readonly format: Signature }[] = [
  { stream: /^WordDocument$/, format: { mimeType: "application/msword", extension: "doc" } },
  { stream: /^(Workbook|Book)$/, format: { mimeType: "application/vnd.ms-excel", extension: "xls" } },
  {
    stream: /^PowerPoint Document$/,
    format: { mimeType: "application/vnd.ms-powerpoint", extension: "ppt" },
  },
  {
    stream: /^__properties_version1\.0$/,
    format: { mimeType: "application/vnd.ms-outlook", extension: "msg" },
  },
  { stream: /^VisioDocument$/, format: { mimeType: "application/vnd.visio", extension: "vsd" } },
];

/**
 * Compound files (OLE2) by the class of their root and the names of their first streams. exiftool takes each whose
 * name it does not see for a FlashPix picture.
 */
export async function detectOle(head: Buffer, file: FileWindow): Promise<Signature | undefined> {
  if (!head.subarray(0, 8).equals(magic) || head.length < 512) return undefined;
  const other: Signature = { mimeType: "application/x-cfb", extension: "cfb" };
  const sectorBytes = 2 ** head.readUInt16LE(30);
  if (sectorBytes !== 512 && sectorBytes !== 4096) return other;
  // Sector numbers count from behind the header, which has one sector's place.
  const directoryAt = (head.readUInt32LE(48) + 1) * sectorBytes;
  const entries = await file.readUpTo(directoryAt, entriesMax * entryBytes);
  if (entries.length < entryBytes) return other;
  if (entries.subarray(80, 96).equals(flashPix)) return { mimeType: "image/vnd.fpx", extension: "fpx" };
  for (let at = 0; at + entryBytes <= entries.length; at += entryBytes) {
    const nameBytes = Math.min(64, Math.max(0, entries.readUInt16LE(at + 64) - 2));
    const name = entries.toString("utf16le", at, at + nameBytes);
    const found = documents.find(({ stream }) => stream.test(name));
    if (found) return found.format;
  }
  return other;
}
