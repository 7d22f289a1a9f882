import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UnmakeableError } from "../../src/media/decoding/picture-maker.ts";
import { makePicture } from "./files.ts";
import { distance, now, pixelAt, usePictures } from "./pictures.ts";
import { chunk, pngOf } from "./png.ts";

// exiftool needs longer for some of these, and is not what is tested here.
const kit = usePictures({ EXIFTOOL_TIMEOUT_MS: "4000" });
function gifOf(frames: number): Buffer {
  const header = Buffer.from("GIF89a\x40\0\x40\0\x80\0\0\xff\0\0\0\0\xff", "latin1");
  const control = [0x21, 0xf9, 4, 0, 5, 0, 0, 0];
  // One pixel: clear, colour 0, end, in codes of three bits.
  const image = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
  const frame = Buffer.from([...control, ...image]);
  return Buffer.concat([header, ...Array<Buffer>(frames).fill(frame), Buffer.from([0x3b])]);
}

async function webpOf(frames: number): Promise<Buffer> {
  const one = await sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } })
    .webp({ lossless: true })
    .toBuffer();
  const riff = (type: string, data: Buffer) => {
    const head = Buffer.from(`${type}\0\0\0\0`, "latin1");
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
  };
  const size = Buffer.from([63, 0, 0, 63, 0, 0]);
  // Place 0, one pixel, 50 ms.
  const frame = riff("ANMF", Buffer.concat([Buffer.alloc(12), Buffer.from([50, 0, 0, 0]), one.subarray(12)]));
  const body = Buffer.concat([
    Buffer.from("WEBP", "latin1"),
    riff("VP8X", Buffer.concat([Buffer.from([2, 0, 0, 0]), size])),
    riff("ANIM", Buffer.alloc(6)),
    ...Array<Buffer>(frames).fill(frame),
  ]);
  return riff("RIFF", body);
}

function tiffOf(directories: number): Buffer {
  const tags = [
    [256, 1],
    [257, 1],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, 1],
    [279, 1],
  ] as const;
  const bytes = 2 + tags.length * 12 + 4;
  const file = Buffer.alloc(16 + directories * bytes);
  file.write("II*\0\x10", "latin1");
  for (let index = 0; index < directories; index++) {
    const at = 16 + index * bytes;
    file.writeUInt16LE(tags.length, at);
    tags.forEach(([tag, value], place) => {
      const entry = at + 2 + place * 12;
      file.writeUInt16LE(tag, entry);
      file.writeUInt16LE(4, entry + 2);
      file.writeUInt32LE(1, entry + 4);
      file.writeUInt32LE(value, entry + 8);
    });
    file.writeUInt32LE(index + 1 < directories ? at + bytes : 0, at + bytes - 4);
  }
  return file;
}

const apng = (frames: number) => {
  const control = Buffer.alloc(8);
  control.writeUInt32BE(frames);
  const fcTL = Buffer.alloc(26);
  fcTL.writeUInt32BE(8, 4);
  fcTL.writeUInt32BE(8, 8);
  const frame = chunk("fcTL", fcTL);
  return pngOf(8, 8, { before: [chunk("acTL", control), ...Array<Buffer>(frames).fill(frame)] });
};

const iccp = (inflatedBytes: number) =>
  chunk("iCCP", Buffer.concat([Buffer.from("icc\0\0", "latin1"), deflateSync(Buffer.alloc(inflatedBytes))]));

const itxt = (bytes: number) =>
  chunk("iTXt", Buffer.concat([Buffer.from("Comment\0\0\0\0\0", "latin1"), Buffer.alloc(bytes, "a")]));

const svg = (attributes: string, body = `<rect width="9" height="9" fill="red"/>`) =>
  `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${body}</svg>`;

const laughs = () => {
  const entities = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`);
  return `<!DOCTYPE svg [<!ENTITY l0 "lol">${entities.join("")}]>${svg(`width="9" height="9"`, "<text>&l10;</text>")}`;
};

const white = Buffer.alloc(16_000 * 2_001, 0xff);
for (let row = 0; row < 16_000; row++) white[row * 2_001] = 0;

/** Either a thumbnail, or a coded refusal; @returns which. */
async function outcomeOf(bytes: string | Uint8Array, mimeType: string): Promise<string> {
  try {
    await kit.make(bytes, mimeType, { width: 16, height: 16 }, "WEBP");
    return "made";
  } catch (error) {
    expect(error).toBeInstanceOf(UnmakeableError);
    return (error as UnmakeableError).code;
  }
}

describe("bombs are refused, or made within the time limit, and the next picture is made as ever", () => {
  test.each<[string, string, () => string | Buffer | Promise<Buffer>, string]>([
    ["PNG of 16,000 × 16,000 bits", "image/png", () => pngOf(16e3, 16e3, { bits: 1, rows: white }), "made"],
    ["PNG of 17,000 × 17,000 pixels", "image/png", () => pngOf(17e3, 17e3), "TOO_LARGE"],
    ["PNG of 2^31 - 1 pixels an edge", "image/png", () => pngOf(2 ** 31 - 1, 2 ** 31 - 1), "any"],
    ["SVG of 10^9 pixels", "image/svg+xml", () => svg(`width="100000" height="10000"`), "TOO_LARGE"],
    ["SVG of a billion laughs", "image/svg+xml", laughs, "UNDECODABLE"],
    ["GIF of 10,000 frames", "image/gif", () => gifOf(10_000), "made"],
    ["WebP of 10,000 frames", "image/webp", () => webpOf(10_000), "made"],
    ["APNG of 10,000 frames", "image/apng", () => apng(10_000), "any"],
    ["TIFF of 10,000 directories", "image/tiff", () => tiffOf(10_000), "made"],
    ["PNG with a profile of 200 MB", "image/png", () => pngOf(8, 8, { before: [iccp(200e6)] }), "made"],
    ["PNG with a text of 64 MB", "image/png", () => pngOf(8, 8, { before: [itxt(64e6)] }), "any"],
  ])("%s", async (_, mimeType, makeBomb, expected) => {
    const bomb = await makeBomb();
    const facts = await kit.reader.readFacts(await kit.write(bomb));
    const outcome = await outcomeOf(bomb, mimeType);
    expect(facts).toMatchObject({ mimeType });
    if (expected !== "any") expect(outcome).toBe(expected);
    // What could be made could be seen, and the other way round.
    expect(facts?.picture == null).toBe(outcome !== "made");
    if (outcome !== "made") expect(facts?.problems.map(({ code }) => code)).toContain("UNDECODABLE");
    expect(await outcomeOf(await makePicture().jpeg().toBuffer(), "image/jpeg")).toBe("made");
  });

  // libvips takes edges beyond its numbers for a single pixel, and then finds nothing to draw.
  test("SVG of 10^9 pixels an edge", async () => {
    const bomb = svg(`width="1000000000" height="1000000000"`);
    const facts = await kit.reader.readFacts(await kit.write(bomb));
    expect(facts).toMatchObject({ mimeType: "image/svg+xml" });
    expect(await outcomeOf(bomb, "image/svg+xml")).toBe("UNDECODABLE");
  });

  test.each(["gif", "webp"])("an animation of a %s of 10,000 frames has 30", async (kind) => {
    const bytes = kind === "gif" ? gifOf(10_000) : await webpOf(10_000);
    const path = await kit.write(bytes);
    const target = kit.target();
    const file = { path, mimeType: `image/${kind}`, duration: null };
    await kit.pictures.makeAnimation(file, { width: 16, height: 16 }, target, now);
    // Frames that are the same the encoder takes together.
    expect((await sharp(target).metadata()).pages ?? 1).toBeLessThanOrEqual(30);
  });
});

describe("an SVG shows nothing that is not in it", () => {
  let server: Server;
  let hits = 0;
  beforeAll(async () => {
    server = createServer((_, response) => {
      hits++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => server.close());

  const redPng = async () =>
    sharp({ create: { width: 20, height: 20, channels: 3, background: "red" } })
      .png()
      .toBuffer();

  const image = (href: string) =>
    svg(
      `xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20"`,
      `<image width="20" height="20" href="${href}" xlink:href="${href}"/>`,
    );

  test.each([
    ["a file by its URL", (path: string) => image(`file://${path}`)],
    ["a file by its path", (path: string) => image(path)],
    ["a file beside it", (path: string) => image(path.slice(path.lastIndexOf("/") + 1))],
    [
      "a file by xi:include",
      (path: string) =>
        svg(
          `xmlns:xi="http://www.w3.org/2001/XInclude" width="20" height="20"`,
          `<xi:include href="file://${path}" parse="xml"/>`,
        ),
    ],
    [
      "a file by an entity",
      (path: string) =>
        `<!DOCTYPE svg [<!ENTITY x SYSTEM "file://${path}">]>${svg(`width="20" height="20"`, "&x;")}`,
    ],
    ["the network", () => image(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a.png`)],
  ])("%s", async (_, make) => {
    const isXml = /include|entity/i.test(String(make));
    const secret = isXml ? svg(`width="20" height="20"`) : await redPng();
    const path = await kit.folder.write(`secret${isXml ? ".svg" : ".png"}`, secret);
    const size = { width: 20, height: 20 };
    const pixel = await kit.make(make(path), "image/svg+xml", size).then(
      (made) => pixelAt(made, 0.3, 0.3),
      (error: unknown) => {
        expect(error).toBeInstanceOf(UnmakeableError);
        return [0, 0, 0, 0];
      },
    );
    expect(pixel[3]).toBe(0);
    expect(hits).toBe(0);
  });

  test("but a picture in it", async () => {
    const href = `data:image/png;base64,${(await redPng()).toString("base64")}`;
    const made = await kit.make(image(href), "image/svg+xml", { width: 20, height: 20 });
    expect(distance(await pixelAt(made, 0.5, 0.5), [255, 0, 0, 255])).toBeLessThan(4);
  });

  test("and no picture in it that is a bomb", async () => {
    const href = `data:image/png;base64,${pngOf(60_000, 60_000).toString("base64")}`;
    // Either way: the picture process's own limits end it, well within the test's.
    expect(await outcomeOf(image(href), "image/svg+xml")).toBeTypeOf("string");
  });
});
