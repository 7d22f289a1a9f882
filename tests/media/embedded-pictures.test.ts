import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { ffmpeg, hasFfmpeg } from "./files.ts";
import { cornersOf, makeQuarters, now, upright, usePictures } from "./pictures.ts";

const kit = usePictures();
const isAbsent = !(await hasFfmpeg());

/** What exiftool alone knows to be a picture: a Photoshop file of nothing but its header. */
function psd(width: number, height: number): Buffer {
  const header = Buffer.alloc(26 + 4 + 4 + 4 + 2);
  header.write("8BPS\0\x01", "latin1");
  header.writeUInt16BE(3, 12);
  header.writeUInt32BE(height, 14);
  header.writeUInt32BE(width, 18);
  header.writeUInt16BE(8, 22);
  header.writeUInt16BE(3, 24);
  return header;
}

type Tag = readonly [number: number, type: 1 | 2 | 3 | 4, values: readonly number[]];

/** A directory of a TIFF at this place; values of more than four bytes lie behind it. */
function directory(at: number, tags: readonly Tag[], next: number): Buffer {
  const head = Buffer.alloc(2 + tags.length * 12 + 4);
  const rest: Buffer[] = [];
  let end = at + head.length;
  head.writeUInt16LE(tags.length, 0);
  for (const [index, [number, type, values]] of tags.entries()) {
    const entry = 2 + index * 12;
    const size = { 1: 1, 2: 1, 3: 2, 4: 4 }[type];
    const bytes = Buffer.alloc(Math.max(4, values.length * size));
    values.forEach((value, place) => bytes.writeUIntLE(value, place * size, size));
    head.writeUInt16LE(number, entry);
    head.writeUInt16LE(type, entry + 2);
    head.writeUInt32LE(values.length, entry + 4);
    if (bytes.length === 4) bytes.copy(head, entry + 8);
    else {
      head.writeUInt32LE(end, entry + 8);
      rest.push(bytes);
      end += bytes.length;
    }
  }
  head.writeUInt32LE(next, head.length - 4);
  return Buffer.concat([head, ...rest]);
}

/** A DNG that has no picture of its own, with a preview and, smaller, a thumbnail. */
function rawWith(orientation: number, preview: Buffer, thumbnail = Buffer.alloc(0)) {
  const [main, small, large, previewAt] = [8, 400, 600, 1000];
  const text = (words: string) => [...Buffer.from(`${words}\0`, "latin1")];
  const ifd0 = directory(
    main,
    [
      [254, 4, [1]],
      [256, 4, [6000]],
      [257, 4, [4000]],
      [271, 2, text("Maker")],
      [272, 2, text("Camera")],
      [274, 3, [orientation]],
      [330, 4, [large]],
      [50706, 1, [1, 4, 0, 0]],
    ],
    thumbnail.length > 0 ? small : 0,
  );
  const thumbnailAt = previewAt + preview.length;
  const ifd1 = directory(
    small,
    [
      [259, 3, [6]],
      [513, 4, [thumbnailAt]],
      [514, 4, [thumbnail.length]],
    ],
    0,
  );
  const subIfd = directory(
    large,
    [
      [254, 4, [1]],
      [256, 4, [96]],
      [257, 4, [64]],
      [259, 3, [7]],
      [273, 4, [previewAt]],
      [279, 4, [preview.length]],
    ],
    0,
  );
  const file = Buffer.alloc(previewAt + preview.length + thumbnail.length);
  file.write("II*\0\x08", "latin1");
  ifd0.copy(file, main);
  ifd1.copy(file, small);
  subIfd.copy(file, large);
  preview.copy(file, previewAt);
  thumbnail.copy(file, thumbnailAt);
  return kit.write(file);
}

const turnedJpeg = async (degrees: number, width = 96, height = 64) =>
  sharp(await (await makeQuarters(width, height)).rotate(degrees).png().toBuffer()).jpeg({ quality: 95 });

async function stillOf(path: string, source: "PREVIEW" | "COVER") {
  const facts = await kit.reader.readFacts(path);
  const target = kit.target();
  const { width, height } = facts!.picture!;
  await kit.pictures.extractStill({ path, mimeType: facts!.mimeType, source, width, height }, target, now);
  return { facts: facts!, still: target };
}

describe("the preview in a RAW", () => {
  test("stands for it, and what cannot be decoded is no problem then", async () => {
    const preview = await (await turnedJpeg(0)).toBuffer();
    const { facts, still } = await stillOf(await rawWith(1, preview), "PREVIEW");
    expect(facts).toMatchObject({
      mimeType: "image/x-adobe-dng",
      picture: { source: "PREVIEW", width: 96, height: 64 },
    });
    expect(facts.picture?.placeholder).toBeTypeOf("string");
    expect(facts.problems.map(({ code }) => code)).not.toContain("UNDECODABLE");
    expect(await sharp(still).metadata()).toMatchObject({ format: "jpeg", width: 96, height: 64 });
    expect(await cornersOf(still)).toEqual(upright);
  });

  test.each([
    [3, 180, false],
    [6, 270, false],
    [8, 90, false],
    [2, 0, true],
    [4, 180, true],
    [5, 90, true],
    [7, 270, true],
  ])("is turned as the RAW is, orientation %i", async (orientation, degrees, isMirrored) => {
    const stored = await sharp(await (await turnedJpeg(degrees)).png().toBuffer())
      .flop(isMirrored)
      .jpeg({ quality: 95 })
      .toBuffer();
    const { facts, still } = await stillOf(await rawWith(orientation, stored), "PREVIEW");
    expect(facts.picture).toMatchObject({ width: 96, height: 64 });
    expect(await sharp(still).metadata()).toMatchObject({ width: 96, height: 64 });
    expect(await cornersOf(still)).toEqual(upright);
  });

  test("is turned as it says itself, where it does", async () => {
    const own = await sharp(await (await turnedJpeg(270)).png().toBuffer())
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toBuffer();
    const { still } = await stillOf(await rawWith(1, own), "PREVIEW");
    expect(await cornersOf(still)).toEqual(upright);
  });

  test("is the largest that can be decoded", async () => {
    const small = await (await turnedJpeg(0, 32, 20)).toBuffer();
    const broken = Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xdb), Buffer.alloc(20_000, 7)]);
    const path = await rawWith(1, broken, small);
    expect((await kit.reader.readFacts(path))?.picture).toMatchObject({ width: 32, height: 20 });
  });

  test("has at most 4096 pixels an edge", async () => {
    const huge = await (await turnedJpeg(0, 5000, 50)).toBuffer();
    const { facts, still } = await stillOf(await rawWith(6, huge), "PREVIEW");
    expect(facts.picture).toMatchObject({ width: 41, height: 4096 });
    expect(await sharp(still).metadata()).toMatchObject({ width: 41, height: 4096 });
  });
});

test("without a preview the picture is unknown, and why is said", async () => {
  const path = await kit.write(psd(100, 50));
  const facts = await kit.reader.readFacts(path);
  expect(facts).toMatchObject({
    mimeType: "image/vnd.adobe.photoshop",
    width: 100,
    height: 50,
    picture: null,
  });
  expect(facts?.problems.map(({ code }) => code)).toContain("UNDECODABLE");
  const file = {
    path,
    mimeType: "image/vnd.adobe.photoshop",
    source: "PREVIEW",
    width: 1,
    height: 1,
  } as const;
  await expect(kit.pictures.extractStill(file, kit.target(), now)).rejects.toMatchObject({
    code: "UNDECODABLE",
  });
});

test("what was taken out for a look is gone afterwards", async () => {
  const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("colan-embedded-"));
  const before = await left();
  await stillOf(await rawWith(1, await (await turnedJpeg(0)).toBuffer()), "PREVIEW");
  expect((await left()).filter((name) => !before.includes(name))).toEqual([]);
});

describe.skipIf(isAbsent)("the cover of sound", () => {
  async function soundWith(container: string, coding: string[], cover: Buffer) {
    const path = kit.target();
    await ffmpeg(
      ...["-f", "lavfi", "-i", "sine=d=1", "-i", await kit.write(cover), "-map", "0", "-map", "1"],
      ...[...coding, "-c:v", "copy", "-disposition:v:0", "attached_pic", "-f", container, path],
    );
    return path;
  }

  test.each([
    ["mp3", ["-c:a", "libmp3lame"]],
    ["flac", ["-c:a", "flac"]],
    ["ipod", ["-c:a", "aac"]],
  ])("in %s is its picture", async (container, coding) => {
    const cover = await (await turnedJpeg(0)).toBuffer();
    const { facts, still } = await stillOf(await soundWith(container, coding, cover), "COVER");
    expect(facts).toMatchObject({ type: "AUDIO", picture: { source: "COVER", width: 96, height: 64 } });
    expect(facts.problems).toEqual([]);
    expect(await cornersOf(still)).toEqual(upright);
  });

  test("keeps what is transparent", async () => {
    const clear = sharp({ create: { width: 40, height: 40, channels: 4, background: "#ff000080" } });
    const path = await soundWith("mp3", ["-c:a", "libmp3lame"], await clear.png().toBuffer());
    const { still } = await stillOf(path, "COVER");
    expect(await sharp(still).metadata()).toMatchObject({ format: "png", hasAlpha: true });
  });

  test("that is broken is a problem, and the sound is kept", async () => {
    const whole = await (await turnedJpeg(0)).toBuffer();
    const path = kit.target();
    await ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-f", "mp3", path);
    await writeBrokenCover(path, whole);
    const facts = await kit.reader.readFacts(path);
    expect(facts).toMatchObject({ type: "AUDIO", picture: null });
    expect(facts?.problems.map(({ code }) => code)).toContain("UNDECODABLE");
  });

  test("is absent from sound without one", async () => {
    const path = kit.target();
    await ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-f", "mp3", path);
    expect(await kit.reader.readFacts(path)).toMatchObject({ picture: null, problems: [] });
  });
});

/** Puts an ID3 tag before an MP3, with a cover of which only the beginning is a JPEG's. */
async function writeBrokenCover(path: string, jpeg: Buffer) {
  const { readFile, writeFile } = await import("node:fs/promises");
  const picture = Buffer.concat([
    Buffer.from("\0image/jpeg\0\x03\0", "latin1"),
    jpeg.subarray(0, 60),
    Buffer.alloc(900, 1),
  ]);
  const frame = Buffer.concat([Buffer.from("APIC\0\0\0\0\0\0", "latin1"), picture]);
  frame.writeUInt32BE(picture.length, 4);
  const size = frame.length;
  const header = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, (size >> 7) & 127, size & 127]);
  await writeFile(path, Buffer.concat([header, frame, await readFile(path)]));
}
