import { crc32 } from "node:zlib";
import type { Random } from "../../../bench/random.ts";
import { findPieces, type Piece } from "./pieces.ts";

/** Changes a copy; where it can do nothing the bytes stay as they are. */
type Mutation = (bytes: Buffer, random: Random) => Buffer;

const fileBytesMax = 4 * 1024 * 1024;

/** Numbers at which lengths, counts and offsets overflow, wrap round or become negative. */
const edges = [0, 1, 2, 3, 7, 8, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000];
const largeEdges = [0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff, 0x0fff_ffff, 0x1000_0000];

function writeEdge(bytes: Buffer, at: number, width: number, isLittleEndian: boolean, random: Random) {
  const width6 = Math.min(6, width);
  if (at < 0 || at + width6 > bytes.length || width6 < 1) return;
  const value = random.pick(random.below(2) === 0 ? edges : largeEdges) % 256 ** width6;
  if (isLittleEndian) bytes.writeUIntLE(value, at, width6);
  else bytes.writeUIntBE(value, at, width6);
}

const join = (...parts: Buffer[]) => Buffer.concat(parts).subarray(0, fileBytesMax);

/** A stretch of at most `max` bytes somewhere. */
function stretch(bytes: Buffer, max: number, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length);
  return [from, Math.min(bytes.length, from + 1 + random.below(max))];
}

const blind: Readonly<Record<string, Mutation>> = {
  // Every 64th.
  truncate: (bytes, random) => bytes.subarray(0, Math.floor((bytes.length * random.below(64)) / 64)),
  // zzuf's ratios: the share of bits that flip.
  flip: (bytes, random) => {
    const ratio = random.pick([0.0001, 0.0004, 0.001, 0.004, 0.01, 0.05]);
    const copy = Buffer.from(bytes);
    const flips = Math.max(1, Math.round(copy.length * 8 * ratio));
    for (let index = 0; index < flips; index++) {
      const at = random.below(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    }
    return copy;
  },
  // Where formats keep what everything else depends on.
  flipHead: (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let index = 0; index <= random.below(8); index++) {
      const at = random.below(Math.min(copy.length, 256));
      copy[at] = random.below(256);
    }
    return copy;
  },
  edge: (bytes, random) => {
    const copy = Buffer.from(bytes);
    const width = random.pick([1, 2, 4]);
    writeEdge(copy, random.below(copy.length), width, random.below(2) === 0, random);
    return copy;
  },
  wipe: (bytes, random) => {
    const [from, to] = stretch(bytes, 4096, random);
    return Buffer.from(bytes).fill(random.pick([0, 0xff, 0x20]), from, to);
  },
  cut: (bytes, random) => {
    const [from, to] = stretch(bytes, 4096, random);
    return join(bytes.subarray(0, from), bytes.subarray(to));
  },
  repeat: (bytes, random) => {
    const [from, to] = stretch(bytes, 1024, random);
    const times = random.pick([1, 10, 500]);
    const again = Array.from({ length: times }, () => bytes.subarray(from, to));
    return join(bytes.subarray(0, to), ...again, bytes.subarray(to));
  },
  noise: (bytes, random) => {
    const noise = Buffer.from(Array.from({ length: 1 + random.below(512) }, () => random.below(256)));
    const at = random.below(bytes.length);
    return join(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
};

const without = (bytes: Buffer, { from, to }: Piece) => join(bytes.subarray(0, from), bytes.subarray(to));
const insert = (bytes: Buffer, at: number, ...more: Buffer[]) =>
  join(bytes.subarray(0, at), ...more, bytes.subarray(at));

/** A mutation of one piece; formats without pieces are changed blindly. */
const ofPiece =
  (change: (bytes: Buffer, piece: Piece, random: Random) => Buffer): Mutation =>
  (bytes, random) => {
    const pieces = findPieces(bytes);
    return pieces.length === 0
      ? random.pick(Object.values(blind))(bytes, random)
      : change(bytes, random.pick(pieces), random);
  };

const structural: Readonly<Record<string, Mutation>> = {
  wrongLength: ofPiece((bytes, { lengthAt, lengthBytes, isLittleEndian }, random) => {
    const copy = Buffer.from(bytes);
    writeEdge(copy, lengthAt, lengthBytes, isLittleEndian, random);
    return copy;
  }),
  nearLength: ofPiece((bytes, { lengthAt, lengthBytes, isLittleEndian }, random) => {
    const copy = Buffer.from(bytes);
    const last = isLittleEndian ? lengthAt : lengthAt + lengthBytes - 1;
    if (last < copy.length) copy[last] = (copy[last] ?? 0) + random.pick([1, 2, 255, 254, 16]);
    return copy;
  }),
  dropPiece: ofPiece((bytes, piece) => without(bytes, piece)),
  emptyPiece: ofPiece((bytes, { from, to }) => Buffer.from(bytes).fill(0, Math.min(from + 8, to), to)),
  twice: ofPiece((bytes, { from, to }) => insert(bytes, to, bytes.subarray(from, to))),
  manyTimes: ofPiece((bytes, { from, to }, random) => {
    const times = random.pick([100, 2_000]);
    return insert(bytes, to, ...Array.from({ length: times }, () => bytes.subarray(from, to)));
  }),
  // Another place for it, such as a header at the end.
  movePiece: ofPiece((bytes, piece, random) => {
    const left = without(bytes, piece);
    return insert(left, random.below(left.length + 1), bytes.subarray(piece.from, piece.to));
  }),
  // A box in a box in a box: readers that call themselves run out of stack.
  nest: ofPiece((bytes, { from, lengthAt, lengthBytes, to }, random) => {
    if (lengthBytes !== 4 || lengthAt !== from) return bytes;
    const depth = random.pick([10, 300, 5_000]);
    const type = bytes.subarray(from + 4, from + 8);
    const heads = Array.from({ length: depth }, (_, level) => {
      const head = Buffer.alloc(8);
      head.writeUInt32BE(to - from + (depth - level) * 8, 0);
      type.copy(head, 4);
      return head;
    });
    return insert(bytes, from, ...heads);
  }),
  otherType: ofPiece((bytes, { from }, random) => {
    const copy = Buffer.from(bytes);
    const at = from + random.below(8);
    if (at < copy.length) copy[at] = random.below(256);
    return copy;
  }),
  damagePiece: ofPiece((bytes, { from, to }, random) => {
    const copy = Buffer.from(bytes);
    for (let index = 0; index <= random.below(6); index++) {
      copy[from + random.below(to - from)] = random.below(256);
    }
    return copy;
  }),
};

/** Wrong checksums would keep every reader from looking at what was changed. */
function sealPng(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (const { from, to } of findPieces(copy)) {
    if (to - from >= 12) copy.writeUInt32BE(crc32(copy.subarray(from + 4, to - 4)), to - 4);
  }
  return copy;
}

const mutations = Object.entries({ ...blind, ...structural });

export interface Mutant {
  readonly bytes: Buffer;
  /** What was done to it, in this order. */
  readonly how: string;
}

/** One to three mutations, one upon the other. */
export function mutate(original: Buffer, random: Random): Mutant {
  let bytes = original;
  const names: string[] = [];
  for (let left = random.pick([1, 1, 1, 2, 2, 3]); left > 0 && bytes.length > 0; left--) {
    const [name, mutation] = random.pick(mutations);
    bytes = mutation(bytes, random);
    names.push(name);
  }
  const isPng = bytes.length > 8 && bytes.toString("latin1", 1, 4) === "PNG";
  if (!isPng || random.below(4) === 0) return { bytes, how: names.join("+") };
  return { bytes: sealPng(bytes), how: `${names.join("+")}+seal` };
}
