import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ENTITIES, SOFT_DELETE } from "../../support/documents.ts";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, tryUpload, upload } from "../../support/uploading.ts";

/*
 * Faults of the service this one replaces, each seen there. None may return.
 */

const run = promisify(execFile);
const ffmpeg = process.env["FFMPEG_PATH"] ?? "ffmpeg";
const hasFfmpeg = await run(ffmpeg, ["-version"]).then(
  () => true,
  () => false,
);
if (!hasFfmpeg) console.warn("Videos and sounds are not tested: there is no ffmpeg (set FFMPEG_PATH)");

let server: TestServer;
let dir: string;
beforeAll(async () => {
  server = await startSharedServer();
  dir = await mkdtemp(join(tmpdir(), "colan-made-"));
});
afterEach(() => expectConsistent(server));
afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});

const stored = (filePath: string | null | undefined) => readFile(join(server.mediaDir, filePath!));

async function video(name: string, ...options: string[]): Promise<Buffer> {
  const path = join(dir, name);
  await run(ffmpeg, ["-nostdin", "-v", "error", "-f", "lavfi", ...options, "-y", path]);
  return readFile(path);
}

// Seen: every file whose type was not recognised went to `{day}/undefined.undefined`, over the one before.
test("files of an unrecognised type never overwrite each other", async () => {
  const open = await startServer({ env: { UPLOAD_MIME_TYPES: "text/*,application/octet-stream" } });
  const unknown = await Promise.all([1, 2].map((byte) => tryUpload(open, Buffer.alloc(40, byte))));
  expect(unknown.map(({ outcome }) => outcome)).toEqual(["UNSUPPORTED_MEDIA", "UNSUPPORTED_MEDIA"]);
  const texts = ["first words\n", "other words\n"].map((text) => Buffer.from(text));
  for (const bytes of texts) await upload(open, bytes, { name: "same-name.xyz" });
  expect(await expectConsistent(open)).toHaveLength(2);
});

// Seen: each request checked for a twin, then moved its file to the same path; the one whose INSERT failed
// removed "its" file, which by then was the winner's.
test("the loser of an upload race does not delete the winner's file", async () => {
  const bytes = await makeJpeg();
  const answers = await Promise.all(Array.from({ length: 12 }, () => tryUpload(server, bytes)));
  const winners = answers.filter(({ outcome }) => outcome === "CREATED");
  expect(winners).toHaveLength(1);
  expect(await stored(winners[0]?.entity?.filePath)).toEqual(bytes);
});

// Seen: the file was moved over the trashed entity's, then refused as a duplicate, then removed.
test("re-uploading a trashed entity's file does not destroy it", async () => {
  const bytes = await makeJpeg();
  const { entity } = await upload(server, bytes);
  await server.run(SOFT_DELETE, { id: entity.id });
  expect((await tryUpload(server, bytes)).outcome).toBe("DUPLICATE_FILE");
  expect(await stored(entity.filePath)).toEqual(bytes);
  const restored = await upload(server, bytes, { onDuplicate: "RESTORE_IF_TRASHED" });
  expect(restored.entity).toMatchObject({ id: entity.id, isDeleted: false });
  expect(await stored(entity.filePath)).toEqual(bytes);
});

// Seen: the clean-up of a refused duplicate removed the path both shared.
test("re-sending the same bytes does not lose them", async () => {
  const bytes = await makeJpeg();
  const { entity } = await upload(server, bytes);
  for (const onDuplicate of ["REJECT", "RETURN_EXISTING", "RESTORE_IF_TRASHED", "REJECT"] as const) {
    await tryUpload(server, bytes, { onDuplicate });
    expect(await stored(entity.filePath)).toEqual(bytes);
  }
});

// Seen: the "file hash" was one of decoded pixels, so a picture with another date or place was refused.
test("two pictures with the same pixels and different metadata are two files", async () => {
  const pixels = sharp({ create: { width: 40, height: 30, channels: 3, background: "teal" } }).png();
  const [one, two] = await Promise.all(
    ["one", "two"].map((text) =>
      pixels
        .clone()
        .withExif({ IFD0: { ImageDescription: text } })
        .toBuffer(),
    ),
  );
  const raw = (bytes: Buffer) => sharp(bytes).raw().toBuffer();
  expect(await raw(one!)).toEqual(await raw(two!));
  const first = await upload(server, one!);
  const second = await upload(server, two!);
  expect([first.status, second.status]).toEqual(["CREATED", "CREATED"]);
  expect(first.entity.md5).not.toBe(second.entity.md5);
});

describe("type and extension", () => {
  // Seen: both columns were there and never filled in.
  test.each(["jpeg", "png", "webp", "gif", "tiff", "avif"] as const)(
    "are returned for %s",
    async (format) => {
      const picture = sharp({ create: { width: 20, height: 10, channels: 3, background: "red" } });
      const { entity } = await upload(server, await picture.toFormat(format).toBuffer());
      expect(entity.type).toBe("IMAGE");
      expect(entity.extension).toBe({ jpeg: "jpg", tiff: "tif" }[format as string] ?? format);
      expect(entity).toMatchObject({ width: 20, height: 10 });
    },
  );

  test.skipIf(!hasFfmpeg).each([
    ["video.webm", "VIDEO", ["-i", "color=c=blue:s=64x48:d=1", "-c:v", "libvpx"]],
    ["video.avi", "VIDEO", ["-i", "color=c=green:s=64x48:d=1"]],
    ["sound.wav", "AUDIO", ["-i", "sine=duration=1"]],
    ["sound.flac", "AUDIO", ["-i", "sine=duration=1:frequency=880"]],
  ])("are told of %s", async (name, type, options) => {
    const { entity } = await upload(server, await video(name, ...options));
    expect(entity).toMatchObject({ type, extension: name.split(".")[1] });
  });
});

describe("what cannot be read in full", () => {
  // Seen: sharp's exception reached the client as a 500, and the file stayed in the temporary folder.
  test("a JPEG cut short is kept, and says so", async () => {
    const whole = await sharp({
      create: {
        width: 400,
        height: 300,
        channels: 3,
        background: "red",
        noise: { type: "gaussian", sigma: 30 },
      },
    })
      .jpeg()
      .toBuffer();
    const { entity } = await upload(server, whole.subarray(0, whole.length / 2));
    expect(entity).toMatchObject({ mimeType: "image/jpeg", width: 400, height: 300 });
    expect(entity.problems.map(({ code }) => code)).toContain("TRUNCATED");
  });

  test("an SVG is kept", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="9" height="9"/></svg>`;
    const { entity } = await upload(server, Buffer.from(svg));
    expect(entity).toMatchObject({ mimeType: "image/svg+xml", extension: "svg", width: 30, height: 20 });
  });

  test.each([
    ["an SVG of nothing", Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"`)],
    ["a JPEG of nothing", Buffer.from("ffd8ffe000104a464946", "hex")],
    ["a HEIC of nothing", Buffer.from("000000186674797068656963000000006d69663168656963", "hex")],
    ["a PNG of nothing", Buffer.from("89504e470d0a1a0a", "hex")],
  ])("%s is kept or refused, never a 500", async (_what, bytes) => {
    const { status, outcome } = await tryUpload(server, bytes);
    expect({ 200: "CREATED", 415: "UNSUPPORTED_MEDIA" }[status]).toBe(outcome);
  });
});

// Seen: `capturedAt` was the time of the upload.
test("the capture date is that of the camera, not that of the upload", async () => {
  const IFD2 = { DateTimeOriginal: "2019:07:21 14:03:11", OffsetTimeOriginal: "+02:00" };
  const bytes = await sharp(await makeJpeg())
    .withExif({ IFD2 })
    .jpeg()
    .toBuffer();
  const { entity } = await upload(server, bytes);
  expect(entity.capturedAt).toBe("2019-07-21T12:03:11.000Z");
  expect(entity.captured).toMatchObject({
    local: "2019-07-21T14:03:11.000",
    offset: "+02:00",
    isInferred: false,
  });
  expect((await upload(server, await makeJpeg())).entity.capturedAt).toBeNull();
});

// Seen: exiftool prints "2.00 s" for some videos and "0:00:02" for others; only fractions were parsed.
test.skipIf(!hasFfmpeg).each([2, 61])("a video of %i whole seconds has its duration", async (seconds) => {
  const { entity } = await upload(server, await video("whole.mp4", "-i", `color=s=32x32:r=5:d=${seconds}`));
  expect(entity).toMatchObject({ type: "VIDEO", mimeType: "video/mp4", width: 32, height: 32 });
  expect(entity.duration).toBeCloseTo(seconds, 1);
});

// Seen: each upload held a database connection while it waited for its file; with all of them taken by
// waiting uploads, nothing went on until a restart.
test("32 requests at once do not freeze the server", async () => {
  const files = await Promise.all(Array.from({ length: 32 }, () => makePng()));
  const [answers] = await Promise.all([
    Promise.all(files.map((bytes) => tryUpload(server, bytes))),
    Promise.all(Array.from({ length: 32 }, () => server.run(ENTITIES))),
  ]);
  expect(answers.map(({ outcome }) => outcome)).toEqual(files.map(() => "CREATED"));
});
