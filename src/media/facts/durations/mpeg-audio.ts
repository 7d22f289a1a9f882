import { endOfId3, startOfTrailingTags, withWindow, type FileWindow } from "../../types/file-window.ts";

/** One frame of MPEG audio. */
interface Frame {
  readonly bytes: number;
  readonly samples: number;
  readonly sampleRate: number;
  /** 1, 2 or 3. */
  readonly layer: number;
  /** Bytes from the frame's start to its side information's end, where a Xing header would stand. */
  readonly xingAt: number;
}

// ISO 11172-3 section 2.4.2.3 and ISO 13818-3: kilobits a second by bitrate index, of MPEG 1 by layer and of MPEG 2.
const bitrates1: Readonly<Record<number, readonly number[]>> = {
  1: [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
};
const bitrates2: Readonly<Record<number, readonly number[]>> = {
  1: [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  3: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const sampleRates = [44_100, 48_000, 32_000];

function parseFrame(header: number): Frame | undefined {
  const layer = 4 - ((header >>> 17) & 3);
  if (header >>> 21 !== 0x7ff || layer === 4) return undefined;
  const version = (header >>> 19) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const bitrate = (version === 3 ? bitrates1 : bitrates2)[layer]?.[(header >>> 12) & 15];
  const baseRate = sampleRates[(header >>> 10) & 3];
  if (version === 1 || bitrate == null || bitrate === 0 || baseRate == null) return undefined;
  const sampleRate = version === 3 ? baseRate : version === 2 ? baseRate / 2 : baseRate / 4;
  const samples = layer === 1 ? 384 : layer === 2 || version === 3 ? 1152 : 576;
  // Layer I counts in slots of four bytes, the others in bytes.
  const slotBytes = layer === 1 ? 4 : 1;
  const slots = Math.floor((samples / 8 / slotBytes) * ((bitrate * 1000) / sampleRate));
  const bytes = (slots + ((header >>> 9) & 1)) * slotBytes;
  const isMono = ((header >>> 6) & 3) === 3;
  const sideBytes = version === 3 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  return { bytes, samples, sampleRate, layer, xingAt: 4 + sideBytes };
}

/** How far past the tags the first frame may lie. */
const searchBytesMax = 64 * 1024;

async function frameAt(window: FileWindow, at: number): Promise<Frame | undefined> {
  const header = await window.read(at, 4);
  return header && parseFrame(header.readUInt32BE(0));
}

/** How many equal frames must follow each other: one in 4,000 places of random bytes looks like a frame. */
const chainFrames = 3;

/** Whether frames of one sample rate follow each other from `at` on, to the end of a file too short for three. */
async function isChain(window: FileWindow, at: number, first: Frame): Promise<boolean> {
  let next = at + first.bytes;
  for (let frames = 1; frames < chainFrames; frames++) {
    const frame = await frameAt(window, next);
    if (frame == null) return frames > 1 && (await window.read(next, 4)) == null;
    if (frame.sampleRate !== first.sampleRate || frame.layer !== first.layer) return false;
    next += frame.bytes;
  }
  return true;
}

async function findFirstFrame(window: FileWindow, from: number): Promise<number | undefined> {
  for (let at = from; at < from + searchBytesMax; at++) {
    const bytes = await window.read(at, 4);
    if (bytes == null) return undefined;
    const frame = parseFrame(bytes.readUInt32BE(0));
    if (frame && (await isChain(window, at, frame))) return at;
  }
  return undefined;
}

/** How much longer than its Xing header says the audio may be: a frame cut off, or a tag that is not known here. */
const looseBytes = 8 * 1024;

/**
 * The number of frames that a Xing header says.
 * @returns undefined where there is none, or where more follows than it speaks of: another recording joined on.
 */
async function framesOfXing(window: FileWindow, at: number, first: Frame): Promise<number | undefined> {
  const xing = await window.read(at + first.xingAt, 16);
  if (xing == null || !/^(Xing|Info)$/.test(xing.toString("latin1", 0, 4))) return undefined;
  const flags = xing.readUInt32BE(4);
  if ((flags & 1) === 0) return undefined;
  const bytes = (flags & 2) === 0 ? 0 : xing.readUInt32BE(12);
  const isJoined = bytes > 0 && at + bytes + looseBytes < (await startOfTrailingTags(window));
  return isJoined ? undefined : xing.readUInt32BE(8);
}

/** Whether the audio, behind a tag, begins with a chain of frames: of layer I, II or III. */
export async function isMpegAudio(window: FileWindow): Promise<boolean> {
  const start = await endOfId3(window);
  const first = await frameAt(window, start);
  return first != null && (await isChain(window, start, first));
}

/**
 * Seconds from the frame at `start` on, frame by frame. Behind a joint where two recordings were put together, the next
 * frame is looked for, as a decoder does.
 */
async function walk(window: FileWindow, start: number): Promise<number> {
  const end = await startOfTrailingTags(window);
  let seconds = 0;
  for (let at: number | undefined = start; at != null; at = await findFirstFrame(window, at)) {
    let next = at;
    for (let frame = await frameAt(window, next); frame && next < end; frame = await frameAt(window, next)) {
      seconds += frame.samples / frame.sampleRate;
      next += frame.bytes;
    }
    if (next >= end || next === at) break;
    at = next;
  }
  return seconds;
}

/**
 * Seconds of MPEG audio: by its Xing header where it has one, else by walking its frames, because a guess from
 * the first frame's bitrate is wrong by any factor for variable bitrates.
 * @returns null when there are no frames.
 */
export function mpegAudioDuration(path: string): Promise<number | null> {
  return withWindow(path, async (window) => {
    const start = await findFirstFrame(window, await endOfId3(window));
    const first = start == null ? undefined : await frameAt(window, start);
    if (start == null || first == null) return null;
    const told = await framesOfXing(window, start, first);
    return told != null && told > 0 ? (told * first.samples) / first.sampleRate : await walk(window, start);
  });
}
