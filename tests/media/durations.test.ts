import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { programStreamDuration } from "../../src/media/facts/durations/program-stream.ts";
import { corpusDir } from "../support/corpus.ts";
import { ffmpeg, hasFfmpeg, useFolder, useMedia } from "./files.ts";

const folder = useFolder();
/** ffmpeg and ffprobe as this machine has them, and neither. */
const withTools = useMedia();
const withoutTools = useMedia({ FFMPEG_PATH: "/nowhere/ffmpeg", FFPROBE_PATH: "/nowhere/ffprobe" });

let canEncode = false;
beforeAll(async () => {
  canEncode = await hasFfmpeg();
});

const tone = (seconds: number, rate = 44_100) => [
  ...["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}:sample_rate=${rate}`],
];
const scene = (seconds: number) => ["-f", "lavfi", "-i", `testsrc=size=64x48:rate=25:duration=${seconds}`];

async function encode(name: string, ...args: string[]) {
  const path = folder.path(name);
  await ffmpeg(...args, path);
  return folder.write(`${name}.bytes`, await readFile(path));
}

describe("the duration, without ffmpeg and ffprobe,", () => {
  // Seen: null of most, and of compressed WAV the bytes by a rate that is a guess.
  test.each([
    ["speex.ogg", ["-c:a", "libspeex", "-ar", "16000"], 2, 0.05],
    ["flac.oga", ["-c:a", "flac"], 2, 0.001],
    ["opus.ogg", ["-c:a", "libopus"], 2, 0.03],
    ["vorbis.ogg", ["-c:a", "libvorbis"], 2, 0.03],
    ["wavpack.wv", ["-c:a", "wavpack"], 2, 0.001],
    ["tta.tta", ["-c:a", "tta"], 2, 0.001],
    ["dolby.ac3", ["-c:a", "ac3"], 2, 0.04],
    ["dolby.eac3", ["-c:a", "eac3"], 2, 0.04],
    ["speech.amr", ["-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"], 2, 0.03],
    ["ima.wav", ["-c:a", "adpcm_ima_wav"], 2, 0.05],
    ["ms.wav", ["-c:a", "adpcm_ms"], 2, 0.05],
    ["law.wav", ["-c:a", "pcm_mulaw"], 2, 0.001],
    ["large.wav", ["-c:a", "pcm_s24le", "-rf64", "always"], 2, 0.001],
    ["layer.mp2", ["-c:a", "mp2"], 2, 0.06],
    ["frames.aac", ["-c:a", "aac", "-f", "adts"], 2, 0.05],
    ["tagged.aac", ["-c:a", "aac", "-f", "adts", "-write_id3v2", "1", "-metadata", "title=t"], 2, 0.05],
    ["windows.wma", ["-c:a", "wmav2"], 2, 0.2],
  ])("of %s is right", async (name, args, seconds, tolerance) => {
    if (!canEncode) return;
    const path = await encode(name, ...tone(seconds), ...args).catch((error: unknown) => {
      // Not every ffmpeg has every encoder.
      if (/Unknown encoder/.test(String(error))) return undefined;
      throw error;
    });
    if (path == null) return;
    const facts = await withoutTools.current.reader.readFacts(path);
    expect(facts?.type).toBe("AUDIO");
    expect(Math.abs((facts?.duration ?? 0) - seconds)).toBeLessThanOrEqual(tolerance);
  });

  test.each([
    ["MPEG 2", ["-c:v", "mpeg2video", "-f", "vob"]],
    ["MPEG 1", ["-c:v", "mpeg1video", "-f", "mpeg"]],
  ])("of a program stream of %s spans its presentation times", async (name, args) => {
    if (!canEncode) return;
    const path = await encode(`${name}.mpg`, ...scene(3), ...args);
    expect(await programStreamDuration(path)).toBeCloseTo(3, 1);
    expect((await withoutTools.current.reader.readFacts(path))?.duration).toBeCloseTo(3, 1);
  });

  test("of Monkey's Audio is in its header, behind a tag and of either age", async () => {
    const current = Buffer.alloc(76);
    current.write("MAC ", "latin1");
    current.writeUInt16LE(3990, 4);
    current.writeUInt32LE(52, 8);
    current.writeUInt32LE(24, 12);
    for (const [at, value] of [
      [56, 294_912],
      [60, 1_000],
      [64, 2],
      [72, 44_100],
    ] as const)
      current.writeUInt32LE(value, at);
    const tag = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
    const path = await folder.write("ape", Buffer.concat([tag, current, Buffer.alloc(1000)]));
    const { duration } = (await withoutTools.current.reader.readFacts(path))!;
    expect(duration).toBeCloseTo(295_912 / 44_100, 5);
  });

  test("of DSF and Musepack is in their headers", async () => {
    const dsf = Buffer.alloc(200);
    dsf.write("DSD ", "latin1");
    dsf.writeUInt32LE(28, 4);
    dsf.write("fmt ", 28, "latin1");
    dsf.writeUInt32LE(2_822_400, 56);
    dsf.writeUInt32LE(2_822_400 * 3, 64);
    const read = async (name: string, bytes: Buffer) =>
      (await withoutTools.current.reader.readFacts(await folder.write(name, bytes)))?.duration;
    expect(await read("dsf", dsf)).toBe(3);

    const seven = Buffer.alloc(400);
    seven.write("MP+\x07", "latin1");
    seven.writeUInt32LE(100, 4);
    expect(await read("mpc7", seven)).toBeCloseTo((100 * 1152) / 44_100, 5);

    // A packet "SH" of 12 bytes: checksum, version 8, 44,100 samples in three bytes, no silence, 44.1 kHz.
    const header = Buffer.from([0x53, 0x48, 12, 0, 0, 0, 0, 8, 0x82, 0xd8, 0x44, 0, 0x10]);
    const eight = Buffer.concat([Buffer.from("MPCK"), header, Buffer.alloc(400)]);
    expect(await read("mpc8", eight)).toBe(1);
  });
});

describe("where ffprobe is,", () => {
  test("a bare MPEG video stream has a duration", async (context) => {
    if (!canEncode) context.skip();
    const path = await encode("bare.m2v", ...scene(2), "-c:v", "mpeg2video", "-f", "mpeg2video");
    const facts = await withTools.current.reader.readFacts(path);
    expect(facts).toMatchObject({ mimeType: "video/mpeg", type: "VIDEO" });
    expect(facts?.duration).toBeCloseTo(2, 1);
  });

  const audible = join(corpusDir, "exiftool-images/Audible.aa");
  // Seen: null of an audio book, whose container no reader of this program knows.
  test.skipIf(!existsSync(audible))("an audio book of Audible's has one", async (context) => {
    if (!canEncode) context.skip();
    expect(await withTools.current.reader.readFacts(audible)).toMatchObject({
      ...{ mimeType: "audio/audible", extension: "aa", type: "AUDIO", duration: 0.274 },
    });
  });

  test("a playlist is not opened for its sake", async () => {
    const path = await folder.write("list", "#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n");
    expect((await withTools.current.reader.readFacts(path))?.duration ?? null).toBeNull();
  });
});

describe("sound that begins later than at 0 by its own count", () => {
  // Seen: 2.405 s for 1.325 s of Vorbis, whose granules begin at 47,000 or so.
  test("is as long as what is heard", async (context) => {
    if (!canEncode) context.skip();
    const bytes = await readFile(await encode("late.oga", ...tone(3), "-c:a", "flac"));
    // Every page's granule position 10 s later. Nobody here checks the checksums.
    for (let at = bytes.indexOf("OggS"); at >= 0; at = bytes.indexOf("OggS", at + 4)) {
      const granule = bytes.readBigInt64LE(at + 6);
      if (granule > 0n) bytes.writeBigInt64LE(granule + 441_000n, at + 6);
    }
    const path = await folder.write("late", bytes);
    const { duration } = (await withoutTools.current.reader.readFacts(path))!;
    expect(duration).toBeGreaterThan(2.8);
    expect(duration).toBeLessThan(3.3);
  });
});

test("two recordings joined are as long as both, though the first says how long it is alone", async (context) => {
  if (!canEncode) context.skip();
  const one = await readFile(await encode("one.mp3", ...tone(2), "-c:a", "libmp3lame"));
  const path = await folder.write("joined", Buffer.concat([one, one]));
  expect((await withoutTools.current.reader.readFacts(path))?.duration).toBeCloseTo(4.1, 0);
});
