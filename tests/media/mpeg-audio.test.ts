import { describe, expect, test } from "vitest";
import { mpegAudioDuration } from "../../src/media/facts/durations/mpeg-audio.ts";
import { useFolder } from "./files.ts";

const folder = useFolder();

/** An empty frame of MPEG 1 layer III, 44.1 kHz, mono, by its bitrate index: 1152 samples. */
function frame(bitrateIndex: number) {
  const kilobits = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128][bitrateIndex]!;
  const bytes = Buffer.alloc(Math.floor((144 * kilobits * 1000) / 44_100));
  bytes.writeUInt32BE((0xfffb00c0 | (bitrateIndex << 12)) >>> 0);
  return bytes;
}

/** ID3v2 tag of `size` bytes behind its header; sizes are synch-safe. */
const id3 = (size: number) =>
  Buffer.concat([Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, size >> 7, size & 0x7f]), Buffer.alloc(size)]);

const second = 44_100 / 1152;

describe("the duration of an MP3", () => {
  test("is counted over frames of every bitrate where no header has the count", async () => {
    const frames = Array.from({ length: 200 }, (_, index) => frame(index % 2 === 0 ? 1 : 9));
    const path = await folder.write("vbr", Buffer.concat([id3(300), ...frames]));
    expect(await mpegAudioDuration(path)).toBeCloseTo(200 / second, 9);
  });

  test("is the Xing header's number of frames where there is one", async () => {
    const first = frame(9);
    first.write("Xing", 21, "latin1");
    first.writeUInt32BE(1, 25);
    first.writeUInt32BE(1000, 29);
    expect(await mpegAudioDuration(await folder.write("xing", Buffer.concat([first, frame(9)])))).toBeCloseTo(
      1000 / second,
      9,
    );
  });

  test("spans windows of the file", async () => {
    const frames = Array.from({ length: 6000 }, () => frame(9));
    expect(await mpegAudioDuration(await folder.write("long", Buffer.concat(frames)))).toBeCloseTo(
      6000 / second,
      6,
    );
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["zeros", Buffer.alloc(100_000)],
    ["set bits", Buffer.alloc(100_000, 0xff)],
    ["one frame header in noise", Buffer.concat([frame(9).subarray(0, 4), Buffer.alloc(1000)])],
    ["a tag of 256 MiB", Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f])],
  ])("is unknown for %s", async (name, bytes) => {
    expect(await mpegAudioDuration(await folder.write(name, bytes))).toBeNull();
  });
});
