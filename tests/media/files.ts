import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { openMedia, type Media } from "../../src/media/media.ts";
import type { MediaReader } from "../../src/media/facts/media-reader.ts";

const run = promisify(execFile);
const exiftool = join(
  dirname(createRequire(import.meta.url).resolve("exiftool-vendored.pl/package.json")),
  "bin/exiftool",
);

export const quiet = { warn: () => undefined, info: () => undefined };

/**
 * @param env settings beside one exiftool and one picture process.
 * @param hear is told what is logged at start.
 */
export const openTestMedia = (
  env: Readonly<Record<string, string>> = {},
  hear: (line: string) => void = () => undefined,
): Media =>
  openMedia({
    config: readConfig({ EXIFTOOL_PROCESSES: "1", PICTURE_PROCESSES: "1", ...env }),
    log: {
      ...quiet,
      info: (_: unknown, line?: string) => {
        hear(line ?? "");
      },
    },
  });

/** A folder of its own and a reader for the tests of one file. */
export function useFolder() {
  const folder = {
    dir: "",
    path: (name: string) => join(folder.dir, name),
    /** Writes bytes under a name that says nothing of their type. */
    async write(name: string, bytes: string | Uint8Array) {
      await writeFile(folder.path(name), bytes);
      return folder.path(name);
    },
  };
  beforeAll(async () => {
    folder.dir = await mkdtemp(join(tmpdir(), "colan-media-"));
  });
  afterAll(() => rm(folder.dir, { recursive: true, force: true }));
  return folder;
}

/** Media that are open while the tests of one file run. */
export function useMedia(env?: Readonly<Record<string, string>>): { readonly current: Media } {
  let media: Media | undefined;
  beforeAll(() => {
    media = openTestMedia(env);
  });
  afterAll(() => media?.close());
  return {
    get current() {
      return media!;
    },
  };
}

/** A reader that is open while the tests of one file run. */
export function useReader(): { readonly current: MediaReader } {
  const media = useMedia();
  return {
    get current() {
      return media.current.reader;
    },
  };
}

export const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Writes tags into a file, `-Tag=value` each, with exiftool itself. */
export async function writeTags(path: string, ...args: string[]) {
  await run("perl", [exiftool, "-config", "", "-q", "-q", "-m", "-overwrite_original", ...args, path]);
}

export const makePicture = (width = 64, height = 48) =>
  sharp({ create: { width, height, channels: 3, background: "teal" } });

/** Pixels that do not compress, so that half of the file is half of the picture. */
export async function makeNoise(width = 256, height = 256) {
  const pixels = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let at = 0; at < pixels.length; at++) pixels[at] = (state = (state * 48271) % 2147483647) & 255;
  return Promise.resolve(sharp(pixels, { raw: { width, height, channels: 3 } }));
}

export const ffmpeg = (...args: string[]) => run("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args]);

/** Whether Debian's or another ffmpeg is on PATH; a clear line where it is not. */
export async function hasFfmpeg(): Promise<boolean> {
  return run("ffmpeg", ["-version"]).then(
    () => true,
    () => {
      console.warn("Videos are not tested: there is no ffmpeg on PATH");
      return false;
    },
  );
}

/** A file's bytes with tags, as exiftool writes them. */
export async function tagged(bytes: Uint8Array, args: readonly string[]): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), "colan-tagged-"));
  try {
    const path = join(dir, "file.jpg");
    await writeFile(path, bytes);
    await writeTags(path, "-codedcharacterset=utf8", ...args);
    return await readFile(path);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
