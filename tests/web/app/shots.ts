import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { ffmpeg, hasFfmpeg, writeTags } from "../../media/files.ts";

export const canFilm = await hasFfmpeg();

async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "colan-shots-"));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** A film that any browser plays. */
export const makeFilm = (seconds = 2): Promise<Buffer> =>
  inFolder(async (dir) => {
    const path = join(dir, "film.webm");
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
    const path = join(dir, `film.${kind}`);
    const coding = kind === "mp4" ? ["-c:v", "libx265", "-tag:v", "hvc1"] : ["-c:v", "mjpeg"];
    await ffmpeg("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=1", ...coding, path);
    return readFile(path);
  });
