import type { FileWindow } from "../file-window.ts";
import type { Signature } from "./signature.ts";

/** TIFF 6.0 section 2: entries of 12 bytes. */
const entryBytes = 12;
const entriesMax = 1000;

const tag = { make: 271, subDirectories: 330, dngVersion: 50_706 } as const;

/** Makers whose RAW files are TIFFs with the sensor's data in a SubIFD. */
const raws: readonly { readonly make: RegExp; readonly format: Signature }[] = [
  { make: /^SONY/i, format: { mimeType: "image/x-sony-arw", extension: "arw" } },
  { make: /^NIKON/i, format: { mimeType: "image/x-nikon-nef", extension: "nef" } },
];

const tiff: Signature = { mimeType: "image/tiff", extension: "tif" };

interface Directory {
  readonly tags: ReadonlySet<number>;
  readonly make: string;
}

async function readDirectory(file: FileWindow, head: Buffer): Promise<Directory | undefined> {
  const isLittle = head[0] === 0x49;
  const u16 = (bytes: Buffer, at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (bytes: Buffer, at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const start = u32(head, 4);
  const count = await file.read(start, 2);
  if (count == null || u16(count, 0) > entriesMax) return undefined;
  const entries = await file.readUpTo(start + 2, u16(count, 0) * entryBytes);
  const tags = new Set<number>();
  let make = "";
  for (let at = 0; at + entryBytes <= entries.length; at += entryBytes) {
    const id = u16(entries, at);
    tags.add(id);
    if (id !== tag.make) continue;
    const length = Math.min(u32(entries, at + 4), 64);
    const inside = entries.subarray(at + 8, at + 12);
    const value = length <= 4 ? inside : await file.readUpTo(u32(inside, 0), length);
    make = value.toString("latin1");
  }
  return { tags, make };
}

/**
 * The type of a file with a TIFF header. Tag 50341 alone, which others take for a Sony RAW, is Print Image Matching, and
 * cameras of every maker write it. exiftool has the last word, where it gives one.
 * @returns undefined without a TIFF header, and for RAW formats with a header of their own (ORF, RW2).
 */
export async function detectTiff(head: Buffer, file: FileWindow): Promise<Signature | undefined> {
  const order = head.toString("latin1", 0, 2);
  if (head.length < 8 || (order !== "II" && order !== "MM")) return undefined;
  const version = order === "II" ? head.readUInt16LE(2) : head.readUInt16BE(2);
  // 43 is BigTIFF.
  if (version === 43) return tiff;
  if (version !== 42) return undefined;
  if (head.toString("latin1", 8, 10) === "CR") return { mimeType: "image/x-canon-cr2", extension: "cr2" };
  const directory = await readDirectory(file, head);
  if (directory == null) return tiff;
  if (directory.tags.has(tag.dngVersion)) return { mimeType: "image/x-adobe-dng", extension: "dng" };
  if (!directory.tags.has(tag.subDirectories)) return tiff;
  return raws.find(({ make }) => make.test(directory.make))?.format ?? tiff;
}
