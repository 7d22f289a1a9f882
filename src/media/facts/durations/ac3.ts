import { endOfId3, startOfTrailingTags, withWindow, type FileWindow } from "../../types/file-window.ts";

/** ATSC A/52 table 5.18: kilobits a second, by half of the frame size code. */
const bitrates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
const sampleRates = [48_000, 44_100, 32_000];
const blockSamples = 256;
/** Annex E, table E1.2: audio blocks in a frame of E-AC-3. */
const blocks = [1, 2, 3, 6];

const headerBytes = 6;
const chainFrames = 3;

interface Frame {
  readonly bytes: number;
  readonly seconds: number;
  /** AC-3 with the syntax of annex E. */
  readonly isEnhanced: boolean;
}

function parsePlain(header: Buffer): Frame | undefined {
  const code = header.readUInt8(4);
  const sampleRate = sampleRates[code >> 6];
  const bitrate = bitrates[(code & 0x3f) >> 1];
  if (sampleRate == null || bitrate == null) return undefined;
  // Words of two bytes; at 44.1 kHz every other frame has one more.
  const words = Math.floor((bitrate * 96_000) / sampleRate) + (sampleRate === 44_100 ? code & 1 : 0);
  return { bytes: words * 2, seconds: (6 * blockSamples) / sampleRate, isEnhanced: false };
}

function parseEnhanced(header: Buffer): Frame | undefined {
  const bits = header.readUInt16BE(2);
  const rates = header.readUInt8(4);
  const full = sampleRates[rates >> 6];
  // Code 3: half of the rate that the next two bits name, and six blocks.
  const sampleRate = full ?? (sampleRates[(rates >> 4) & 3] ?? 0) / 2;
  const count = full == null ? 6 : (blocks[(rates >> 4) & 3] ?? 6);
  if (sampleRate === 0) return undefined;
  // A dependent substream (type 1) and further independent ones play together with the first.
  const isFirst = bits >> 14 !== 1 && ((bits >> 11) & 7) === 0;
  const seconds = isFirst ? (count * blockSamples) / sampleRate : 0;
  return { bytes: ((bits & 0x7ff) + 1) * 2, seconds, isEnhanced: true };
}

function parseFrame(header: Buffer): Frame | undefined {
  if (header.readUInt16BE(0) !== 0x0b77) return undefined;
  const id = header.readUInt8(5) >> 3;
  if (id > 16) return undefined;
  const frame = id <= 10 ? parsePlain(header) : parseEnhanced(header);
  return frame != null && frame.bytes > headerBytes ? frame : undefined;
}

async function frameAt(window: FileWindow, at: number): Promise<Frame | undefined> {
  const header = await window.read(at, headerBytes);
  return header && parseFrame(header);
}

/** The format, where frames of AC-3 or E-AC-3 follow each other from the start, behind a tag; else undefined. */
export async function findAc3(window: FileWindow): Promise<"ac3" | "eac3" | undefined> {
  let at = await endOfId3(window);
  const first = await frameAt(window, at);
  if (first == null) return undefined;
  for (let frames = 0; frames < chainFrames; frames++) {
    const frame = await frameAt(window, at);
    if (frame == null) {
      if (frames === 0 || at < window.size - headerBytes) return undefined;
      break;
    }
    at += frame.bytes;
  }
  return first.isEnhanced ? "eac3" : "ac3";
}

/** Seconds of all frames, of one that is cut off its share; null when there are none. */
export function ac3Duration(path: string): Promise<number | null> {
  return withWindow(path, async (window) => {
    const end = await startOfTrailingTags(window);
    let seconds = 0;
    let at = await endOfId3(window);
    for (let frame = await frameAt(window, at); frame && at < end; frame = await frameAt(window, at)) {
      seconds += frame.seconds * Math.min(1, (end - at) / frame.bytes);
      at += frame.bytes;
    }
    return seconds > 0 ? seconds : null;
  });
}
