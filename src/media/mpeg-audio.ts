import { open, type FileHandle } from "node:fs/promises";

/** One frame of MPEG audio layer III. */
interface Frame {
  readonly bytes: number;
  readonly samples: number;
  readonly sampleRate: number;
  /** Bytes from the frame's start to its side information's end, where a Xing header would stand. */
  readonly xingAt: number;
}

// ISO 11172-3 section 2.4.2.3 and ISO 13818-3: kilobits a second by bitrate index, layer III.
const bitrates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const bitrates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const sampleRates = [44_100, 48_000, 32_000];

function parseFrame(header: number): Frame | undefined {
  if (header >>> 21 !== 0x7ff || ((header >>> 17) & 3) !== 1) return undefined;
  const version = (header >>> 19) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const bitrate = (version === 3 ? bitrates1 : bitrates2)[(header >>> 12) & 15];
  const baseRate = sampleRates[(header >>> 10) & 3];
  if (version === 1 || bitrate == null || bitrate === 0 || baseRate == null) return undefined;
  const sampleRate = version === 3 ? baseRate : version === 2 ? baseRate / 2 : baseRate / 4;
  const samples = version === 3 ? 1152 : 576;
  const bytes = Math.floor((samples / 8) * ((bitrate * 1000) / sampleRate)) + ((header >>> 9) & 1);
  const isMono = ((header >>> 6) & 3) === 3;
  const sideBytes = version === 3 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  return { bytes, samples, sampleRate, xingAt: 4 + sideBytes };
}

const windowBytes = 1024 * 1024;
/** How far past the tags the first frame may lie. */
const searchBytesMax = 64 * 1024;

/** Reads a file through one window, so that a walk over its frames costs one read a megabyte. */
class Window {
  #file: FileHandle;
  #start = 0;
  #bytes = Buffer.alloc(0);
  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** `length` bytes at `at`; undefined at the end of the file. */
  async read(at: number, length: number): Promise<Buffer | undefined> {
    if (at < this.#start || at + length > this.#start + this.#bytes.length) {
      const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(windowBytes), 0, windowBytes, at);
      this.#start = at;
      this.#bytes = buffer.subarray(0, bytesRead);
    }
    const from = at - this.#start;
    return from + length <= this.#bytes.length ? this.#bytes.subarray(from, from + length) : undefined;
  }

  async frame(at: number): Promise<Frame | undefined> {
    const header = await this.read(at, 4);
    return header && parseFrame(header.readUInt32BE(0));
  }
}

/** Where the ID3v2 tag ends (ID3v2.4 section 3.1: a 10-byte header with a synch-safe size). */
async function endOfId3(window: Window): Promise<number> {
  const header = await window.read(0, 10);
  if (header?.toString("latin1", 0, 3) !== "ID3") return 0;
  return 10 + header.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
}

/** How many frames alike must follow each other: one in 4,000 places of random bytes looks like a frame. */
const chainFrames = 3;

/** Whether frames of one sample rate follow each other from `at` on, to the end of a file too short for three. */
async function isChain(window: Window, at: number, first: Frame): Promise<boolean> {
  let next = at + first.bytes;
  for (let frames = 1; frames < chainFrames; frames++) {
    const frame = await window.frame(next);
    if (frame == null) return frames > 1 && (await window.read(next, 4)) == null;
    if (frame.sampleRate !== first.sampleRate || frame.samples !== first.samples) return false;
    next += frame.bytes;
  }
  return true;
}

async function findFirstFrame(window: Window, from: number): Promise<number | undefined> {
  for (let at = from; at < from + searchBytesMax; at++) {
    const bytes = await window.read(at, 4);
    if (bytes == null) return undefined;
    const frame = parseFrame(bytes.readUInt32BE(0));
    if (frame && (await isChain(window, at, frame))) return at;
  }
  return undefined;
}

async function framesOfXing(window: Window, at: number, first: Frame): Promise<number | undefined> {
  const xing = await window.read(at + first.xingAt, 12);
  if (xing == null || !/^(Xing|Info)$/.test(xing.toString("latin1", 0, 4))) return undefined;
  return (xing.readUInt32BE(4) & 1) === 1 ? xing.readUInt32BE(8) : undefined;
}

/**
 * Seconds of an MP3: by its Xing header where it has one, else by walking its frames, because a guess from
 * the first frame's bitrate is wrong by any factor for variable bitrates.
 * @returns null when there are no frames.
 */
export async function mp3Duration(path: string): Promise<number | null> {
  const file = await open(path);
  try {
    const window = new Window(file);
    const start = await findFirstFrame(window, await endOfId3(window));
    const first = start == null ? undefined : await window.frame(start);
    if (start == null || first == null) return null;
    const seconds = first.samples / first.sampleRate;
    const told = await framesOfXing(window, start, first);
    if (told != null && told > 0) return told * seconds;
    let frames = 0;
    for (let at = start, frame: Frame | undefined = first; frame; frames++) {
      at += frame.bytes;
      frame = await window.frame(at);
    }
    return frames * seconds;
  } finally {
    await file.close();
  }
}
