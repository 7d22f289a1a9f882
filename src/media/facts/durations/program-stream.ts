import { withWindow, type FileWindow } from "../../types/file-window.ts";

const MiB = 1024 * 1024;
/** PTS and clocks of MPEG systems count 90,000 a second, in 33 bits. */
const clockRate = 90_000;
const wrap = 2 ** 33;

/** ISO 13818-1 section 2.4.3.6: the presentation time of a PES packet, 33 bits in five bytes; MPEG 1 puts stuffing first. */
function ptsAt(bytes: Buffer, start: number): number | undefined {
  let at = start + 6;
  if (at + 16 > bytes.length) return undefined;
  if (bytes.readUInt8(at) >> 6 === 2) {
    if (bytes.readUInt8(at + 1) >> 6 < 2) return undefined;
    at += 3;
  } else {
    for (let stuffing = 0; stuffing < 16 && bytes[at] === 0xff; stuffing++) at++;
    if ((bytes[at] ?? 0) >> 6 === 1) at += 2;
    if (at + 5 > bytes.length || (bytes.readUInt8(at) & 0xe0) !== 0x20) return undefined;
  }
  if (at + 5 > bytes.length) return undefined;
  const high = (bytes.readUInt8(at) >> 1) & 7;
  return high * 2 ** 30 + (bytes.readUInt16BE(at + 1) >> 1) * 2 ** 15 + (bytes.readUInt16BE(at + 3) >> 1);
}

/** Times of the packets of video (E0 to EF) and sound (C0 to DF) in there. */
function timesIn(bytes: Buffer): number[] {
  const times: number[] = [];
  for (
    let at = bytes.indexOf("\0\0\x01", 0, "latin1");
    at >= 0;
    at = bytes.indexOf("\0\0\x01", at + 3, "latin1")
  ) {
    const id = bytes[at + 3] ?? 0;
    const time = id >= 0xc0 && id <= 0xef ? ptsAt(bytes, at) : undefined;
    if (time != null) times.push(time);
  }
  return times;
}

const frameRates = [0, 24_000 / 1001, 24, 25, 30_000 / 1001, 30, 50, 60_000 / 1001, 60];

/** How long the last frame is seen, by the first sequence header (B3). */
function frameSeconds(bytes: Buffer): number {
  const at = bytes.indexOf("\0\0\x01\xb3", 0, "latin1");
  const rate = at < 0 ? 0 : (frameRates[(bytes[at + 7] ?? 0) & 15] ?? 0);
  return rate > 0 ? 1 / rate : 0;
}

async function span(window: FileWindow): Promise<number | null> {
  const head = await window.readUpTo(0, MiB);
  const tail = await window.readUpTo(Math.max(0, window.size - MiB), MiB);
  const [firsts, lasts] = [timesIn(head), timesIn(tail)];
  if (firsts.length === 0 || lasts.length === 0) return null;
  const start = Math.min(...firsts);
  const ticks = (Math.max(...lasts) - start + wrap) % wrap;
  return ticks > 0 ? ticks / clockRate + frameSeconds(head) : null;
}

/** More of a bare stream is not counted. */
const countedBytesMax = 256 * MiB;
const pictureStart = Buffer.from([0, 0, 1, 0]);

/** Pictures of a stream without times, by the frame rate of its first sequence; null where it begins with none. */
async function count(window: FileWindow): Promise<number | null> {
  const head = await window.readUpTo(0, 64);
  const seconds = frameSeconds(head);
  if (head.indexOf("\0\0\x01\xb3", 0, "latin1") !== 0 || seconds === 0 || window.size > countedBytesMax)
    return null;
  let pictures = 0;
  // Steps overlap by one byte less than a start code has.
  for (let from = 0; from < window.size; from += MiB) {
    const bytes = await window.readUpTo(from, MiB + pictureStart.length - 1);
    for (let at = bytes.indexOf(pictureStart); at >= 0; at = bytes.indexOf(pictureStart, at + 1)) pictures++;
  }
  return pictures > 0 ? pictures * seconds : null;
}

/** Seconds of an MPEG program stream, from its first presentation time to the end of its last frame; null without any. */
export const programStreamDuration = (path: string): Promise<number | null> => withWindow(path, span);

/** Seconds of bare MPEG 1 or 2 video, counted; ffprobe guesses them from a bitrate. Null for a program stream. */
export const bareVideoDuration = (path: string): Promise<number | null> => withWindow(path, count);
