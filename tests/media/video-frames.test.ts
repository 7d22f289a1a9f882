import { readFile, truncate } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { ffmpeg, hasFfmpeg, writeTags } from "./files.ts";
import { cornersOf, distance, makeQuarters, now, pixelAt, upright, usePictures } from "./pictures.ts";

const kit = usePictures();
const isAbsent = !(await hasFfmpeg());
const h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

const colour = (name: string, seconds: number, size = "64x48") => [
  ...["-f", "lavfi", "-i", `color=${name}:s=${size}:r=10:d=${seconds}`],
];

async function video(container: string, ...args: string[]) {
  const path = kit.target();
  await ffmpeg(...args, "-f", container, path);
  return path;
}

/** Videos of these colours one after the other. */
const sequence = (...parts: [name: string, seconds: number][]) => [
  ...parts.flatMap(([name, seconds]) => colour(name, seconds)),
  ...["-filter_complex", `concat=n=${parts.length}:v=1`, ...h264],
];

async function frameOf(path: string, atSeconds?: number) {
  const facts = await kit.reader.readFacts(path);
  const { mimeType, picture } = facts!;
  const target = kit.target();
  const moment = atSeconds == null ? {} : { atSeconds };
  const { width, height } = picture!;
  const file = { path, mimeType, source: "FRAME", width, height, ...moment } as const;
  await kit.pictures.extractStill(file, target, now);
  return target;
}

const red = [254, 0, 0];
const green = [0, 128, 0];

describe.skipIf(isAbsent)("a frame of a video", () => {
  test("is known to be one before it is looked at", async () => {
    const facts = await kit.reader.readFacts(await video("mp4", ...colour("red", 1), ...h264));
    expect(facts?.picture).toEqual({
      source: "FRAME",
      width: 64,
      height: 48,
      isAnimated: true,
      placeholder: null,
      dominantColour: null,
      hash: null,
    });
  });

  test.each([
    ["mp4", h264],
    ["mp4", [...h264, "-movflags", "frag_keyframe+empty_moov"]],
    ["mov", h264],
    ["matroska", h264],
    ["webm", ["-c:v", "libvpx"]],
    ["avi", ["-c:v", "mpeg4"]],
    ["mpegts", h264],
    ["mpeg", ["-c:v", "mpeg1video", "-r", "25"]],
    ["flv", ["-c:v", "flv"]],
    ["ogg", ["-c:v", "libtheora"]],
    ["asf", ["-c:v", "wmv2"]],
    ["3gp", h264],
  ])("of %s comes out (%#)", async (container, coding) => {
    const still = await frameOf(await video(container, ...colour("red", 1), ...coding));
    expect(await sharp(still).metadata()).toMatchObject({ format: "jpeg", width: 64, height: 48 });
    expect(distance(await pixelAt(still, 0.5, 0.5), red)).toBeLessThan(12);
  });

  test("is the first that is not black", async () => {
    const path = await video("mp4", ...sequence(["black", 2], ["red", 1], ["green", 1]));
    expect(distance(await pixelAt(await frameOf(path), 0.5, 0.5), red)).toBeLessThan(12);
  });

  test("is the first where all are black", async () => {
    const path = await video("mp4", ...sequence(["black", 1], ["#050505", 1]));
    expect(distance(await pixelAt(await frameOf(path), 0.5, 0.5), [0, 0, 0])).toBeLessThan(4);
  });

  test("is the one at the time asked for", async () => {
    const path = await video("mp4", ...sequence(["red", 2], ["green", 2]));
    expect(distance(await pixelAt(await frameOf(path, 1.9), 0.5, 0.5), red)).toBeLessThan(12);
    expect(distance(await pixelAt(await frameOf(path, 2.1), 0.5, 0.5), green)).toBeLessThan(12);
  });

  test.each([90, 180, 270])("of a video turned by %i degrees is upright", async (degrees) => {
    const picture = await kit.write(await (await makeQuarters(96, 64)).rotate(-degrees).png().toBuffer());
    const path = await video("mp4", "-loop", "1", "-i", picture, "-t", "1", ...h264);
    await writeTags(path, `-Rotation=${degrees}`);
    const still = await frameOf(path);
    expect(await sharp(still).metadata()).toMatchObject({ width: 96, height: 64 });
    expect(await cornersOf(still)).toEqual(upright);
  });

  test("fills the size that the video declares where its pixels are not square", async () => {
    const path = await video("matroska", ...colour("red", 1), "-vf", "setsar=2", ...h264);
    const { picture } = (await kit.reader.readFacts(path))!;
    const still = await frameOf(path);
    const { width, height } = await sharp(still).metadata();
    expect({ width, height }).toEqual({ width: picture!.width, height: picture!.height });
  });

  // Seen: PQ and HLG were shown as if they were SDR, grey and dull: 146 where 203 cd/m² are white.
  test.each(["smpte2084", "arib-std-b67"])(
    "of HDR by %s has the brightness of a screen",
    async (transfer) => {
      // Code value 0.58 of PQ is 203 cd/m², and 0.75 of HLG; both are a light grey here.
      const level = transfer === "smpte2084" ? 0.58 : 0.75;
      const grey = Math.round(64 + level * (940 - 64));
      const source = ["-f", "lavfi", "-i", "color=gray:s=64x48:r=10:d=1"];
      const planes = `format=yuv420p10le,geq=lum=${grey}:cb=512:cr=512`;
      const colours =
        `-x265-params log-level=none:colorprim=bt2020:transfer=${transfer}:colormatrix=bt2020nc`.split(" ");
      const path = await video(
        "mp4",
        ...source,
        "-vf",
        planes,
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        ...colours,
      );
      const [red = 0, green = 0, blue = 0] = await pixelAt(await frameOf(path), 0.5, 0.5);
      expect(Math.min(red, green, blue)).toBeGreaterThan(195);
      expect(Math.max(red, green, blue)).toBeLessThan(240);
      const target = kit.target();
      const file = { path, mimeType: "video/mp4", duration: 1 };
      await kit.pictures.makeAnimation(file, { width: 32, height: 24 }, target, now);
      const moving = await pixelAt(sharp(await readFile(target)).removeAlpha(), 0.5, 0.5);
      expect(Math.min(...moving)).toBeGreaterThan(195);
    },
  );

  // Seen: 320×240 with pixels of 4:3 was 320×240, which a player shows as 427×240.
  test.each([
    ["mp4", "4/3", 427, 240],
    ["matroska", "4/3", 427, 240],
    ["mov", "64/45", 455, 240],
  ])(
    "of anamorphic video in %s with pixels of %s has the shape of a player's",
    async (container, sar, width, height) => {
      const path = await video(container, ...colour("red", 1, "320x240"), "-vf", `setsar=${sar}`, ...h264);
      const facts = await kit.reader.readFacts(path);
      expect(facts).toMatchObject({ width, height, picture: { width, height } });
      expect(await sharp(await frameOf(path)).metadata()).toMatchObject({ width, height });
    },
  );

  // Seen: a DVD's 720×576 was shown as it is coded, 5:4, and video without a container had no size and no picture.
  test.each([
    ["vob", ["-c:v", "mpeg2video", "-aspect", "16:9"], "720x576", 1024, 576],
    ["vob", ["-c:v", "mpeg2video", "-aspect", "4:3"], "720x480", 640, 480],
    ["mpegts", ["-c:v", "mpeg2video", "-aspect", "16:9"], "1440x1080", 1920, 1080],
    ["mpeg2video", ["-c:v", "mpeg2video"], "192x240", 192, 240],
    ["mpeg1video", ["-c:v", "mpeg1video"], "352x240", 352, 240],
    ["mpeg", ["-c:v", "mpeg1video"], "352x288", 352, 288],
  ])(
    "of MPEG video in %s has the shape that is displayed (%#)",
    async (container, coding, size, width, height) => {
      const path = await video(container, ...colour("red", 1, size), "-r", "25", ...coding);
      const facts = await kit.reader.readFacts(path);
      expect(facts).toMatchObject({ width, height, picture: { source: "FRAME", width, height } });
      const still = await frameOf(path);
      expect(await sharp(still).metadata()).toMatchObject({ width, height });
      expect(distance(await pixelAt(still, 0.5, 0.5), red)).toBeLessThan(12);
    },
  );

  test("of uneven times between frames comes out", async () => {
    const uneven = ["-vf", "setpts='N*N/10/TB'", "-vsync", "vfr"];
    const path = await video("mp4", ...colour("red", 2), ...uneven, ...h264);
    expect(distance(await pixelAt(await frameOf(path), 0.5, 0.5), red)).toBeLessThan(12);
  });

  test("obeys an edit list", async () => {
    // Cut without decoding: frames from the last key frame on are there, and the edit list hides them.
    const whole = await video(
      "mp4",
      ...sequence(["green", 2], ["red", 2]),
      "-g",
      "1000",
      "-sc_threshold",
      "0",
    );
    const path = kit.target();
    await ffmpeg("-ss", "2.5", "-i", whole, "-c", "copy", "-f", "mp4", path);
    expect(distance(await pixelAt(await frameOf(path), 0.5, 0.5), red)).toBeLessThan(12);
  });

  test("of a video without duration is made", async () => {
    const path = await video("matroska", ...colour("red", 1), "-frames:v", "1", ...h264, "-live", "1");
    expect(distance(await pixelAt(await frameOf(path), 0.5, 0.5), red)).toBeLessThan(12);
  });

  test("of more than 4096 pixels an edge has 4096", async () => {
    const path = await video("matroska", ...colour("red", 0.2, "5000x50"), "-c:v", "mjpeg");
    const still = await frameOf(path);
    expect(await sharp(still).metadata()).toMatchObject({ width: 4096, height: 41 });
  });
});

describe.skipIf(isAbsent)("no frame", () => {
  const asVideo = (path: string) =>
    kit.pictures.extractStill(
      { path, mimeType: "video/mp4", source: "FRAME", width: 64, height: 48 },
      kit.target(),
      now,
    );

  test("comes of an MP4 with nothing but sound", async () => {
    const path = await video("mp4", "-f", "lavfi", "-i", "sine=d=1");
    expect((await kit.reader.readFacts(path))?.picture).toBeNull();
    await expect(asVideo(path)).rejects.toMatchObject({ code: "UNDECODABLE" });
  });

  test("comes of sound with a cover, whose picture is the cover", async () => {
    const cover = await kit.write(await (await makeQuarters(96, 64)).jpeg().toBuffer());
    const path = await video(
      "mp4",
      ...["-f", "lavfi", "-i", "sine=d=1", "-i", cover, "-map", "0", "-map", "1"],
      ...["-c:v", "copy", "-disposition:v:0", "attached_pic"],
    );
    const facts = await kit.reader.readFacts(path);
    expect(facts).toMatchObject({ type: "AUDIO", picture: { source: "COVER", width: 96, height: 64 } });
    await expect(asVideo(path)).rejects.toMatchObject({ code: "UNDECODABLE" });
  });

  test("comes of an MP4 whose index, at its end, is cut off", async () => {
    const path = await video("mp4", ...colour("red", 1), ...h264);
    const { length } = await readFile(path);
    await truncate(path, length - 400);
    await expect(asVideo(path)).rejects.toMatchObject({ code: "UNDECODABLE" });
    await expect(asVideo(path)).rejects.not.toThrow(kit.folder.dir);
    const facts = await kit.reader.readFacts(path);
    expect(facts).toMatchObject({ mimeType: "video/mp4", picture: null });
    expect(facts?.problems).not.toEqual([]);
  });
});

describe.skipIf(isAbsent)("an animation of a video", () => {
  const animate = async (path: string, duration: number | null, mimeType = "video/mp4") => {
    const target = kit.target();
    const size = { width: 32, height: 24 };
    await kit.pictures.makeAnimation({ path, mimeType, duration }, size, target, now);
    return sharp(await readFile(target), { pages: -1 });
  };
  const moving = (seconds: number) => ["-f", "lavfi", "-i", `testsrc=s=64x48:r=25:d=${seconds}`, ...h264];

  test("is three seconds from its start when it is short", async () => {
    const animation = await animate(await video("mp4", ...moving(5)), 5);
    const { format, pages, width, pageHeight, delay } = await animation.metadata();
    expect({ format, width, pageHeight }).toEqual({ format: "webp", width: 32, pageHeight: 24 });
    expect(pages).toBeGreaterThan(15);
    expect(delay!.reduce((sum, each) => sum + each, 0)).toBe(3000);
  });

  test("is of its beginning, middle and end when it is long", async () => {
    const path = await video("mp4", ...sequence(["red", 10], ["green", 10], ["blue", 10]));
    const animation = await animate(path, 30);
    const metadata = await animation.metadata();
    const raw = await animation.removeAlpha().raw().toBuffer();
    const middleOf = (page: number) => {
      const at = (page * 24 + 12) * 32 * 3 + 16 * 3;
      return [...raw.subarray(at, at + 3)];
    };
    const colours = Array.from({ length: metadata.pages! }, (_, page) => middleOf(page));
    for (const wanted of [red, green, [0, 0, 254]])
      expect(
        colours.some((seen) => distance(seen, wanted) < 25),
        String(wanted),
      ).toBe(true);
    expect(metadata.delay!.reduce((sum, each) => sum + each, 0)).toBe(3000);
  });

  test("shows the existing frames where a video is shorter than its duration", async () => {
    const animation = await animate(await video("mp4", ...moving(3)), 20);
    expect((await animation.metadata()).pages).toBeGreaterThan(5);
  });

  test("cannot be made of files that are no video", async () => {
    const noise = await kit.write(Buffer.alloc(5000, 7));
    await expect(animate(noise, 3)).rejects.toMatchObject({ code: "UNDECODABLE" });
  });
});
