import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { corpusDir } from "../../support/corpus.ts";

const run = promisify(execFile);

/** A file that mutants are made from. */
export interface Original {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Larger ones would make a run of ten thousand take a day. */
const bytesMax = 256 * 1024;

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><defs><linearGradient id="g"><stop
  offset="0" stop-color="red"/></linearGradient></defs><rect width="64" height="48" fill="url(#g)"/></svg>`;

async function pictures(): Promise<Original[]> {
  const pixels = Buffer.from(Array.from({ length: 96 * 64 * 3 }, (_, index) => (index * 7919) % 251));
  const picture = () => sharp(pixels, { raw: { width: 96, height: 64, channels: 3 } }).withMetadata();
  const made = {
    "made.jpg": picture().jpeg(),
    "made-progressive.jpg": picture().jpeg({ progressive: true }),
    "made.png": picture().png(),
    "made.webp": picture().webp(),
    "made.avif": picture().avif({ effort: 0 }),
    "made.tif": picture().tiff({ compression: "lzw" }),
    "made.gif": picture().gif(),
  };
  const files = Object.entries(made).map(async ([name, image]) => ({ name, bytes: await image.toBuffer() }));
  return [...(await Promise.all(files)), { name: "made.svg", bytes: Buffer.from(svg) }];
}

const video = ["-f", "lavfi", "-i", "testsrc=s=96x64:r=10:d=1"];
const sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1"];
const h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
const recipes: Readonly<Record<string, readonly string[]>> = {
  "made.mp4": [...video, ...sound, ...h264, "-c:a", "aac", "-f", "mp4"],
  "made-fragmented.mp4": [...video, ...h264, "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"],
  "made.mov": [...video, "-c:v", "mjpeg", "-f", "mov"],
  "made.mkv": [...video, ...sound, ...h264, "-c:a", "libvorbis", "-f", "matroska"],
  "made.webm": [...video, "-c:v", "libvpx", "-f", "webm"],
  "made.avi": [...video, "-c:v", "mpeg4", "-f", "avi"],
  "made.ts": [...video, "-c:v", "mpeg2video", "-f", "mpegts"],
  "made.mp3": [...sound, "-f", "mp3"],
  "made.ogg": [...sound, "-c:a", "libvorbis", "-f", "ogg"],
  "made.flac": [...sound, "-f", "flac"],
  "made.wav": [...sound, "-f", "wav"],
};

/** Videos and recordings of a second; none without ffmpeg. */
async function videos(): Promise<Original[]> {
  const dir = await mkdtemp(join(tmpdir(), "colan-originals-"));
  const make = async ([name, args]: [string, readonly string[]]): Promise<Original[]> => {
    const path = join(dir, name);
    return run("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args, path]).then(
      async () => [{ name, bytes: await readFile(path) }],
      () => [],
    );
  };
  const made: Original[] = [];
  for (const recipe of Object.entries(recipes)) made.push(...(await make(recipe)));
  await rm(dir, { recursive: true });
  return made;
}

async function corpus(): Promise<Original[]> {
  if (!existsSync(corpusDir)) return [];
  const entries = await readdir(corpusDir, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const files: Original[] = [];
  for (const path of paths.sort()) {
    if (/\.(dump|json|md)$/.test(path)) continue;
    const { size } = await stat(path);
    if (size > 0 && size <= bytesMax) files.push({ name: path, bytes: await readFile(path) });
  }
  return files;
}

/**
 * Files of every kind that the library takes: made here, and those of the corpus where there is one.
 * @param isQuick leaves the corpus out, and makes only what takes no time.
 */
export async function gatherOriginals({ isQuick = false } = {}): Promise<Original[]> {
  const made = [...(await pictures()), ...(await videos())];
  return isQuick ? made : [...made, ...(await corpus())];
}
