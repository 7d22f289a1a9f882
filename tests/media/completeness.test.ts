import { open } from "node:fs/promises";
import { describe, expect, test, vi } from "vitest";
import { checkCompleteness } from "../../src/media/facts/completeness.ts";
import { pngOrientation } from "../../src/media/decoding/picture-program/png.ts";
import { makeNoise, useFolder } from "./files.ts";

const folder = useFolder();
const check = async (name: string, bytes: Uint8Array, mimeType: string) =>
  checkCompleteness(await folder.write(name, bytes), mimeType);

const box = (type: string, size: number, content = Buffer.alloc(0)) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, content]);
};

describe("a JPEG", () => {
  test("is whole, also with a video appended to it", async () => {
    const jpeg = await (await makeNoise()).jpeg().toBuffer();
    expect(await check("whole", jpeg, "image/jpeg")).toBe("whole");
    expect(await check("motion", Buffer.concat([jpeg, Buffer.alloc(2_500_000, 1)]), "image/jpeg")).toBe(
      "whole",
    );
  });

  test("is truncated without its end, although its thumbnail has one", async () => {
    const thumbnail = await (await makeNoise(16, 16)).jpeg().toBuffer();
    const jpeg = await (await makeNoise()).jpeg().toBuffer();
    const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 0]), thumbnail]);
    segment.writeUInt16BE(thumbnail.length + 2, 2);
    const withThumbnail = Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
    expect(await check("cut", withThumbnail.subarray(0, jpeg.length - 5000), "image/jpeg")).toBe("truncated");
  });

  test("is for the decoder to judge when its markers make no sense", async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from("not a picture at all")]);
    expect(await check("nonsense", bytes, "image/jpeg")).toBe("unsure");
  });
});

test("a PNG and a GIF without their end are for the decoder to judge", async () => {
  const png = await (await makeNoise()).png().toBuffer();
  expect(await check("png", png, "image/png")).toBe("whole");
  expect(await check("cut.png", png.subarray(0, 1000), "image/png")).toBe("unsure");
  const gif = await (await makeNoise(16, 16)).gif().toBuffer();
  expect(await check("gif", gif, "image/gif")).toBe("whole");
  expect(await check("cut.gif", gif.subarray(0, -1), "image/gif")).toBe("unsure");
});

test("a WebP or AVIF is truncated when its sizes reach beyond it", async () => {
  const webp = await (await makeNoise()).webp().toBuffer();
  expect(await check("webp", webp, "image/webp")).toBe("whole");
  expect(await check("cut.webp", webp.subarray(0, -100), "image/webp")).toBe("truncated");
  const avif = await (await makeNoise(64, 64)).avif({ effort: 0 }).toBuffer();
  expect(await check("avif", avif, "image/avif")).toBe("whole");
  expect(await check("cut.avif", avif.subarray(0, -1), "image/avif")).toBe("truncated");
});

describe("an MP4's boxes", () => {
  const ftyp = box("ftyp", 8);
  test.each([
    ["fit", Buffer.concat([ftyp, box("mdat", 12, Buffer.alloc(4))]), "whole"],
    ["reach beyond the file", Buffer.concat([ftyp, box("mdat", 5000)]), "truncated"],
    ["reach to the end by saying 0", Buffer.concat([ftyp, box("mdat", 0, Buffer.alloc(99))]), "whole"],
    [
      "have a 64-bit size beyond the file",
      Buffer.concat([ftyp, box("mdat", 1, Buffer.alloc(8, 1))]),
      "truncated",
    ],
    ["are smaller than their own head", Buffer.concat([ftyp, box("free", 3, Buffer.alloc(9))]), "unsure"],
  ])("that %s", async (name, bytes, expected) => {
    expect(await check(name, bytes, "video/mp4")).toBe(expected);
  });
});

test("a Matroska segment is truncated when its size reaches beyond it, unless the size is unknown", async () => {
  const head = Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67]);
  const content = Buffer.alloc(20);
  expect(await check("fits", Buffer.concat([head, Buffer.from([0x94]), content]), "video/matroska")).toBe(
    "whole",
  );
  expect(await check("cut", Buffer.concat([head, Buffer.from([0x95]), content]), "video/webm")).toBe(
    "truncated",
  );
  expect(await check("live", Buffer.concat([head, Buffer.from([0xff]), content]), "video/webm")).toBe(
    "whole",
  );
});

/** How often `run` reads from a file, and what it returns. */
async function countReads<T>(run: () => Promise<T>): Promise<{ reads: number; result: T }> {
  await using file = await open(import.meta.filename);
  const read = vi.spyOn(Object.getPrototypeOf(file) as typeof file, "read");
  try {
    const result = await run();
    return { reads: read.mock.calls.length, result };
  } finally {
    read.mockRestore();
  }
}

// 20 MB of empty boxes took 100,000 reads and seconds of the server's CPU: each head was read by itself.
describe("small parts without end are read in windows and left to the decoder:", () => {
  const bytes = 20 * 1024 * 1024;
  const start = Buffer.from([0xff, 0xd8]);
  test.each([
    ["boxes", "video/mp4", Buffer.alloc(bytes, box("free", 8))],
    ["boxes of a picture", "image/avif", Buffer.alloc(bytes, box("free", 8))],
    ["segments", "image/jpeg", Buffer.concat([start, Buffer.alloc(bytes, Buffer.from([0xff, 0xfe, 0, 2]))])],
    ["fill bytes", "image/jpeg", Buffer.concat([start, Buffer.alloc(bytes, 0xff)])],
  ])("%s of %s", async (name, mimeType, content) => {
    const path = await folder.write(`endless ${name}`, content);
    const { reads, result } = await countReads(() => checkCompleteness(path, mimeType));
    expect(result).toBe("unsure");
    expect(reads).toBeLessThan(10);
    // The count sees the reads at all.
    expect(reads).toBeGreaterThan(0);
  });

  test("chunks of a PNG, in which an orientation is looked for", async () => {
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from("tEXt"), Buffer.alloc(4)]);
    const path = await folder.write("endless chunks", Buffer.concat([signature, Buffer.alloc(bytes, chunk)]));
    const { reads, result } = await countReads(() => pngOrientation(path));
    expect(result).toBeUndefined();
    expect(reads).toBeLessThan(10);
    expect(reads).toBeGreaterThan(0);
  });
});

test("a recording of an hour in fragments is whole, and truncated without its last bytes", async () => {
  const fragment = Buffer.concat([box("moof", 16, Buffer.alloc(8)), box("mdat", 16, Buffer.alloc(8))]);
  const bytes = Buffer.concat([box("ftyp", 8), Buffer.alloc(fragment.length * 3600, fragment)]);
  expect(await check("hour", bytes, "video/mp4")).toBe("whole");
  expect(await check("cut hour", bytes.subarray(0, -3), "video/mp4")).toBe("truncated");
});
