import { endOfId3, startOfTrailingTags, withWindow, type FileWindow } from "../../types/file-window.ts";

/** ISO 14496-3 table 1.18. */
const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

const headerBytes = 7;
/** How many equal frames must follow each other: the sync word alone is in every other file. */
const chainFrames = 3;

interface Frame {
  readonly bytes: number;
  readonly seconds: number;
  readonly sampleRate: number;
}

/** ISO 14496-3 section 1.A.3.2: twelve set bits, an id (MPEG-4 or MPEG-2: FF F1, FF F9, and both with CRC), layer 0. */
function parseFrame(header: Buffer): Frame | undefined {
  if ((header.readUInt16BE(0) & 0xfff6) !== 0xfff0) return undefined;
  const sampleRate = sampleRates[(header.readUInt8(2) >> 2) & 15];
  const bytes = (header.readUInt32BE(2) >>> 5) & 0x1fff;
  const blocks = (header.readUInt8(6) & 3) + 1;
  if (sampleRate == null || bytes < headerBytes) return undefined;
  return { bytes, sampleRate, seconds: (blocks * 1024) / sampleRate };
}

async function frameAt(window: FileWindow, at: number): Promise<Frame | undefined> {
  const header = await window.read(at, headerBytes);
  return header && parseFrame(header);
}

/** Whether AAC in ADTS frames begins the file, behind a tag: three frames, or all of a file that has fewer. */
export async function isAdts(window: FileWindow): Promise<boolean> {
  let at = await endOfId3(window);
  let sampleRate: number | undefined;
  for (let frames = 0; frames < chainFrames; frames++) {
    const frame = await frameAt(window, at);
    if (frame == null) return frames > 1 && at >= window.size - headerBytes;
    if (sampleRate != null && frame.sampleRate !== sampleRate) return false;
    sampleRate = frame.sampleRate;
    at += frame.bytes;
  }
  return true;
}

/** Seconds of all frames; null when there are none. */
export function adtsDuration(path: string): Promise<number | null> {
  return withWindow(path, async (window) => {
    const end = await startOfTrailingTags(window);
    let seconds = 0;
    let at = await endOfId3(window);
    for (let frame = await frameAt(window, at); frame && at < end; frame = await frameAt(window, at)) {
      seconds += frame.seconds;
      at += frame.bytes;
    }
    return seconds > 0 ? seconds : null;
  });
}
