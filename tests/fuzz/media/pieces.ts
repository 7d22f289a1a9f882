/** A part of a container: its length field, and where it begins and ends. Offsets in bytes. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly lengthAt: number;
  readonly lengthBytes: number;
  readonly isLittleEndian: boolean;
}

type Find = (bytes: Buffer) => Piece[];

const piecesMax = 2_000;

/** Markers with a length up to the start of the scan; entropy-coded bytes are the last piece. */
const jpeg: Find = (bytes) => {
  const pieces: Piece[] = [];
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && pieces.length < piecesMax) {
    const to = Math.min(bytes.length, at + 2 + bytes.readUInt16BE(at + 2));
    pieces.push({ from: at, to, lengthAt: at + 2, lengthBytes: 2, isLittleEndian: false });
    if (bytes[at + 1] === 0xda) break;
    at = to;
  }
  return pieces;
};

const png: Find = (bytes) => {
  const pieces: Piece[] = [];
  for (let at = 8; at + 12 <= bytes.length && pieces.length < piecesMax;) {
    const to = Math.min(bytes.length, at + 12 + bytes.readUInt32BE(at));
    pieces.push({ from: at, to, lengthAt: at, lengthBytes: 4, isLittleEndian: false });
    at = to;
  }
  return pieces;
};

/** Boxes that hold boxes; `meta` has four bytes before its first. */
const holders = new Set("moov trak mdia minf stbl udta meta edts dinf moof traf iprp ipco mvex".split(" "));

const boxes: Find = (bytes) => {
  const pieces: Piece[] = [];
  const walk = (begin: number, end: number) => {
    for (let at = begin; at + 8 <= end && pieces.length < piecesMax;) {
      const size = bytes.readUInt32BE(at);
      const to = size < 8 ? end : Math.min(end, at + size);
      pieces.push({ from: at, to, lengthAt: at, lengthBytes: 4, isLittleEndian: false });
      const type = bytes.toString("latin1", at + 4, at + 8);
      if (holders.has(type)) walk(at + (type === "meta" ? 12 : 8), to);
      at = to;
    }
  };
  walk(0, bytes.length);
  return pieces;
};

const riff: Find = (bytes) => {
  const pieces: Piece[] = [];
  const walk = (begin: number, end: number) => {
    for (let at = begin; at + 8 <= end && pieces.length < piecesMax;) {
      const size = bytes.readUInt32LE(at + 4);
      const to = Math.min(end, at + 8 + size + (size % 2));
      pieces.push({ from: at, to, lengthAt: at + 4, lengthBytes: 4, isLittleEndian: true });
      const type = bytes.toString("latin1", at, at + 4);
      if (type === "RIFF" || type === "LIST") walk(at + 12, to);
      at = to;
    }
  };
  walk(0, bytes.length);
  return pieces;
};

/** Length of a variable-length integer: the position of its first one (RFC 8794 section 4). */
const widthOf = (byte: number | undefined) => Math.clz32(byte ?? 0) - 23;

const masters = new Set([0x18538067, 0x1549a966, 0x1654ae6b, 0xae, 0xe0, 0x1f43b675, 0xa0, 0x1c53bb6b]);

const ebml: Find = (bytes) => {
  const pieces: Piece[] = [];
  const walk = (begin: number, end: number) => {
    for (let at = begin; at + 2 <= end && pieces.length < piecesMax;) {
      const idBytes = widthOf(bytes[at]);
      const lengthBytes = widthOf(bytes[at + idBytes]);
      const bodyAt = at + idBytes + lengthBytes;
      if (idBytes > 4 || lengthBytes > 8 || bodyAt > end) return;
      let size = (bytes[at + idBytes] ?? 0) & (0xff >> lengthBytes);
      for (let index = 1; index < lengthBytes; index++)
        size = size * 256 + (bytes[at + idBytes + index] ?? 0);
      const to = Math.min(end, bodyAt + size);
      pieces.push({ from: at, to, lengthAt: at + idBytes, lengthBytes, isLittleEndian: false });
      if (masters.has(bytes.readUIntBE(at, idBytes))) walk(bodyAt, to);
      at = to;
    }
  };
  walk(0, bytes.length);
  return pieces;
};

/** Entries of the directories; an entry's count stands for its length, and its offset leads anywhere. */
const tiff: Find = (bytes) => {
  const isLittleEndian = bytes[0] === 0x49;
  const u16 = (at: number) => (isLittleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number) => (isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const pieces: Piece[] = [];
  const seen = new Set<number>();
  for (let at = u32(4); at + 2 <= bytes.length && !seen.has(at);) {
    seen.add(at);
    const count = u16(at);
    for (let index = 0; index < count && pieces.length < piecesMax; index++) {
      const from = at + 2 + index * 12;
      if (from + 12 > bytes.length) return pieces;
      pieces.push({ from, to: from + 12, lengthAt: from + 4, lengthBytes: 4, isLittleEndian });
      pieces.push({ from, to: from + 12, lengthAt: from + 8, lengthBytes: 4, isLittleEndian });
    }
    const next = at + 2 + count * 12;
    if (next + 4 > bytes.length) return pieces;
    at = u32(next);
  }
  return pieces;
};

const isMatroska = (bytes: Buffer) => bytes.readUInt32BE(0) === 0x1a45dfa3;

/** The parts of a JPEG, PNG, TIFF, RIFF, ISO or Matroska file; none for other formats. */
export function findPieces(bytes: Buffer): Piece[] {
  if (bytes.length < 16) return [];
  const start = bytes.toString("latin1", 0, 4);
  if (start.startsWith("\xff\xd8")) return jpeg(bytes);
  if (start === "\x89PNG") return png(bytes);
  if (start === "RIFF") return riff(bytes);
  if (start === "II*\0" || start === "MM\0*") return tiff(bytes);
  if (isMatroska(bytes)) return ebml(bytes);
  return bytes.toString("latin1", 4, 8) === "ftyp" ? boxes(bytes) : [];
}
