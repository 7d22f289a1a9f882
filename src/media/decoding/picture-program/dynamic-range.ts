import { isHeif, type PictureFile } from "../picture-tasks.ts";
import { withWindow, type FileWindow } from "../../types/file-window.ts";

/** Colours whose light goes beyond the white of a screen. */
export interface HighRange {
  readonly transfer: "PQ" | "HLG";
  readonly primaries: "BT709" | "BT2020" | "P3";
}

/** ITU-T H.273, tables 3 and 2. Undefined for the range of a screen. */
function rangeOf(primaries: number, transfer: number): HighRange | undefined {
  const name = primaries === 9 ? "BT2020" : primaries === 11 || primaries === 12 ? "P3" : "BT709";
  if (transfer === 16) return { transfer: "PQ", primaries: name };
  return transfer === 18 ? { transfer: "HLG", primaries: name } : undefined;
}

/** The description of a picture comes before its pixels. */
const headBytes = 1024 * 1024;
const boxesMax = 10_000;

interface Box {
  readonly type: string;
  /** Of its content. */
  readonly bytes: Buffer;
}

/** ISO 14496-12 section 4.2; stops where sizes make no sense. */
function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length && boxes.length < boxesMax;) {
    const size = bytes.readUInt32BE(at);
    if (size < 8) break;
    boxes.push({ type: bytes.toString("latin1", at + 4, at + 8), bytes: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

const find = (boxes: readonly Box[], type: string) => boxes.find((box) => box.type === type)?.bytes;

/** Bytes of version and flags before the content of a full box. */
const fullBytes = 4;

/** ISO 23008-12 section 9.3.1: which properties, counted from 1, each item has. */
function associationsIn(ipma: Buffer): Map<number, number[]> {
  const idBytes = ipma[0] === 0 ? 2 : 4;
  const indexBytes = ((ipma[3] ?? 0) & 1) === 1 ? 2 : 1;
  const items = new Map<number, number[]>();
  let at = fullBytes + 4;
  for (let left = Math.min(ipma.readUInt32BE(fullBytes), boxesMax); left > 0; left--) {
    const id = ipma.readUIntBE(at, idBytes);
    const count = ipma.readUInt8(at + idBytes);
    at += idBytes + 1;
    const own: number[] = [];
    // The highest bit says that a reader must know the property.
    for (let index = 0; index < count; index++, at += indexBytes)
      own.push(ipma.readUIntBE(at, indexBytes) & (indexBytes === 2 ? 0x7fff : 0x7f));
    items.set(id, own);
  }
  return items;
}

/** Of the picture that is shown: a file may hold a gain map, or another rendering, in other colours. */
function heifRange(head: Buffer): HighRange | undefined {
  const meta = find(boxesIn(head), "meta");
  const inside = meta && boxesIn(meta.subarray(fullBytes));
  const properties = inside && boxesIn(find(inside, "iprp") ?? Buffer.alloc(0));
  const [ipma, ipco, pitm] = [
    properties && find(properties, "ipma"),
    properties && find(properties, "ipco"),
  ].concat(inside && find(inside, "pitm"));
  if (ipma == null || ipco == null || pitm == null) return undefined;
  const known = boxesIn(ipco);
  const items = associationsIn(ipma);
  const primary = pitm.readUIntBE(fullBytes, pitm[0] === 0 ? 2 : 4);
  for (const index of items.get(primary) ?? []) {
    const box = known[index - 1];
    if (box?.type !== "colr" || box.bytes.toString("latin1", 0, 4) !== "nclx") continue;
    return rangeOf(box.bytes.readUInt16BE(4), box.bytes.readUInt16BE(6));
  }
  return undefined;
}

/** PNG, third edition, section 11.3.2.6: cICP, before the pixels, goes before any profile. */
function pngRange(head: Buffer): HighRange | undefined {
  for (let at = 8; at + 12 <= head.length; at += 12 + head.readUInt32BE(at)) {
    const type = head.toString("latin1", at + 4, at + 8);
    if (type === "cICP") return rangeOf(head.readUInt8(at + 8), head.readUInt8(at + 9));
    if (type === "IDAT") return undefined;
  }
  return undefined;
}

async function readRange(file: FileWindow, isPng: boolean): Promise<HighRange | undefined> {
  const head = await file.readUpTo(0, isPng ? 64 * 1024 : headBytes);
  return isPng ? pngRange(head) : heifRange(head);
}

/** Undefined for what is made for screens, for other formats, and for a description that makes no sense. */
export async function highRangeOf({ path, mimeType }: PictureFile): Promise<HighRange | undefined> {
  const isPng = mimeType === "image/png";
  if (!isPng && mimeType !== "image/avif" && !isHeif(mimeType)) return undefined;
  return withWindow(path, (file) => readRange(file, isPng), 64 * 1024).catch((error: unknown) => {
    if (error instanceof RangeError) return undefined;
    throw error;
  });
}
