import { withWindow, type FileWindow } from "../types/file-window.ts";

/** `unsure`: the cheap look cannot tell, and only decoding can. */
export type Completeness = "whole" | "truncated" | "unsure";

/** Small, as a whole file needs a few headers only; a walk over thousands of small parts still takes few reads. */
const windowBytes = 64 * 1024;
const searchedBytes = 1024 * 1024;

/** The largest profiles and previews of cameras take some hundred segments of 64 KiB. */
const segmentsMax = 1000;
/** A recording in fragments has two boxes for each, often one fragment a second. */
const boxesMax = 10_000;

/** The last bytes of a file: all of it where it is shorter. */
const readEnd = (file: FileWindow, length: number) => file.readUpTo(Math.max(0, file.size - length), length);

/** Where a JPEG's first scan begins; segments before it, thumbnails among them, are stepped over. */
async function findScan(file: FileWindow): Promise<number | undefined> {
  for (let at = 2, segments = 0; segments < segmentsMax; segments++) {
    const head = await file.read(at, 4);
    if (head?.[0] !== 0xff) return undefined;
    if (head[1] === 0xda) return at;
    // A fill byte (ITU T.81 section B.1.1.2) may stand before any marker.
    at += head[1] === 0xff ? 1 : 2 + head.readUInt16BE(2);
  }
  return undefined;
}

/**
 * ITU T.81 section B.1.1.5 stuffs a zero after every 0xFF of coded data, so FF D9 after the first scan's
 * start is the end of the image; phones append videos and depth maps after it.
 */
async function checkJpeg(file: FileWindow): Promise<Completeness> {
  if ((await readEnd(file, 2)).equals(Buffer.of(0xff, 0xd9))) return "whole";
  const scan = await findScan(file);
  if (scan == null) return "unsure";
  for (let at = scan; at < file.size; at += searchedBytes - 1) {
    if ((await file.readUpTo(at, searchedBytes)).includes(Buffer.of(0xff, 0xd9))) return "whole";
  }
  return "truncated";
}

const checkPng = async (file: FileWindow): Promise<Completeness> =>
  (await readEnd(file, 12)).includes("IEND", 4, "latin1") ? "whole" : "unsure";

const checkGif = async (file: FileWindow): Promise<Completeness> =>
  (await readEnd(file, 1))[0] === 0x3b ? "whole" : "unsure";

async function checkRiff(file: FileWindow): Promise<Completeness> {
  const head = await file.readUpTo(0, 12);
  const told = head.length < 12 ? Infinity : head.readUInt32LE(4);
  // Writers to a pipe leave 0 or the largest number, and RF64 says the size elsewhere.
  if (told === 0 || told === 0xffff_ffff || head.toString("latin1", 0, 4) !== "RIFF") return "whole";
  // Sizes are of the content; a missing last padding byte is harmless.
  return told + 8 > file.size + 1 ? "truncated" : "whole";
}

/** ISO 14496-12 section 4.2: boxes follow each other, each beginning with its size. */
async function checkBoxes(file: FileWindow): Promise<Completeness> {
  for (let at = 0, boxes = 0; at < file.size; boxes++) {
    if (boxes === boxesMax) return "unsure";
    const head = await file.readUpTo(at, 16);
    if (head.length < 8) return boxes === 0 ? "truncated" : "whole";
    const told = head.readUInt32BE(0);
    // 0: "box extends to end of file"; 1: the size follows in 64 bits.
    if (told === 0) return "whole";
    const bytes = told !== 1 ? told : head.length < 16 ? Infinity : Number(head.readBigUInt64BE(8));
    if (bytes < 8) return "unsure";
    if (at + bytes > file.size) return "truncated";
    at += bytes;
  }
  return "whole";
}

/** RFC 8794 section 4: an element's data size, as a number of 1 to 8 bytes whose first set bit gives their count. */
function parseElementSize(bytes: Buffer, at: number): { size: bigint | null; end: number } | undefined {
  const first = bytes[at];
  if (first == null || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length) return undefined;
  let size = BigInt(first & ((1 << (8 - length)) - 1));
  for (let next = 1; next < length; next++) size = (size << 8n) | BigInt(bytes[at + next] ?? 0);
  // Section 6.2: all bits set means "unknown", as live recordings do.
  return { size: size === (1n << BigInt(7 * length)) - 1n ? null : size, end: at + length };
}

async function checkMatroska(file: FileWindow): Promise<Completeness> {
  const head = await file.readUpTo(0, 4096);
  const ebml = parseElementSize(head, 4);
  const segment = ebml?.size == null ? -1 : ebml.end + Number(ebml.size);
  if (segment < 0 || segment + 4 > head.length || head.readUInt32BE(segment) !== 0x1853_8067) return "unsure";
  const data = parseElementSize(head, segment + 4);
  if (data == null) return "unsure";
  return data.size != null && BigInt(data.end) + data.size > BigInt(file.size) ? "truncated" : "whole";
}

const checkPdf = async (file: FileWindow): Promise<Completeness> =>
  (await readEnd(file, 4096)).includes("%%EOF", 0, "latin1") ? "whole" : "truncated";

type Check = (file: FileWindow) => Promise<Completeness>;

const checks: Readonly<Record<string, Check>> = {
  "image/jpeg": checkJpeg,
  "image/png": checkPng,
  "image/apng": checkPng,
  "image/gif": checkGif,
  "image/webp": checkRiff,
  "image/avif": checkBoxes,
  "image/heic": checkBoxes,
  "image/heif": checkBoxes,
  "video/mp4": checkBoxes,
  "video/quicktime": checkBoxes,
  "video/3gpp": checkBoxes,
  "audio/mp4": checkBoxes,
  "video/x-msvideo": checkRiff,
  "audio/wav": checkRiff,
  "video/matroska": checkMatroska,
  "video/webm": checkMatroska,
  "audio/matroska": checkMatroska,
  "audio/webm": checkMatroska,
  "application/pdf": checkPdf,
};

/** A cheap look at whether the file ends where its format says; reads a few kilobytes, seldom more. */
export async function checkCompleteness(path: string, mimeType: string): Promise<Completeness> {
  const check = Object.hasOwn(checks, mimeType) ? checks[mimeType] : undefined;
  return check == null ? "whole" : await withWindow(path, check, windowBytes);
}
