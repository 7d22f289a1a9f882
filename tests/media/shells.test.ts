import { describe, expect, test } from "vitest";
import { useFolder, useReader } from "./files.ts";

const folder = useFolder();
const reader = useReader();
const read = (bytes: Buffer) =>
  folder.write(crypto.randomUUID(), bytes).then((path) => reader.current.readFacts(path));

// Seen: a signature with nothing behind it was taken as a whole recording, without a word.
describe("a right signature with nothing behind it is told as a problem", () => {
  test.each([
    ["AMR", "#!AMR\n", "audio/amr"],
    ["WAVE", "RIFF\x04\0\0\0WAVE", "audio/wav"],
    ["WavPack", "wvpk", "audio/wavpack"],
    ["DSF", "DSD ", "audio/x-dsf"],
    ["Musepack", "MPCKSH", "audio/x-musepack"],
    ["Monkey's Audio", "MAC \0\0", "audio/ape"],
    ["FLAC", "fLaC", "audio/flac"],
    ["MP4", "\0\0\0\x18ftypisom\0\0\0\0isommp42", "video/mp4"],
    ["Matroska", "\x1aE\xdf\xa3\x93B\x82\x88matroska", "video/matroska"],
    ["AVI", "RIFF\0\0\0\0AVI LIST", "video/x-msvideo"],
    ["PNG", "\x89PNG\r\n\x1a\n", "image/png"],
    ["GIF", "GIF89a", "image/gif"],
    ["JPEG", "\xff\xd8\xff\xe0", "image/jpeg"],
    ["TIFF", "II*\0\x08\0\0\0", "image/tiff"],
    ["WebP", "RIFF\0\0\0\0WEBPVP8 ", "image/webp"],
    ["HEIC", "\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"],
    ["JPEG 2000", "\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"],
    ["RAF", "FUJIFILMCCD-RAW ", "image/x-fujifilm-raf"],
    ["PSD", "8BPS\0\x01", "image/vnd.adobe.photoshop"],
    ["PDF", "%PDF-1.4\n", "application/pdf"],
  ])("%s", async (_, text, mimeType) => {
    const facts = await read(Buffer.from(text, "latin1"));
    expect(facts).toMatchObject({ mimeType, width: null, height: null, duration: null, picture: null });
    expect(facts!.problems.map(({ code }) => code)).toContain("UNDECODABLE");
    for (const { message } of facts!.problems) expect(message).not.toMatch(/disposed|Assertion/);
  });

  test("but a recording of silence is not", async () => {
    const samples = Buffer.alloc(16_000);
    const head = Buffer.from("RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0", "latin1");
    const rate = Buffer.alloc(20);
    [8_000, 16_000].forEach((value, index) => rate.writeUInt32LE(value, index * 4));
    rate.writeUInt16LE(2, 8);
    rate.writeUInt16LE(16, 10);
    rate.write("data", 12, "latin1");
    rate.writeUInt32LE(samples.length, 16);
    head.writeUInt32LE(head.length + rate.length + samples.length - 8, 4);
    expect(await read(Buffer.concat([head, rate, samples]))).toMatchObject({ duration: 1, problems: [] });
  });
});
