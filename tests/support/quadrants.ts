import sharp from "sharp";

/** The colours of a test picture as it is to be seen: above left, above right, below left, below right. */
export const quadrantColours = ["red", "lime", "blue", "white"] as const;
type Colour = (typeof quadrantColours)[number];

const rgb: Readonly<Record<Colour, readonly [number, number, number]>> = {
  red: [255, 0, 0],
  lime: [0, 255, 0],
  blue: [0, 0, 255],
  white: [255, 255, 255],
};

/** A picture whose four quarters tell whether it was turned, mirrored, cut or recoloured. */
export function makeQuadrants(width: number, height: number) {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const quarter = (at % width < width / 2 ? 0 : 1) + (at < (width * height) / 2 ? 0 : 2);
    pixels.set(rgb[quadrantColours[quarter] ?? "white"], at * 3);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** A colour's name; what it is otherwise. */
function nearest(pixel: readonly number[]): string {
  const found = quadrantColours.find((name) =>
    rgb[name].every((value, channel) => Math.abs(value - (pixel[channel] ?? 0)) < 60),
  );
  return found ?? `rgb(${pixel.join(", ")})`;
}

/** The colour in the middle of each quarter, in the order of `quadrantColours`. */
export async function readQuadrants(picture: Buffer | string): Promise<string[]> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const pixelAt = (x: number, y: number) => {
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
    const pixel = [...data.subarray(at, at + info.channels)];
    return nearest(info.channels < 3 ? [pixel[0] ?? 0, pixel[0] ?? 0, pixel[0] ?? 0] : pixel);
  };
  return [pixelAt(0.25, 0.25), pixelAt(0.75, 0.25), pixelAt(0.25, 0.75), pixelAt(0.75, 0.75)];
}
