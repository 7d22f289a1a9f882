import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { sniff } from "../../src/media/types/sniff.ts";
import { ffmpeg, hasFfmpeg, makePicture, useFolder, useReader, writeTags } from "./files.ts";
import { acbm, adtsFrames, ilbm, layerFrames, oleFile, tga } from "./structures.ts";

const folder = useFolder();
const reader = useReader();

const read = async (name: string, bytes: Uint8Array) =>
  reader.current.readFacts(await folder.write(name, bytes));

let canEncode = false;
beforeAll(async () => {
  canEncode = await hasFfmpeg();
});

/** A file that ffmpeg writes. */
async function encode(name: string, ...args: string[]) {
  const path = folder.path(name);
  await ffmpeg(...args, path);
  // Under a name that says nothing.
  return read(`${name}.bytes`, await readFile(path));
}

const picture = (size: string) => ["-f", "lavfi", "-i", `testsrc=size=${size}:rate=1`, "-frames:v", "1"];
const tone = (seconds: number) => ["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}`];

describe("TIFF", () => {
  // Seen: a TIFF of a Casio was image/x-sony-arw. Tag 50341, by which it was judged, is Print Image Matching.
  test("is no Sony RAW because it has Print Image Matching", async () => {
    const path = folder.path("printim");
    await makePicture(90, 60).tiff().toFile(path);
    // exiftool cannot write this tag, so an entry of the directory becomes one: Software, 10 bytes of ASCII.
    await writeTags(path, "-IFD0:Software=123456789");
    const bytes = await readFile(path);
    const entry = Buffer.from([0x31, 0x01, 2, 0, 10, 0, 0, 0]);
    const at = bytes.indexOf(entry);
    expect(at).toBeGreaterThan(0);
    bytes.writeUInt16LE(50_341, at);
    // Not for want of exiftool either, which knows better.
    expect(await sniff(await folder.write("printim-alone", bytes))).toMatchObject({ mimeType: "image/tiff" });
    expect(await read("printim-tag", bytes)).toMatchObject({
      mimeType: "image/tiff",
      extension: "tif",
      width: 90,
      height: 60,
      picture: { source: "FILE" },
    });
  });

  test("of a Sony camera is a RAW only with a picture in a SubIFD", async () => {
    const path = folder.path("sony");
    await makePicture(30, 20).tiff().toFile(path);
    await writeTags(path, "-IFD0:Make=SONY", "-IFD0:Model=ILCE-7M3");
    expect((await read("sony-tiff", await readFile(path)))?.mimeType).toBe("image/tiff");
  });

  test("with DNG's version is a DNG", async () => {
    const path = folder.path("dng");
    await makePicture(30, 20).tiff().toFile(path);
    await writeTags(path, "-IFD0:DNGVersion=1 4 0 0");
    expect((await read("dng-tag", await readFile(path)))?.mimeType).toBe("image/x-adobe-dng");
  });
});

describe("TGA", () => {
  // Seen: uncompressed ones were image/x-cursor, whose signature is their first four bytes; others were refused.
  test.each([
    ["true colour of 16 bits", { type: 2, bits: 16, width: 124, height: 124 }],
    ["true colour of 24 bits", { type: 2, bits: 24, width: 7, height: 5 }],
    ["run-length true colour", { type: 10, bits: 32, width: 30, height: 20 }],
    ["greyscale with a comment", { type: 3, bits: 8, width: 9, height: 4, id: "made by hand" }],
  ])("%s has its type and size", async (name, shape) => {
    expect(await read(`tga ${name}`, tga(shape))).toMatchObject({
      mimeType: "image/x-tga",
      extension: "tga",
      type: "IMAGE",
      width: shape.width,
      height: shape.height,
    });
  });

  test("with a footer of version 2 is one, its pixels whole or not", async () => {
    const whole = tga({ type: 2, bits: 24, width: 20, height: 20, hasFooter: true });
    expect((await read("tga 2", whole))?.mimeType).toBe("image/x-tga");
    const bytes = Buffer.concat([whole.subarray(0, 300), whole.subarray(-26)]);
    expect((await read("tga 2 cut", bytes))?.mimeType).toBe("image/x-tga");
  });

  test.each([
    ["whose pixels are not there", tga({ type: 2, bits: 24, width: 20, height: 20 }).subarray(0, 900)],
    ["whose packets end early", tga({ type: 10, bits: 24, width: 200, height: 200 }).subarray(0, 300)],
    ["whose fields contradict each other", tga({ type: 1, bits: 24, width: 2, height: 2 })],
  ])("%s is none", async (name, bytes) => {
    expect(await read(`no tga ${name}`, bytes)).toBeUndefined();
  });

  test("as ffmpeg writes it is one", async (context) => {
    if (!canEncode) context.skip();
    expect(await encode("a.tga", ...picture("64x48"))).toMatchObject({ mimeType: "image/x-tga", width: 64 });
  });
});

describe("an icon's four bytes", () => {
  const directory = (kind: number, at: number) => {
    const bytes = Buffer.alloc(6 + 16 + 40);
    bytes.writeUInt16LE(kind, 2);
    bytes.writeUInt16LE(1, 4);
    bytes.set([32, 32, 0, 0, 1, 0, 32, 0], 6);
    bytes.writeUInt32LE(40, 14);
    bytes.writeUInt32LE(at, 18);
    bytes.writeUInt32LE(40, 22);
    return bytes;
  };

  test("make a cursor where its directory points at a bitmap", async () => {
    expect((await read("cursor", directory(2, 22)))?.mimeType).toBe("image/x-cursor");
    expect((await read("icon", directory(1, 22)))?.mimeType).toBe("image/vnd.microsoft.icon");
  });

  test("make none where nothing is behind them", async () => {
    expect(await read("no cursor", directory(2, 4000))).toBeUndefined();
    expect(await read("four bytes", Buffer.from([0, 0, 2, 0, 9, 9, 9, 9, 9, 9]))).toBeUndefined();
  });
});

describe("IFF", () => {
  // Seen: an ILBM picture was audio/aiff, because "FORM" alone was taken for AIFF.
  test.each([
    ["ILBM", ilbm("ILBM", 160, 174)],
    ["PBM", ilbm("PBM ", 33, 21)],
    ["ACBM", acbm(48, 32)],
  ])("of the form %s is a picture with its size", async (name, { bytes, width, height }) => {
    expect(await read(`iff ${name}`, bytes)).toMatchObject({
      mimeType: "image/x-ilbm",
      type: "IMAGE",
      width,
      height,
    });
  });

  test("of the form AIFF is sound, of an unknown form nothing", async (context) => {
    expect(await read("iff other", ilbm("SMUS", 1, 1).bytes)).toBeUndefined();
    if (!canEncode) context.skip();
    const aiff = await encode("a.aiff", ...tone(1));
    expect(aiff).toMatchObject({ mimeType: "audio/aiff", type: "AUDIO", duration: 1 });
  });
});

describe("compound files of OLE", () => {
  // Seen: a Word document and an installer were image/vnd.fpx. exiftool calls each so whose name it does not see.
  test.each([
    ["WordDocument", "application/msword", "doc"],
    ["Workbook", "application/vnd.ms-excel", "xls"],
    ["PowerPoint Document", "application/vnd.ms-powerpoint", "ppt"],
    ["\u4840\u3b3f", "application/x-cfb", "cfb"],
  ])("with a stream %s are no pictures", async (stream, mimeType, extension) => {
    expect(await read(`ole ${extension}`, oleFile(stream))).toMatchObject({ mimeType, extension });
  });

  test("with FlashPix's class are pictures", async () => {
    const bytes = oleFile("Data Object Store 000001", "0067615654c1ce11855300aa00a1f95b");
    expect(await read("fpx", bytes)).toMatchObject({ mimeType: "image/vnd.fpx", type: "IMAGE" });
  });
});

test("a drawing program's DWG is no picture", async () => {
  const bytes = Buffer.alloc(512);
  bytes.write("AC1018");
  expect(await read("dwg", bytes)).toMatchObject({ mimeType: "application/acad", type: "OTHER" });
});

describe("frames of sound", () => {
  // Seen: AAC with MPEG-2's id and layers I and II were refused, because exiftool had to agree and does not know them.
  test.each([0xf0, 0xf1, 0xf8, 0xf9])("ADTS with the second byte %i is AAC", async (second) => {
    const facts = await read(`adts ${second}`, adtsFrames(second, 44));
    expect(facts).toMatchObject({ mimeType: "audio/aac", type: "AUDIO", problems: [] });
    expect(facts?.duration).toBeCloseTo((44 * 1024) / 44_100, 5);
  });

  test.each([
    ["I", 1, 384],
    ["II", 2, 1152],
    ["III", 3, 1152],
  ] as const)("MPEG audio of layer %s is MPEG audio", async (name, layer, samples) => {
    const facts = await read(`layer ${name}`, layerFrames(layer, 50));
    expect(facts).toMatchObject({ mimeType: "audio/mpeg", type: "AUDIO", problems: [] });
    expect(facts?.duration).toBeCloseTo((50 * samples) / 44_100, 5);
  });

  test("one sync word, or two frames in noise, is none", async () => {
    const noise = Buffer.alloc(4000, 0x5a);
    expect(await read("sync", Buffer.concat([Buffer.from([0xff, 0xf9, 0x50, 0x80]), noise]))).toBeUndefined();
    expect(await read("two", Buffer.concat([adtsFrames(0xf9, 2), noise]))).toBeUndefined();
  });

  test("as ffmpeg writes them are known by their kind", async (context) => {
    if (!canEncode) context.skip();
    const aac = await encode("mpeg2.aac", ...tone(1), "-c:a", "aac", "-f", "adts", "-write_mpeg2", "1");
    expect(aac?.mimeType).toBe("audio/aac");
    expect((await encode("a.mp2", ...tone(1), "-c:a", "mp2"))?.mimeType).toBe("audio/mpeg");
    expect((await encode("a.ac3", ...tone(1), "-c:a", "ac3"))?.mimeType).toBe("audio/vnd.dolby.dd-raw");
    expect((await encode("a.eac3", ...tone(1), "-c:a", "eac3"))?.mimeType).toBe("audio/eac3");
  });
});

describe("other pictures", () => {
  test.each([
    ["sgi", "image/x-sgi"],
    ["qoi", "image/qoi"],
    ["pam", "image/x-portable-arbitrarymap"],
    ["xbm", "image/x-xbitmap"],
  ])("%s, as ffmpeg writes it, has its type and size", async (extension, mimeType) => {
    if (!canEncode) return;
    const facts = await encode(`p.${extension}`, ...picture("64x48"));
    expect(facts).toMatchObject({ mimeType, extension, type: "IMAGE", width: 64, height: 48 });
  });

  test("XPM and DDS are known by their headers", async () => {
    const xpm = '/* XPM */\nstatic char * a_xpm[] = {\n"12 7 2 1",\n"  c #000000",\n". c #FFFFFF",\n';
    expect(await read("xpm", Buffer.from(xpm))).toMatchObject({ mimeType: "image/x-xpixmap", width: 12 });
    const dds = Buffer.alloc(200);
    dds.write("DDS ");
    for (const [at, value] of [
      [4, 124],
      [12, 32],
      [16, 64],
    ] as const)
      dds.writeUInt32LE(value, at);
    expect(await read("dds", dds)).toMatchObject({ mimeType: "image/vnd.ms-dds", width: 64, height: 32 });
  });

  test("text that speaks of them is text", async () => {
    expect((await read("c", Buffer.from("#define WIDTH 12\nint main() {}\n")))?.type).not.toBe("IMAGE");
  });
});
