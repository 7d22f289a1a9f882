import { withWindow, type FileWindow } from "../../types/file-window.ts";
import { ogmVideoOf } from "../../types/ogm-video.ts";
import { secondsOf } from "./headers.ts";

/** RFC 3533: "OggS", version, type, granule position, serial number, page number, checksum, segments. */
const headBytes = 27;
const pageBytesMax = headBytes + 255 + 255 * 255;
const streamsMax = 16;
/** Pages of headers: comments with pictures are long. */
const headerPagesMax = 2_000;

interface Page {
  readonly isFirst: boolean;
  /** Null where no packet ends on the page. */
  readonly granule: number | null;
  readonly serial: number;
  /** How many packets end on it. */
  readonly packets: number;
  readonly contentAt: number;
  readonly end: number;
}

async function pageAt(window: FileWindow, at: number): Promise<Page | undefined> {
  const head = await window.read(at, headBytes);
  if (head?.toString("latin1", 0, 4) !== "OggS") return undefined;
  const segments = await window.read(at + headBytes, head.readUInt8(26));
  if (segments == null) return undefined;
  const granule = head.readBigInt64LE(6);
  const contentAt = at + headBytes + segments.length;
  return {
    isFirst: (head.readUInt8(5) & 2) !== 0,
    granule: granule < 0n ? null : Number(granule),
    serial: head.readUInt32LE(14),
    // A segment of 255 bytes goes on in the next.
    packets: segments.reduce((count, bytes) => count + (bytes < 255 ? 1 : 0), 0),
    contentAt,
    end: contentAt + segments.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** How a codec counts. */
interface Codec {
  /** Granules a second. */
  readonly rate: number;
  /** Granules before the first that is heard. */
  readonly skipped: number;
  /** Most granules in a packet, or exactly this many. */
  readonly packetGranules: number;
  /** How many low bits of a granule count the frames since the last whole one, which the others count. */
  readonly frameBits?: number;
}

/** How many granules, or frames, there are up to a page's. */
function countOf({ frameBits = 0 }: Codec, granule: number): number {
  const frames = 2 ** frameBits;
  return Math.floor(granule / frames) + (granule % frames) * (frameBits === 0 ? 0 : 1);
}

function videoCodecOf(head: Buffer): Codec | undefined {
  // Theora specification section 6.2: frames a second as a fraction, and in the last two bytes KFGSHIFT behind 6 bits.
  if (head.toString("latin1", 0, 7) === "\x80theora" && head.length >= 42) {
    const rate = head.readUInt32BE(22) / head.readUInt32BE(26);
    return { rate, skipped: 0, packetGranules: 1, frameBits: (head.readUInt16BE(40) >> 5) & 31 };
  }
  const video = ogmVideoOf(head);
  return video && { rate: video.framesPerSecond, skipped: 0, packetGranules: 1 };
}

function codecOf(head: Buffer): Codec | undefined {
  const starts = (text: string) => head.toString("latin1", 0, text.length) === text;
  if (starts("\x01vorbis") && head.length >= 29)
    return { rate: head.readUInt32LE(12), skipped: 0, packetGranules: 2 ** (head.readUInt8(28) >> 4) };
  // RFC 7845 section 4: always 48 kHz, and 120 ms at most in a packet.
  if (starts("OpusHead") && head.length >= 12)
    return { rate: 48_000, skipped: head.readUInt16LE(10), packetGranules: 5_760 };
  if (starts("Speex   ") && head.length >= 68)
    return {
      rate: head.readUInt32LE(36),
      skipped: 0,
      packetGranules: head.readUInt32LE(56) * Math.max(1, head.readUInt32LE(64)),
    };
  // The mapping of FLAC has 13 bytes before the first metadata block's content.
  if (starts("\x7fFLAC") && head.length >= 30)
    return { rate: head.readUIntBE(27, 3) >> 4, skipped: 0, packetGranules: head.readUInt16BE(19) };
  return videoCodecOf(head);
}

interface Stream {
  readonly serial: number;
  readonly codec: Codec;
}

/** The first stream that is known, and where the pages that begin streams end. */
async function findStream(window: FileWindow): Promise<{ stream: Stream; end: number } | undefined> {
  let stream: Stream | undefined;
  let at = 0;
  for (let streams = 0; streams < streamsMax; streams++) {
    const page = await pageAt(window, at);
    if (page?.isFirst !== true) break;
    const codec = codecOf(await window.readUpTo(page.contentAt, 80));
    if (codec != null) stream ??= { serial: page.serial, codec };
    at = page.end;
  }
  return stream && { stream, end: at };
}

/** The first granule that is heard: of a piece cut out of a broadcast it is not 0. */
async function findStart(window: FileWindow, { serial, codec }: Stream, from: number): Promise<number> {
  let at = from;
  for (let pages = 0; pages < headerPagesMax; pages++) {
    const page = await pageAt(window, at);
    if (page == null) break;
    if (page.serial === serial && page.granule != null && page.granule > 0)
      return Math.max(0, countOf(codec, page.granule) - page.packets * codec.packetGranules);
    at = page.end;
  }
  return 0;
}

/** The last granule of the stream, searched from the end; null where another stream follows it. */
async function findEnd(window: FileWindow, { serial, codec }: Stream): Promise<number | null> {
  for (let span = pageBytesMax; ; span *= 4) {
    const from = Math.max(0, window.size - span);
    const tail = await window.readUpTo(from, Math.min(span, window.size));
    for (let at = tail.lastIndexOf("OggS"); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf("OggS", at - 1)) {
      if (at + headBytes > tail.length) continue;
      const granule = tail.readBigInt64LE(at + 6);
      if (tail.readUInt32LE(at + 14) === serial && granule >= 0n) return countOf(codec, Number(granule));
    }
    if (from === 0 || span > 16 * pageBytesMax) return null;
  }
}

/**
 * Seconds of Vorbis, Opus, Speex, FLAC, Theora or OGM's video in Ogg: from the first granule that is heard or seen to
 * the last.
 * @returns null for other codecs and for streams that follow each other.
 */
export function oggDuration(path: string): Promise<number | null> {
  return withWindow(path, async (window) => {
    const found = await findStream(window);
    if (found == null) return null;
    const { stream, end } = found;
    const last = await findEnd(window, stream);
    if (last == null) return null;
    const start = await findStart(window, stream, end);
    return secondsOf(last - (start > 0 ? start : stream.codec.skipped), stream.codec.rate);
  });
}
