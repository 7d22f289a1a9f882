/** A TGA picture of one colour. */
export function tga(shape: {
  type: number;
  bits: number;
  width: number;
  height: number;
  id?: string;
  hasFooter?: boolean;
}): Buffer {
  const { type, bits, width, height, id = "", hasFooter = false } = shape;
  const header = Buffer.alloc(18);
  header.set([id.length, 0, type], 0);
  header.writeUInt16LE(width, 12);
  header.writeUInt16LE(height, 14);
  header.set([bits, 0x20], 16);
  const pixel = Buffer.alloc(bits / 8, 0x55);
  const packets: Buffer[] = [];
  // Packets of run-length coding have at most 128 pixels.
  for (let left = width * height; left > 0; left -= 128)
    packets.push(Buffer.from([0x80 | (Math.min(left, 128) - 1)]), pixel);
  const pixels = type >= 8 ? Buffer.concat(packets) : Buffer.alloc(width * height * pixel.length, 0x55);
  const footer = hasFooter ? Buffer.from(`${"\0".repeat(8)}TRUEVISION-XFILE.\0`, "latin1") : Buffer.alloc(0);
  return Buffer.concat([header, Buffer.from(id), pixels, footer]);
}

function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  head.writeUInt32BE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

/** An Amiga picture without colours, of any form. */
export function ilbm(form: string, width: number, height: number) {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(width, 0);
  header.writeUInt16BE(height, 2);
  header[8] = 1;
  const rowBytes = Math.ceil(width / 16) * 2;
  const body = chunk("BODY", Buffer.alloc(rowBytes * height));
  const content = Buffer.concat([Buffer.from(form), chunk("BMHD", header), body]);
  return { bytes: chunk("FORM", content), width, height };
}

export const acbm = (width: number, height: number) => ilbm("ACBM", width, height);

/** A compound file of one sector of directory: the root, and one stream. @param rootClass 32 hex digits. */
export function oleFile(stream: string, rootClass = "0".repeat(32)): Buffer {
  const header = Buffer.alloc(512);
  Buffer.from("d0cf11e0a1b11ae1", "hex").copy(header);
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(1, 44);
  // The directory is the second sector, behind the table of sectors.
  header.writeUInt32LE(1, 48);
  header.writeUInt32LE(4096, 56);
  for (let at = 76; at < 512; at += 4) header.writeUInt32LE(at === 76 ? 0 : 0xffff_ffff, at);
  const table = Buffer.alloc(512, 0xff);
  table.writeUInt32LE(0xffff_fffd, 0);
  table.writeUInt32LE(0xffff_fffe, 4);
  const entry = (name: string, type: number) => {
    const bytes = Buffer.alloc(128);
    bytes.write(name, "utf16le");
    bytes.writeUInt16LE((name.length + 1) * 2, 64);
    bytes[66] = type;
    for (const at of [68, 72, 76]) bytes.writeUInt32LE(0xffff_ffff, at);
    return bytes;
  };
  const root = entry("Root Entry", 5);
  Buffer.from(rootClass, "hex").copy(root, 80);
  const directory = Buffer.concat([root, entry(stream, 2), Buffer.alloc(256)]);
  return Buffer.concat([header, table, directory, Buffer.alloc(4096)]);
}

/** AAC of 44.1 kHz in ADTS frames. @param second the second byte: MPEG-4 or MPEG-2, with or without a checksum. */
export function adtsFrames(second: number, count: number): Buffer {
  const frame = Buffer.alloc(64);
  // Profile LC, frequency 4, two channels; the length, 13 bits, and "buffer fullness" of variable rate.
  frame.set([
    0xff,
    second,
    0x50,
    0x80 | (frame.length >> 11),
    (frame.length >> 3) & 0xff,
    ((frame.length & 7) << 5) | 0x1f,
    0xfc,
  ]);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

/** Silent frames of MPEG 1 audio: 44.1 kHz, stereo. */
export function layerFrames(layer: 1 | 2 | 3, count: number): Buffer {
  // 128 kilobits a second, by each layer's own table.
  const index = { 1: 4, 2: 8, 3: 9 }[layer];
  const bytes = layer === 1 ? Math.floor((12 * 128_000) / 44_100) * 4 : Math.floor((144 * 128_000) / 44_100);
  const frame = Buffer.alloc(bytes);
  frame.writeUInt32BE((0xfff90000 | ((4 - layer) << 17) | (index << 12)) >>> 0);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}
