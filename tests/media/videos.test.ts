import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { ffmpeg, hasFfmpeg, useFolder, useReader, writeTags } from "./files.ts";

const folder = useFolder();
const reader = useReader();
const isAbsent = !(await hasFfmpeg());

const video = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=2"];
const sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"];
const h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
// With B-frames, whose first packet is shown later than 0.
const reordered = ["-c:v", "libx264", "-preset", "medium", "-bf", "2", "-pix_fmt", "yuv420p"];

async function make(container: string, ...args: string[]) {
  const path = folder.path(crypto.randomUUID());
  await ffmpeg(...args, "-f", container, path);
  return path;
}

/** 44.1 kHz, mono, 8 bit. */
function wav(samples: number) {
  const bytes = Buffer.alloc(44 + samples, 128);
  bytes.write("RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0", "latin1");
  bytes.writeUInt32LE(36 + samples, 4);
  bytes.writeUInt32LE(44_100, 24);
  bytes.writeUInt32LE(44_100, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write("data", 36, "latin1");
  bytes.writeUInt32LE(samples, 40);
  return bytes;
}

test("a WAV of two seconds lasts 2 seconds", async () => {
  expect(await reader.current.readFacts(await folder.write("wav", wav(88_200)))).toMatchObject({
    mimeType: "audio/wav",
    extension: "wav",
    type: "AUDIO",
    width: null,
    height: null,
    duration: 2,
    problems: [],
  });
});

describe.skipIf(isAbsent)("videos and recordings", () => {
  // Seen: videos of whole seconds had no duration, since exiftool prints it otherwise.
  test.each([
    ["mp4", [...video, ...h264], "video/mp4", "mp4"],
    ["mp4", [...video, ...reordered, "-movflags", "frag_keyframe+empty_moov"], "video/mp4", "mp4"],
    ["mov", [...video, ...h264], "video/quicktime", "mov"],
    ["matroska", [...video, ...h264], "video/matroska", "mkv"],
    ["webm", [...video, "-c:v", "libvpx"], "video/webm", "webm"],
    ["avi", [...video, "-c:v", "mpeg4"], "video/x-msvideo", "avi"],
    ["3gp", [...video, ...h264], "video/3gpp", "3gp"],
  ])("%s of two seconds lasts 2 seconds (%#)", async (container, args, mimeType, extension) => {
    expect(await reader.current.readFacts(await make(container, ...args))).toMatchObject({
      mimeType,
      extension,
      type: "VIDEO",
      width: 64,
      height: 48,
      duration: 2,
      problems: [],
    });
  });

  test.each([
    ["ipod", sound, "audio/mp4", "m4a"],
    ["mp4", sound, "audio/mp4", "m4a"],
    ["flac", sound, "audio/flac", "flac"],
    ["ogg", [...sound, "-c:a", "libvorbis"], "audio/ogg", "ogg"],
    ["opus", sound, "audio/ogg", "ogg"],
    ["mp3", sound, "audio/mpeg", "mp3"],
    ["mp3", [...sound, "-q:a", "2", "-write_xing", "0"], "audio/mpeg", "mp3"],
    ["webm", [...sound, "-c:a", "libopus"], "audio/webm", "weba"],
  ])("%s of two seconds is sound (%#)", async (container, args, mimeType, extension) => {
    const facts = await reader.current.readFacts(await make(container, ...args));
    expect(facts).toMatchObject({
      mimeType,
      extension,
      type: "AUDIO",
      width: null,
      height: null,
      problems: [],
    });
    // A coder works in frames of up to 26 ms, and pads the last.
    expect(Math.abs(facts!.duration! - 2)).toBeLessThan(0.06);
  });

  test("an AVI of more than half a minute lasts to the frame, not to the whole second", async () => {
    const path = await make("avi", "-f", "lavfi", "-i", "testsrc=s=16x16:r=5:d=31.4", "-c:v", "mpeg4");
    expect((await reader.current.readFacts(path))?.duration).toBe(31.4);
  });

  test("a rotated video is upright", async () => {
    const path = await make("mp4", ...video, ...h264);
    await writeTags(path, "-Rotation=90");
    expect(await reader.current.readFacts(path)).toMatchObject({ width: 48, height: 64, duration: 2 });
  });

  test("a video's creation time is UTC", async () => {
    const path = await make("mp4", ...video, ...h264, "-metadata", "creation_time=2019-07-21T12:03:11Z");
    expect((await reader.current.readFacts(path))?.captured).toEqual({
      local: "2019-07-21T12:03:11.000",
      offset: "+00:00",
      instant: Date.UTC(2019, 6, 21, 12, 3, 11),
      source: "QuickTime:CreateDate",
      isInferred: false,
    });
  });

  test("a video whose clock was never set has no date", async () => {
    expect((await reader.current.readFacts(await make("mp4", ...video, ...h264)))?.captured).toBeNull();
  });

  test("a Matroska video's DateUTC is its date", async () => {
    const path = await make("matroska", ...video, ...h264, "-metadata", "creation_time=2019-07-21T12:03:11Z");
    expect((await reader.current.readFacts(path))?.captured).toMatchObject({
      instant: Date.UTC(2019, 6, 21, 12, 3, 11),
      source: "Matroska:DateTimeOriginal",
    });
  });

  test("a video's ISO 6709 place is its place", async () => {
    const path = await make("mov", ...video, ...h264);
    await writeTags(path, "-Keys:GPSCoordinates=41.9, 12.5, 20.5");
    const facts = await reader.current.readFacts(path);
    expect(facts?.place).toMatchObject({ latitude: 41.9, longitude: 12.5, altitude: 20.5 });
  });

  test("a video that is cut is kept, and marked as truncated", async () => {
    const path = await make("mp4", ...video, ...h264, "-movflags", "+faststart");
    const bytes = await readFile(path);
    const facts = await reader.current.readFacts(await folder.write("cut", bytes.subarray(0, -500)));
    expect(facts).toMatchObject({ mimeType: "video/mp4", width: 64, height: 48 });
    expect(facts?.problems.map(({ code }) => code)).toContain("TRUNCATED");
  });
});
