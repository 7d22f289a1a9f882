import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { ffmpeg, hasFfmpeg, useMedia } from "./files.ts";
import { meanDifference } from "./kinds.ts";
import { makeQuarters, usePictures } from "./pictures.ts";
import { showIn } from "./show.ts";

const kit = usePictures();
const isFfmpegAbsent = !(await hasFfmpeg());
const withoutTools = useMedia({ FFMPEG_PATH: "/nowhere/ffmpeg", FFPROBE_PATH: "/nowhere/ffprobe" });

/** RFC 3533 section 6: the polynomial of Ethernet, not reflected, from 0. */
function checksum(page: Buffer): number {
  let sum = 0;
  for (const byte of page) {
    sum = (sum ^ (byte << 24)) >>> 0;
    for (let bit = 0; bit < 8; bit++)
      sum = sum & 0x80000000 ? ((sum << 1) ^ 0x04c11db7) >>> 0 : (sum << 1) >>> 0;
  }
  return sum;
}

/** One packet on one page. @param kind 2 begins a stream, 4 ends it. */
function pageOf(packet: Buffer, { kind = 0, granule = 0, number = 0, serial = 7 }): Buffer {
  const lengths = [...Array<number>(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
  const head = Buffer.alloc(27);
  head.write("OggS\0", "latin1");
  head[5] = kind;
  head.writeBigInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(serial, 14);
  head.writeUInt32LE(number, 18);
  head[26] = lengths.length;
  const page = Buffer.concat([head, Buffer.from(lengths), packet]);
  page.writeUInt32LE(checksum(page), 22);
  return page;
}

function videoHeader(codec: string, width: number, height: number, rate: number): Buffer {
  const header = Buffer.alloc(57);
  header.write(`\x01video\0\0\0${codec}`, "latin1");
  header.writeUInt32LE(56, 13);
  header.writeBigUInt64LE(BigInt(10_000_000 / rate), 17);
  header.writeBigUInt64LE(1n, 25);
  header.writeUInt16LE(24, 41);
  header.writeUInt32LE(width, 45);
  header.writeUInt32LE(height, 49);
  return header;
}

/** @param sound whether there is a stream of Vorbis that has lost all its headers but the first. */
function makeOgm(
  codec: string,
  size: readonly [number, number],
  rate: number,
  frames: Buffer[],
  sound = false,
) {
  const vorbis = Buffer.alloc(30);
  vorbis.write("\x01vorbis\0\0\0\0\x02", "latin1");
  vorbis.writeUInt32LE(48_000, 12);
  vorbis.writeUInt32LE(112_000, 20);
  vorbis[28] = 0xb8;
  vorbis[29] = 1;
  return Buffer.concat([
    pageOf(videoHeader(codec, ...size, rate), { kind: 2 }),
    ...(sound ? [pageOf(vorbis, { kind: 2, serial: 8 })] : []),
    pageOf(Buffer.from("\x03vorbis\x04\0\0\0test\0\0\0\0\x01", "latin1"), { number: 1 }),
    ...frames.map((frame, index) =>
      pageOf(Buffer.concat([Buffer.of(8), frame]), {
        ...{ granule: index + 1, number: index + 2, kind: index + 1 === frames.length ? 4 : 0 },
      }),
    ),
  ]);
}

async function makeJpegs(count: number, width: number, height: number): Promise<Buffer[]> {
  const jpeg = await (await makeQuarters(width, height)).jpeg({ quality: 90 }).toBuffer();
  return Array<Buffer>(count).fill(jpeg);
}

/** Each a picture by itself, with a sequence header that tells the shape. */
async function makeMpeg(count: number, width: number, height: number, shape: string): Promise<Buffer[]> {
  const picture = await kit.write(await (await makeQuarters(width, height)).png().toBuffer());
  const target = kit.target();
  const options = ["-c:v", "mpeg2video", "-g", "1", "-q:v", "2", "-aspect", shape, "-f", "mpeg2video"];
  await ffmpeg(
    "-loop",
    "1",
    "-framerate",
    "25",
    "-i",
    picture,
    "-frames:v",
    String(count),
    ...options,
    target,
  );
  const bytes = await readFile(target);
  const starts: number[] = [];
  for (let at = bytes.indexOf("000001b3", "hex"); at >= 0; at = bytes.indexOf("000001b3", at + 4, "hex"))
    starts.push(at);
  return starts.map((start, index) => bytes.subarray(start, starts[index + 1]));
}

// Seen: OGM, which is Ogg with the codecs of AVI, had no size and no picture, and the duration that exiftool guesses by a
// stream of sound: ffprobe has no answer where a stream has lost its headers, and other tools do not know OGM.
describe.skipIf(isFfmpegAbsent)("OGM", () => {
  test.each([
    [80, 40, 25, 50, 2],
    [34, 66, 10, 15, 1.5],
  ])("of %i × %i pixels, at %i frames a second", async (width, height, rate, count, duration) => {
    for (const sound of [false, true]) {
      const path = await kit.write(
        makeOgm("MJPG", [width, height], rate, await makeJpegs(count, width, height), sound),
      );
      const { facts, thumbnail } = await showIn(kit, path);
      expect(facts).toMatchObject({ mimeType: "video/ogg", type: "VIDEO", width, height, duration });
      expect(facts.picture).toMatchObject({ source: "FRAME", width, height });
      expect(await meanDifference(thumbnail!, await makeQuarters(width, height))).toBeLessThan(8);
      expect(await withoutTools.current.reader.readFacts(path)).toMatchObject({ width, height, duration });
    }
  });

  test.each([
    ["16:9", 512],
    ["4:3", 384],
  ])("with MPEG-2 in the shape %s is as wide as it is displayed", async (shape, width) => {
    for (const sound of [false, true]) {
      const frames = await makeMpeg(25, 352, 288, shape);
      const path = await kit.write(makeOgm("MPEG", [352, 288], 25, frames, sound));
      const { facts, thumbnail } = await showIn(kit, path);
      expect(facts).toMatchObject({ mimeType: "video/ogg", width, height: 288, duration: 1 });
      expect(await meanDifference(thumbnail!, await makeQuarters(width, 288))).toBeLessThan(8);
    }
  });
});

test.skipIf(isFfmpegAbsent).each([
  ["Theora", []],
  ["Theora beside sound", ["-f", "lavfi", "-i", "sine=d=3", "-c:a", "libvorbis"]],
])("%s has its duration without ffprobe", async (_, sound) => {
  const target = `${kit.target()}.ogv`;
  const scene = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=3"];
  await ffmpeg(...scene, ...sound, "-c:v", "libtheora", "-g", "7", target);
  expect((await withoutTools.current.reader.readFacts(target))?.duration).toBeCloseTo(3, 1);
});
