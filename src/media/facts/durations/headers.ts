import { endOfId3, withWindow, type FileWindow } from "../../types/file-window.ts";

/** Headers are small and at the start. */
const stepBytes = 4 * 1024;

const asciiOf = (bytes: Buffer, from: number, to: number) => bytes.toString("latin1", from, to);

/** Samples by their rate; null where either is missing. */
export const secondsOf = (samples: number, rate: number): number | null =>
  samples > 0 && rate > 0 ? samples / rate : null;

type ReadHeader = (window: FileWindow, start: number) => Promise<number | null>;

/** Looks behind an ID3v2 tag, which tagging programs put before formats that have none of it. */
const reader = (read: ReadHeader) => (path: string) =>
  withWindow(path, async (window) => read(window, await endOfId3(window)), stepBytes);

/** Monkey's Audio's header before version 3.98: how many blocks a frame has depends on version and compression. */
function blocksPerFrame(version: number, compression: number): number {
  if (version >= 3950) return 73_728 * 4;
  return version >= 3900 || (version >= 3800 && compression === 4000) ? 73_728 : 9_216;
}

export const apeDuration = reader(async (window, start) => {
  const head = await window.read(start, 32);
  if (head == null || !/^MAC[ F]$/.test(asciiOf(head, 0, 4))) return null;
  const version = head.readUInt16LE(4);
  if (version < 3980) {
    const frames = head.readUInt32LE(24);
    const blocks = (frames - 1) * blocksPerFrame(version, head.readUInt16LE(6)) + head.readUInt32LE(28);
    return secondsOf(blocks, head.readUInt32LE(12));
  }
  // A descriptor comes first, and says how long it is itself.
  const header = await window.read(start + head.readUInt32LE(8), 24);
  if (header == null) return null;
  const blocks = (header.readUInt32LE(12) - 1) * header.readUInt32LE(4) + header.readUInt32LE(8);
  return secondsOf(blocks, header.readUInt32LE(20));
});

/** Sony's DSF: the chunk "fmt " follows a first one of 28 bytes. */
export const dsfDuration = reader(async (window, start) => {
  const format = await window.read(start + 28, 44);
  if (format == null || asciiOf(format, 0, 4) !== "fmt ") return null;
  return secondsOf(Number(format.readBigUInt64LE(36)), format.readUInt32LE(28));
});

export const ttaDuration = reader(async (window, start) => {
  const head = await window.read(start, 22);
  if (head == null || asciiOf(head, 0, 4) !== "TTA1") return null;
  return secondsOf(head.readUInt32LE(14), head.readUInt32LE(10));
});

const wavpackRates = [
  6_000, 8_000, 9_600, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000,
  192_000,
];
const wavpackBlocksMax = 16;

/** The first block with sound says how many samples all have; null for rates of its own and for DSD. */
export const wavpackDuration = reader(async (window, start) => {
  for (let at = start, blocks = 0; blocks < wavpackBlocksMax; blocks++) {
    const block = await window.read(at, 32);
    if (block == null || asciiOf(block, 0, 4) !== "wvpk") return null;
    const flags = block.readUInt32LE(24);
    const total = block.readUInt32LE(12);
    // Bit 31: DSD. All bits set: a recording whose end was not known.
    if (block.readUInt32LE(20) > 0) {
      const isTold = flags >>> 31 === 0 && total !== 0xffff_ffff;
      return isTold
        ? secondsOf(total + block.readUInt8(11) * 2 ** 32, wavpackRates[(flags >>> 23) & 15] ?? 0)
        : null;
    }
    at += 8 + block.readUInt32LE(4);
  }
  return null;
});

const musepackRates = [44_100, 48_000, 37_800, 32_000];
const musepackPacketsMax = 16;

/** A number in bytes of seven bits, the last without the eighth. */
function readVariable(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  let end = at;
  for (; end < bytes.length && end < at + 8; end++) {
    const byte = bytes.readUInt8(end);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: end + 1 };
  }
  return { value: 0, end };
}

/** Stream version 8: packets of a name and their own size; "SH" has the number of samples and the rate. */
async function musepack8(window: FileWindow, start: number): Promise<number | null> {
  for (let at = start + 4, packets = 0; packets < musepackPacketsMax; packets++) {
    const packet = await window.readUpTo(at, 64);
    const { value: bytes, end } = readVariable(packet, 2);
    if (packet.length < 16 || bytes === 0) return null;
    if (asciiOf(packet, 0, 2) === "SH") {
      // A checksum of four bytes and the version come first.
      const samples = readVariable(packet, end + 5);
      const silence = readVariable(packet, samples.end);
      return secondsOf(samples.value, musepackRates[(packet[silence.end] ?? 0xff) >> 5] ?? 0);
    }
    at += bytes;
  }
  return null;
}

export const musepackDuration = reader(async (window, start) => {
  const head = await window.read(start, 12);
  if (head == null) return null;
  if (asciiOf(head, 0, 4) === "MPCK") return musepack8(window, start);
  if (asciiOf(head, 0, 3) !== "MP+" || (head.readUInt8(3) & 15) !== 7) return null;
  return secondsOf(head.readUInt32LE(4) * 1152, musepackRates[head.readUInt8(10) & 3] ?? 0);
});
