import { withWindow } from "./file-window.ts";
import { isEdge } from "./signatures/signature.ts";

/** What OGM, which is Ogg with the codecs of AVI, says of its video. */
export interface OgmVideo {
  /** Four characters, as in AVI. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

const headerBytes = 53;
/** 100 nanoseconds, in which the length of a frame is told. */
const unitsPerSecond = 10_000_000;

/**
 * Reads the header of a stream, the packet that begins it: 1, "video", the codec, its own size, the length of a frame,
 * frames in a sample, three numbers on buffers, two edges.
 * @returns undefined for other streams.
 */
export function ogmVideoOf(packet: Buffer): OgmVideo | undefined {
  if (packet.length < headerBytes || packet.toString("latin1", 0, 9) !== "\x01video\0\0\0") return undefined;
  const [width, height] = [packet.readUInt32LE(45), packet.readUInt32LE(49)];
  const units = Number(packet.readBigUInt64LE(17));
  if (!isEdge(width) || !isEdge(height) || units === 0) return undefined;
  return {
    ...{ codec: packet.toString("latin1", 9, 13), width, height },
    framesPerSecond: unitsPerSecond / units,
  };
}

/** RFC 3533: "OggS", …, the number of segments at 26, their lengths, the packet. */
const pageHeadBytes = 27;
const pageBytesMax = pageHeadBytes + 255 + 255 * 255;

/** The video that an OGM file begins with. */
export const readOgmVideo = (path: string): Promise<OgmVideo | undefined> =>
  withWindow(
    path,
    async (window) => {
      const page = await window.readUpTo(0, pageBytesMax);
      if (page.length < pageHeadBytes || page.toString("latin1", 0, 4) !== "OggS") return undefined;
      return ogmVideoOf(page.subarray(pageHeadBytes + page.readUInt8(26)));
    },
    pageBytesMax,
  );
