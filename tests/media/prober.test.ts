import { afterEach, describe, expect, test } from "vitest";
import type { Media } from "../../src/media/media.ts";
import { standIn, type Mood } from "../library/facts/stand-ins.ts";
import { ffmpeg, hasFfmpeg, openTestMedia, useFolder, useReader } from "./files.ts";

const folder = useFolder();
const reader = useReader();
const isAbsent = !(await hasFfmpeg());

const opened: Media[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((media) => media.close()));
});

function openWith(env: Readonly<Record<string, string>>): Media["reader"] {
  const media = openTestMedia(env);
  opened.push(media);
  return media.reader;
}

async function make(format: string, ...args: string[]): Promise<string> {
  const path = folder.path(crypto.randomUUID());
  await ffmpeg(...args, "-f", format, path);
  return path;
}

const video = (size: string, ...filters: string[]) => [
  ...["-f", "lavfi", "-i", [`testsrc=s=${size}:r=25:d=0.4`, ...filters].join(",")],
  ...["-pix_fmt", "yuv420p"],
];
const interlaced = [...["-c:v", "libx264", "-preset", "ultrafast"], "-flags", "+ilme+ildct"];

// Seen: a transport stream of which ffprobe was late kept the size that a guess had told, or none, as if it were known.
describe.skipIf(isAbsent)("an ffprobe that", () => {
  test.each<Mood>(["hangs", "ends", "garbage", "is stopped", "is absent"])(
    "%s leaves a video's size to be read later",
    async (mood) => {
      const ffprobe = await standIn("ffprobe", mood);
      const path = await make("mpegts", ...video("192x108"), ...interlaced);
      const waiting = openWith({ FFPROBE_PATH: ffprobe.path, EXIFTOOL_TIMEOUT_MS: "1500" });
      const facts = await waiting.readFacts(path);
      expect(facts?.unread).toMatchObject([{ part: "TRACKS" }]);
      expect(facts?.problems.map(({ code }) => code)).toEqual(["NOT_READ_YET"]);
      await ffprobe.turn("works");
      expect(await waiting.readFacts(path)).toMatchObject({ unread: [], width: 192, height: 108 });
    },
  );

  test("is not installed leaves a duration that only it knows to be read later", async () => {
    const path = await make("voc", "-f", "lavfi", "-i", "sine=d=1:r=8000", "-c:a", "pcm_u8");
    const bare = openWith({ FFMPEG_PATH: "/nowhere/ffmpeg", FFPROBE_PATH: "/nowhere/ffprobe" });
    expect(await bare.readFacts(path)).toMatchObject({
      ...{ mimeType: "audio/x-voc", duration: null },
      unread: [{ part: "TRACKS", isToolMissing: true }],
    });
    const facts = await reader.current.readFacts(path);
    expect(facts?.unread).toEqual([]);
    expect(facts?.duration).toBeCloseTo(1, 1);
  });

  test("cannot read a broken file leaves nothing to be read later", async () => {
    const path = await folder.write("broken", Buffer.from(`RIFF\x10\0\0\0AVI ${"x".repeat(40)}`, "latin1"));
    expect(await reader.current.readFacts(path)).toMatchObject({ mimeType: "video/x-msvideo", unread: [] });
  });
});

// Seen: of containers that mediabunny does not read, the coded size was told, and the pictures were squeezed.
describe.skipIf(isAbsent)("video of other than square pixels has the size at which it is displayed", () => {
  test.each([
    ["avi", "video/x-msvideo", [...video("320x240", "setsar=4/3"), "-c:v", "mpeg4"], 427, 240],
    ["asf", "video/x-ms-wmv", [...video("320x240", "setsar=4/3"), "-c:v", "wmv2"], 427, 240],
    ["ogg", "video/ogg", [...video("320x240", "setsar=4/3"), "-c:v", "libtheora"], 427, 240],
    ["matroska", "video/matroska", [...video("320x240", "setsar=4/3"), "-c:v", "libx264"], 427, 240],
    ["mov", "video/quicktime", [...video("320x240", "setsar=3/4"), "-c:v", "libx264"], 320, 320],
    ["dv", "video/x-dv", [...video("720x576"), "-aspect", "16:9", "-c:v", "dvvideo"], 1048, 576],
    ["mxf", "application/mxf", [...video("320x240", "setsar=4/3"), "-c:v", "mpeg2video"], 427, 240],
  ])("in %s", async (format, mimeType, args, width, height) => {
    const facts = await reader.current.readFacts(await make(format, ...args));
    expect(facts).toMatchObject({ mimeType, unread: [], picture: { source: "FRAME" } });
    // DV's pixels are 64:45 for some, 118:81 for others.
    expect(Math.abs((facts?.width ?? 0) - width)).toBeLessThan(25);
    expect(facts?.height).toBe(height);
    expect(facts?.picture).toMatchObject({ width: facts?.width, height });
  });
});
