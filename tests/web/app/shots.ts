import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { ffmpeg, hasFfmpeg, writeTags } from "../../media/files.ts";

export const canMakeVideo = await hasFfmpeg();

async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "colan-shots-"));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** A video that any browser plays. */
export const makeVideo = (seconds = 2): Promise<Buffer> =>
  inFolder(async (dir) => {
    const path = join(dir, "video.webm");
    const source = `testsrc=size=160x120:rate=10:duration=${seconds}`;
    await ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libvpx", "-g", "10", path);
    return readFile(path);
  });

/** A picture of one colour with tags, as exiftool's arguments. */
export const makeShot = (color: string, ...tags: string[]): Promise<Buffer> =>
  inFolder(async (dir) => {
    const path = join(dir, "shot.jpg");
    const picture = sharp({ create: { width: 1200, height: 800, channels: 3, background: color } });
    await writeFile(path, await picture.jpeg().toBuffer());
    if (tags.length > 0) await writeTags(path, ...tags);
    return readFile(path);
  });

/** A video that Chromium does not play: a coding it lacks, or a container. */
export const makeUnplayable = (kind: "mp4" | "avi"): Promise<Buffer> =>
  inFolder(async (dir) => {
    const path = join(dir, `video.${kind}`);
    const coding = kind === "mp4" ? ["-c:v", "libx265", "-tag:v", "hvc1"] : ["-c:v", "mjpeg"];
    await ffmpeg("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=1", ...coding, path);
    return readFile(path);
  });

/** A sound that Chromium does not play. */
export const makeUnheard = (): Promise<Buffer> =>
  inFolder(async (dir) => {
    const path = join(dir, "sound.aiff");
    await ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:duration=1", path);
    return readFile(path);
  });

/** A page of paper with a square on it, with the offsets that strict readers want. */
export function makePdf(): Buffer {
  const square = "0.2 0.4 0.8 rg 40 40 120 120 re f";
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 280]/Resources<<>>/Contents 4 0 R>>",
    `<</Length ${square.length}>>\nstream\n${square}\nendstream`,
  ];
  let text = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return String(offset).padStart(10, "0");
  });
  const table = offsets.map((offset) => `${offset} 00000 n \n`).join("");
  const head = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  const tail = `trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text + head + table + tail);
}
