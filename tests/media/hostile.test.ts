import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { makeNoise, makePicture, openTestMedia, useFolder, useReader, writeTags } from "./files.ts";
import { pngOf } from "./png.ts";

const folder = useFolder();
const reader = useReader();
const read = async (name: string, bytes: string | Uint8Array) =>
  reader.current.readFacts(await folder.write(name, bytes));
const codesOf = (facts: Awaited<ReturnType<typeof read>>) => facts?.problems.map(({ code }) => code);

/** One MPEG frame header, and no second one where it says that the next frame begins. */
const falseMp3 = Buffer.concat([
  Buffer.alloc(50, 0x5a),
  Buffer.of(0xff, 0xfb, 0x90, 0xc4),
  Buffer.alloc(3000, 0x5a),
]);

describe("what is no picture", () => {
  test.each([
    ["nothing", ""],
    ["random bytes", randomBytes(10_000)],
    ["random bytes that exiftool takes for an MP3", falseMp3],
    ["zeros", Buffer.alloc(10_000)],
    ["one byte", Buffer.of(0xff)],
    ["text that begins like an MP3's tag", "ID3 is an algorithm that grows decision trees"],
  ])("has no type: %s", async (_, bytes) => {
    expect(await read("garbage.jpg", bytes)).toBeUndefined();
  });

  test("has no type although a picture is inside of it", async () => {
    const jpeg = await makePicture().jpeg().toBuffer();
    expect(await read("hidden.jpg", Buffer.concat([Buffer.from("#!not a picture\n"), jpeg]))).toBeUndefined();
  });

  test.each([
    ["text", "hello, I am a text", "text/plain"],
    ["text that begins like a GIF", "GIFT of the magi, by O. Henry", "text/plain"],
    ["text that begins like a bitmap", "BMW makes cars, and this is text about them", "text/plain"],
    ["a script", "#!/bin/sh\necho hello\n", "text/x-sh"],
    ["HTML", "<!doctype html><html><body><img></body></html>", "text/html"],
    [
      "HTML with an SVG",
      `<!DOCTYPE html><html><svg xmlns="http://www.w3.org/2000/svg"/></html>`,
      "text/html",
    ],
    ["XML", `<?xml version="1.0"?><note>text</note>`, "application/xml"],
    [
      "XML with an SVG",
      `<?xml version="1.0"?><x><svg xmlns="http://www.w3.org/2000/svg"/></x>`,
      "application/xml",
    ],
  ])("is called what it is: %s", async (_, text, mimeType) => {
    expect((await read("text.jpg", text))?.mimeType).toBe(mimeType);
  });
});

// Seen: a corrupt JPEG, SVG or HEIC ended in a 500, because a decoder's error went through to the client.
describe("what is broken is kept, with problems", () => {
  test("a JPEG that is cut", async () => {
    const jpeg = await (await makeNoise()).jpeg().toBuffer();
    const facts = await read("cut.jpg", jpeg.subarray(0, jpeg.length / 2));
    expect(facts).toMatchObject({ mimeType: "image/jpeg", width: 256, height: 256 });
    expect(codesOf(facts)).toEqual(["TRUNCATED"]);
  });

  test("a PNG that is cut", async () => {
    const png = await (await makeNoise()).png().toBuffer();
    const facts = await read("cut.png", png.subarray(0, png.length / 2));
    expect(facts).toMatchObject({ mimeType: "image/png", width: 256, height: 256 });
    expect(codesOf(facts)).toContain("TRUNCATED");
  });

  test("a PNG with bytes behind its end is whole", async () => {
    const png = await (await makeNoise()).png().toBuffer();
    expect(codesOf(await read("tail.png", Buffer.concat([png, Buffer.alloc(1000)])))).not.toContain(
      "TRUNCATED",
    );
  });

  test("a JPEG whose header is broken", async () => {
    const facts = await read(
      "broken.jpg",
      Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xe0), randomBytes(5000)]),
    );
    expect(facts).toMatchObject({ mimeType: "image/jpeg", extension: "jpg", type: "IMAGE" });
    expect(codesOf(facts)).toContain("UNDECODABLE");
  });

  test("an SVG that is no XML", async () => {
    const facts = await read("broken.svg", `<svg xmlns="http://www.w3.org/2000/svg"><g></svg>`);
    expect(facts).toMatchObject({ mimeType: "image/svg+xml" });
    expect(codesOf(facts)).toContain("UNDECODABLE");
  });

  test("a HEIC with nothing in it", async () => {
    const bytes = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1");
    const facts = await read("empty.heic", Buffer.concat([bytes, Buffer.from("\0\0\0\x08meta", "latin1")]));
    expect(facts).toMatchObject({ mimeType: "image/heic", extension: "heic", type: "IMAGE", width: null });
    expect(codesOf(facts)).toContain("UNDECODABLE");
  });
});

describe("bombs", () => {
  const limitMs = 8_000;

  test("an SVG of a billion laughs is refused by its reader, soon", async () => {
    const entities = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`);
    const svg = `<!DOCTYPE svg [<!ENTITY l0 "lol">${entities.join("")}]>
      <svg xmlns="http://www.w3.org/2000/svg"><text>&l10;</text></svg>`;
    const startedAt = performance.now();
    expect(await read("laughs.svg", svg)).toMatchObject({ mimeType: "image/svg+xml" });
    expect(performance.now() - startedAt).toBeLessThan(limitMs);
  });

  test.each([
    ["2^31 - 1 pixels wide", pngOf(2 ** 31 - 1, 2 ** 31 - 1)],
    ["30,000 pixels wide", pngOf(30_000, 30_000)],
  ])("a PNG %s is kept, and never decoded", async (_, png) => {
    const startedAt = performance.now();
    const facts = await read("bomb.png", png);
    expect(facts).toMatchObject({ mimeType: "image/png", type: "IMAGE" });
    expect(codesOf(facts)).toContain("UNDECODABLE");
    expect(performance.now() - startedAt).toBeLessThan(limitMs);
  });

  // Seen: mediabunny reads a FLAC without frames forever, and the whole server with it.
  test("a FLAC without frames ends its parser, not the server", async () => {
    const streamInfo = Buffer.alloc(34);
    streamInfo.writeUInt16BE(4096, 0);
    streamInfo.writeUInt16BE(4096, 2);
    // 44.1 kHz, two channels, 16 bits, and an unknown number of samples.
    streamInfo.writeUInt32BE(0x0ac442f0, 10);
    const flac = Buffer.concat([Buffer.from("fLaC\x80\0\0\x22", "latin1"), streamInfo, Buffer.alloc(100)]);
    const impatient = openTestMedia({ EXIFTOOL_TIMEOUT_MS: "1000" });
    let ticks = 0;
    const heart = setInterval(() => ticks++, 50);
    const facts = await impatient.reader.readFacts(await folder.write("endless.flac", flac));
    clearInterval(heart);
    await impatient.close();
    expect(facts).toMatchObject({ mimeType: "audio/flac", duration: null });
    expect(ticks).toBeGreaterThan(5);
  });

  test("metadata of megabytes is cut, and said to be", async () => {
    const path = await folder.write("huge", await makePicture().jpeg().toBuffer());
    for (let part = 0; part < 4; part++) {
      const words = await folder.write(`words${part}`, String(part).repeat(600_000));
      await writeTags(path, `-XMP-dc:${["Source", "Rights", "Coverage", "Relation"][part]!}<=${words}`);
    }
    const facts = await reader.current.readFacts(path);
    expect(Buffer.byteLength(JSON.stringify(facts?.metadata))).toBeLessThan(1024 * 1024);
    expect(facts?.metadata["File"]).toMatchObject({ MIMEType: "image/jpeg" });
    expect(codesOf(facts)).toEqual(["METADATA_TRUNCATED"]);
  });
});

test("words of tools never tell where the server keeps its files", async () => {
  const jpeg = await (await makeNoise()).jpeg().toBuffer();
  const all = [
    await read("a.jpg", jpeg.subarray(0, 3000)),
    await read("b.heic", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\x10\0meta", "latin1")),
    await read("c.mp4", Buffer.from("\0\0\0\x18ftypisom\0\0\0\0isommp41\0\0\x10\0moov", "latin1")),
  ];
  expect(JSON.stringify(all)).not.toContain(folder.dir);
});

test("a file that is not there is the caller's mistake, not a file without type", async () => {
  await expect(reader.current.readFacts(folder.path("absent"))).rejects.toThrow("ENOENT");
});
