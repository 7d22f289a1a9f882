import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Media } from "../../src/media/media.ts";
import { ffmpeg, hasFfmpeg, openTestMedia } from "./files.ts";
import { now, usePictures } from "./pictures.ts";

const kit = usePictures();
const isAbsent = !(await hasFfmpeg());

/** A transport stream of H.264, coded as both fields of each frame or as whole frames. */
async function stream(size: string, flags: string, ...args: string[]): Promise<string> {
  const path = kit.target();
  const input = ["-f", "lavfi", "-i", `testsrc=s=${size}:r=25:d=0.4`];
  const coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-flags", flags];
  await ffmpeg(...input, ...coding, ...args, "-f", "mpegts", path);
  return path;
}

const interlaced = "+ilme+ildct";
const progressive = "-ilme-ildct";

// Seen: a camera's raw AVCHD file of 1920×1080 was 1920×536, and its picture squashed. mediabunny tells the lines of one
// field, less what is cropped from two.
describe.skipIf(isAbsent)("H.264 in a transport stream", () => {
  let withoutFfmpeg: Media | undefined;
  beforeAll(() => {
    withoutFfmpeg = openTestMedia({ FFMPEG_PATH: "/nonexistent", FFPROBE_PATH: "/nonexistent" });
  });
  afterAll(() => withoutFfmpeg?.close());

  test.each([
    ["1920x1080", interlaced, [], 1920, 1080],
    ["192x108", interlaced, [], 192, 108],
    ["192x108", progressive, [], 192, 108],
    ["192x112", interlaced, ["-pix_fmt", "yuv422p"], 192, 112],
    ["720x576", interlaced, ["-vf", "setsar=16/11"], 1047, 576],
    ["720x576", interlaced, ["-x264-params", "cqm=jvt"], 720, 576],
  ])("of %s is as high as it is, with and without ffprobe (%#)", async (size, flags, args, width, height) => {
    const path = await stream(size, flags, ...args);
    expect(await kit.reader.readFacts(path)).toMatchObject({ mimeType: "video/mp2t", width, height });
    expect(await withoutFfmpeg?.reader.readFacts(path)).toMatchObject({ width, height });
  });

  test("has a poster of the video's own shape", async () => {
    const path = await stream("192x108", interlaced);
    const facts = await kit.reader.readFacts(path);
    const { width, height } = facts!.picture!;
    const target = kit.target();
    await kit.pictures.extractStill(
      { path, mimeType: "video/mp2t", source: "FRAME", width, height },
      target,
      now,
    );
    expect(await sharp(target).metadata()).toMatchObject({ width: 192, height: 108 });
  });
});
