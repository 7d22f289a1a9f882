import { crc32, deflateSync } from "node:zlib";

/** A chunk of a PNG, with its checksum. */
export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

interface PngParts {
  /** 1 or 8. */
  readonly bits?: number;
  /** Chunks between header and pixels. */
  readonly before?: readonly Buffer[];
  /** Inflated rows, filter bytes included. */
  readonly rows?: Uint8Array;
}

/** A grey PNG whose header says these pixels, whatever lies behind. */
export function pngOf(width: number, height: number, { bits = 8, before = [], rows }: PngParts = {}): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, bits, 0, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const data = chunk("IDAT", deflateSync(rows ?? Buffer.alloc(100)));
  return Buffer.concat([
    ...[signature, chunk("IHDR", header), ...before, data, chunk("IEND", Buffer.alloc(0))],
  ]);
}
