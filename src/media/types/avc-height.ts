import { open } from "node:fs/promises";

/** A sequence parameter set comes before the first picture. */
const searchedBytes = 1024 * 1024;
const setBytesMax = 1024;
const startCode = Buffer.of(0, 0, 1);
const setType = 7;

/** Profiles whose parameter sets tell the kind of sample (ITU-T H.264 section 7.3.2.1.1). */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Reads bits, and ITU-T H.264's Exp-Golomb codes (section 9.1); beyond the end all are 1. */
class Bits {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  bit(): number {
    const byte = this.#bytes[this.#at >> 3] ?? 0xff;
    return (byte >> (7 - (this.#at++ & 7))) & 1;
  }

  skip(bits: number) {
    this.#at += bits;
  }

  unsigned(): number {
    let zeros = 0;
    while (zeros < 32 && this.bit() === 0) zeros++;
    let value = 1;
    for (let bits = 0; bits < zeros; bits++) value = value * 2 + this.bit();
    return value - 1;
  }

  signed(): number {
    const code = this.unsigned();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}

function skipScalingList(bits: Bits, length: number) {
  let next = 8;
  for (let index = 0, last = 8; index < length && next !== 0; index++) {
    next = (last + bits.signed() + 256) % 256;
    if (next !== 0) last = next;
  }
}

/** @returns chroma_format_idc, 0 where each plane is coded as a picture of its own. */
function readSamples(bits: Bits): number {
  const chroma = bits.unsigned();
  const isSeparate = chroma === 3 && bits.bit() === 1;
  bits.unsigned();
  bits.unsigned();
  bits.skip(1);
  if (bits.bit() === 1)
    for (let list = 0; list < (chroma === 3 ? 12 : 8); list++)
      if (bits.bit() === 1) skipScalingList(bits, list < 6 ? 16 : 64);
  return isSeparate ? 0 : chroma;
}

/**
 * The factor by which mediabunny 1.61 gives a height that is too small: of interlaced video it takes the lines of one field, and
 * subtracts the cropping of both. 1 for other video.
 */
function linesRatio(set: Buffer): number {
  const bits = new Bits(set.subarray(3));
  bits.unsigned();
  const chroma = highProfiles.has(set.readUInt8(0)) ? readSamples(bits) : 1;
  bits.unsigned();
  const orderType = bits.unsigned();
  if (orderType === 0) bits.unsigned();
  if (orderType === 1) {
    bits.skip(1);
    bits.signed();
    bits.signed();
    for (let cycle = Math.min(bits.unsigned(), 255); cycle > 0; cycle--) bits.signed();
  }
  bits.unsigned();
  bits.skip(1);
  bits.unsigned();
  const unitLines = 16 * (bits.unsigned() + 1);
  if (bits.bit() === 1) return 1;
  bits.skip(2);
  const isCropped = bits.bit() === 1;
  if (isCropped) {
    bits.unsigned();
    bits.unsigned();
  }
  const cropped = isCropped ? (bits.unsigned() + bits.unsigned()) * (chroma === 1 ? 4 : 2) : 0;
  return unitLines > cropped ? (2 * unitLines - cropped) / (unitLines - cropped) : 1;
}

/** Bytes without those that keep start codes out of them (section 7.4.1). */
function withoutGuards(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte, at) => !(byte === 3 && bytes[at - 1] === 0 && bytes[at - 2] === 0)));
}

function firstSet(bytes: Buffer): Buffer | undefined {
  for (let at = bytes.indexOf(startCode); at >= 0; at = bytes.indexOf(startCode, at + 1)) {
    const header = bytes[at + 3] ?? 0;
    if (header < 0x80 && header >= 0x20 && (header & 31) === setType) {
      const set = withoutGuards(bytes.subarray(at + 4, at + 4 + setBytesMax));
      return set.length > 3 ? set : undefined;
    }
  }
  return undefined;
}

/**
 * The factor for mediabunny's height of H.264 in a transport stream. Read from the packets in file order: the
 * set is among the first bytes of a frame, which begins a packet.
 */
export async function avcHeightRatio(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(searchedBytes), 0, searchedBytes, 0);
    const set = firstSet(buffer.subarray(0, bytesRead));
    return set ? linesRatio(set) : 1;
  } finally {
    await file.close();
  }
}
