import { asciiAt, isEdge, type Detector, type Signature } from "./signature.ts";

const sized = (mimeType: string, extension: string, width: number, height: number): Signature | undefined =>
  isEdge(width) && isEdge(height) ? { mimeType, extension, size: { width, height } } : undefined;

/** https://qoiformat.org/qoi-specification.pdf: "qoif", two edges, channels and colour space. */
const detectQoi: Detector = (head) => {
  if (asciiAt(head, 0, 4) !== "qoif" || head.length < 14) return undefined;
  const [channels = 0, space = 0] = head.subarray(12);
  if ((channels !== 3 && channels !== 4) || space > 1) return undefined;
  return sized("image/qoi", "qoi", head.readUInt32BE(4), head.readUInt32BE(8));
};

/** DDS_HEADER: "DDS ", its own size of 124, flags, height, width. */
const detectDds: Detector = (head) => {
  if (asciiAt(head, 0, 4) !== "DDS " || head.length < 128 || head.readUInt32LE(4) !== 124) return undefined;
  return sized("image/vnd.ms-dds", "dds", head.readUInt32LE(16), head.readUInt32LE(12));
};

/** The SGI Image File Format: magic 474, storage 0 or 1, bytes per channel, dimensions, three edges. */
const detectSgi: Detector = (head) => {
  if (head.length < 512 || head.readUInt16BE(0) !== 474) return undefined;
  const [storage = 2, bytes = 0] = head.subarray(2);
  const dimensions = head.readUInt16BE(4);
  if (storage > 1 || bytes < 1 || bytes > 2 || dimensions < 1 || dimensions > 3) return undefined;
  return sized("image/x-sgi", "sgi", head.readUInt16BE(6), dimensions === 1 ? 1 : head.readUInt16BE(8));
};

/** Netpbm's PAM: lines of a name and a value up to ENDHDR. */
const detectPam: Detector = (head) => {
  const text = asciiAt(head, 0, 1024);
  if (!/^P7\r?\n/.test(text) || !/\nENDHDR\r?\n/.test(text)) return undefined;
  const edge = (name: string) => Number(new RegExp(`\\n${name}[ \\t]+(\\d{1,9})\\s`).exec(text)?.[1] ?? 0);
  return sized("image/x-portable-arbitrarymap", "pam", edge("WIDTH"), edge("HEIGHT"));
};

/** X bitmaps are C: two definitions, and an array. */
const detectXbm: Detector = (head) => {
  const text = asciiAt(head, 0, 2048);
  if (!/^\s*(\/\*[^*]*\*\/\s*)?#define\s/.test(text) || !/\b\w*_bits\s*\[/.test(text)) return undefined;
  const edge = (name: string) =>
    Number(new RegExp(`#define\\s+\\w*_${name}\\s+(\\d{1,9})\\s`).exec(text)?.[1] ?? 0);
  return sized("image/x-xbitmap", "xbm", edge("width"), edge("height"));
};

/** X pixmaps: the comment that every one begins with, and a string of width, height, colours and characters. */
const detectXpm: Detector = (head) => {
  const text = asciiAt(head, 0, 2048);
  if (!text.startsWith("/* XPM */")) return undefined;
  const values = /"\s*(\d{1,9})\s+(\d{1,9})\s+\d{1,9}\s+\d{1,3}[\s"]/.exec(text);
  return sized("image/x-xpixmap", "xpm", Number(values?.[1] ?? 0), Number(values?.[2] ?? 0));
};

/** Sizes of the headers of Windows and OS/2 behind the one of the file. */
const isBitmapHeader = (bytes: number) => (bytes >= 16 && bytes <= 64) || bytes === 108 || bytes === 124;
const bitmapDepths = new Set([0, 1, 2, 4, 8, 16, 24, 32]);

/** Bitmaps ("BM"), and OS/2's arrays of them: "BA", a header of 14 bytes, and the first. */
const detectBitmap: Detector = (head) => {
  const start = asciiAt(head, 0, 2) === "BA" ? 14 : 0;
  if (asciiAt(head, start, 2) !== "BM" || head.length < start + 30) return undefined;
  const at = start + 14;
  const bytes = head.readUInt32LE(at);
  const isFirst = bytes === 12;
  if (!isFirst && !isBitmapHeader(bytes)) return undefined;
  const [planes, bits] = isFirst
    ? [head.readUInt16LE(at + 8), head.readUInt16LE(at + 10)]
    : [head.readUInt16LE(at + 12), head.readUInt16LE(at + 14)];
  if (planes !== 1 || !bitmapDepths.has(bits)) return undefined;
  if (isFirst) return sized("image/bmp", "bmp", head.readUInt16LE(at + 4), head.readUInt16LE(at + 6));
  return sized("image/bmp", "bmp", head.readInt32LE(at + 4), Math.abs(head.readInt32LE(at + 8)));
};

/** Pictures whose whole description is in their first bytes. */
export const plainPictures: readonly Detector[] = [
  detectQoi,
  detectDds,
  detectSgi,
  detectPam,
  detectXbm,
  detectXpm,
  detectBitmap,
];
