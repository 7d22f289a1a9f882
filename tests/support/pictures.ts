import sharp from "sharp";

let shade = 0;

/** A small JPEG unlike any other made in the same process. */
export async function makeJpeg({ width = 64, height = 48 } = {}): Promise<Buffer> {
  return (await picture(width, height)).jpeg().toBuffer();
}

export async function makePng({ width = 64, height = 48 } = {}): Promise<Buffer> {
  return (await picture(width, height)).png().toBuffer();
}

function picture(width: number, height: number) {
  shade++;
  const pixels = Buffer.alloc(width * height * 3, 128);
  // The counter in the pixels themselves, so that even their checksums differ.
  for (let bit = 0; bit < 24; bit++) pixels.fill((shade >> bit) & 1 ? 255 : 0, bit * 24, bit * 24 + 24);
  return Promise.resolve(sharp(pixels, { raw: { width, height, channels: 3 } }));
}
