import { rgbaToThumbHash } from "thumbhash";
import type { Examination, Look, PictureFile } from "../picture-tasks.ts";
import { failureOf } from "./failure.ts";
import { openPicture, readHeader } from "./input.ts";

/** Thumbhash takes up to 100, and gives the same for so few, six times as fast. */
const edgePx = 48;

/** Colours are counted by so many of each channel's bits. */
const bits = 4;

/** The mean of the most frequent colours; what is transparent does not count. White for nothing at all. */
function dominantColourOf(rgba: Uint8Array): string {
  const groups = new Map<number, { count: number; sums: [number, number, number] }>();
  for (let at = 0; at + 3 < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4);
    if (alpha < 128) continue;
    const low = 8 - bits;
    const key = ((red >> low) << (2 * bits)) | ((green >> low) << bits) | (blue >> low);
    const group = groups.get(key) ?? { count: 0, sums: [0, 0, 0] };
    group.count++;
    group.sums[0] += red;
    group.sums[1] += green;
    group.sums[2] += blue;
    groups.set(key, group);
  }
  const [most] = [...groups.values()].sort((a, b) => b.count - a.count);
  if (most == null) return "#ffffff";
  const { sums, count } = most;
  return `#${sums
    .map((sum) =>
      Math.round(sum / count)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

async function lookAt(
  file: PictureFile,
  pixelsMax: number,
  size: { width: number; height: number },
): Promise<Look> {
  const picture = await openPicture(file, pixelsMax);
  const { data, info } = await picture
    .resize(edgePx, edgePx, { fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .ensureAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return {
    ...size,
    placeholder: Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString("base64"),
    dominantColour: dominantColourOf(data),
  };
}

/** @throws when even the header cannot be read. */
export async function examine(file: PictureFile, pixelsMax: number): Promise<Examination> {
  const { width, height, isDecodable, isAnimated } = await readHeader(file, pixelsMax);
  const header = { width, height, isDecodable, isAnimated };
  try {
    if (width * height > pixelsMax) throw new Error("Input image exceeds pixel limit");
    return { header, look: await lookAt(file, pixelsMax, { width, height }) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure == null) throw error;
    return { header, look: failure };
  }
}

/** Decodes the whole picture at a small size. @throws when any of it is missing or broken. */
export async function check(file: PictureFile, pixelsMax: number): Promise<void> {
  const picture = await openPicture(file, pixelsMax, { failOn: "truncated" });
  await picture.resize(16, 16, { fit: "fill" }).raw().toBuffer();
}
