import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import type { Visible } from "../../src/pictures/derivative.ts";
import { findVisible } from "../../src/pictures/pictures.ts";
import { UPLOAD } from "../support/documents.ts";
import { makeQuadrants } from "../support/quadrants.ts";
import type { TestServer } from "../support/server.ts";

const run = promisify(execFile);
const ffmpeg = (...args: string[]) => run("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args]);

/** A wide picture, stored turned: EXIF orientation 6, the camera on its side (TIFF 6.0 tag 274). */
export const makeTurnedJpeg = async (width = 800, height = 600): Promise<Buffer> =>
  makeQuadrants(width, height)
    .rotate(270)
    .withMetadata({ orientation: 6, exif: { IFD0: { Artist: "SECRET" } } })
    .jpeg({ quality: 95 })
    .toBuffer();

export const makeMovingGif = async (frames = 12): Promise<Buffer> => {
  const frame = await makeQuadrants(200, 120).png().toBuffer();
  return sharp(Array<Buffer>(frames).fill(frame), { join: { animated: true } })
    .gif({ delay: Array<number>(frames).fill(100), loop: 0, keepDuplicateFrames: true })
    .toBuffer();
};

async function withFolder<T>(work: (path: (name: string) => string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "colan-videos-"));
  try {
    return await work((name) => join(dir, name));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Black for half a second, then quadrants for 1.5; stored on its side, as phones do. */
export const makeTurnedVideo = (): Promise<Buffer> =>
  withFolder(async (path) => {
    await writeFile(path("upright.png"), await makeQuadrants(320, 240).rotate(270).png().toBuffer());
    await ffmpeg(
      ...["-f", "lavfi", "-i", "color=black:s=240x320:r=10:d=0.5", "-loop", "1", "-t", "1.5", "-r", "10"],
      ...["-i", path("upright.png"), "-filter_complex", "[0][1]concat,format=yuv420p"],
      ...["-c:v", "libx264", "-metadata", "title=SECRET", path("flat.mp4")],
    );
    await ffmpeg("-i", path("flat.mp4"), "-c", "copy", "-metadata:s:v", "rotate=270", path("turned.mp4"));
    return readFile(path("turned.mp4"));
  });

/** A second of sound; with a cover unless told. */
export const makeSong = (hasCover = true): Promise<Buffer> =>
  withFolder(async (path) => {
    await writeFile(path("cover.jpg"), await makeQuadrants(400, 400).jpeg({ quality: 95 }).toBuffer());
    const cover = [
      "-i",
      path("cover.jpg"),
      "-map",
      "0:a",
      "-map",
      "1:v",
      "-c:v",
      "copy",
      "-disposition:v",
      "attached_pic",
    ];
    await ffmpeg(
      "-f",
      "lavfi",
      "-i",
      "sine=d=1",
      ...(hasCover ? cover : []),
      "-id3v2_version",
      "3",
      path("song.mp3"),
    );
    return readFile(path("song.mp3"));
  });

/** Uploads; @returns the entity and its original as derivatives see it, null where it cannot be seen. */
export async function addOriginal(server: TestServer, bytes: Buffer) {
  const { uploadEntity } = await server.run(UPLOAD, { input: { file: null } }, [{ at: "input.file", bytes }]);
  const { id } = uploadEntity.entity;
  const { md5, sha256 } = await server.app.deps.db.prisma.entity.findUniqueOrThrow({
    where: { id: Number(id) },
  });
  const original: Visible | null = (await findVisible(server.app.deps.db, md5 ?? "", sha256 ?? "")) ?? null;
  return { id, original };
}
