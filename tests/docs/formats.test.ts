import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withFormats } from "../../scripts/print-formats.ts";
import type { Media } from "../../src/media/media.ts";
import {
  ffmpeg,
  hasFfmpeg,
  makePicture,
  openTestMedia,
  useFolder,
  useMedia,
  writeTags,
} from "../media/files.ts";
import { makeBitmap, makePdf } from "../media/kinds.ts";
import { now } from "../media/pictures.ts";

const page = await readFile(new URL("../../docs/formats.md", import.meta.url), "utf8");
const folder = useFolder();
const media = useMedia();
const isAbsent = !(await hasFfmpeg());

/** A row's cells by the table's heads. */
function rowOf(mimeType: string) {
  const cellsOf = (line: string) => line.split("|").map((cell) => cell.trim());
  const lines = page.split("\n").filter((line) => line.startsWith("|"));
  const heads = cellsOf(lines[0] ?? "");
  const row = lines.map(cellsOf).find((cells) => cells[1] === `\`${mimeType}\``);
  if (row == null) throw new Error(`docs/formats.md has no row of ${mimeType}`);
  return Object.fromEntries(heads.map((head, index) => [head, row[index] ?? ""]));
}

test("the table of formats is that of the code; `npm run docs` writes it", () => {
  const squeezed = (text: string) => text.replace(/ +/g, " ").replace(/-{3,}/g, "---");
  expect(squeezed(page)).toBe(squeezed(withFormats(page)));
});

async function agree(path: string, mimeType: string) {
  const row = rowOf(mimeType);
  const facts = (await media.current.reader.readFacts(path))!;
  expect([facts.mimeType, facts.extension]).toEqual([mimeType, row["extension"]]);
  expect(facts.width != null, "size").toBe(row["size"] !== "–");
  expect(facts.duration != null, "duration").toBe(row["duration"] !== "–");
  // A cover is in some files only.
  const isSeen = row["picture"] !== "–" && row["picture"] !== "embedded cover";
  expect(facts.picture != null, "picture").toBe(isSeen);
  return { row, facts };
}

test.each([
  ["image/jpeg", () => makePicture().jpeg().toBuffer()],
  ["image/png", () => makePicture().png().toBuffer()],
  ["image/webp", () => makePicture().webp().toBuffer()],
  ["image/avif", () => makePicture().avif().toBuffer()],
  ["image/bmp", () => makeBitmap(64, 48)],
] as const)("a file of %s has what its row says, and its time", async (mimeType, make) => {
  const path = await folder.write(crypto.randomUUID(), await make());
  const { row } = await agree(path, mimeType);
  if (mimeType === "image/bmp") return;
  expect(row["time"]).toBe("exiftool");
  await writeTags(path, "-EXIF:DateTimeOriginal=2019:07:21 14:03:11");
  expect((await media.current.reader.readFacts(path))?.captured?.local).toBe("2019-07-21T14:03:11.000");
});

test("a PDF is taken and seen as its row says", async () => {
  const { row } = await agree(await folder.write("pdf", makePdf(120, 80)), "application/pdf");
  expect(row["taken"]).toBe("yes");
});

test("a file of plain text has a row that says no", async () => {
  const facts = await media.current.reader.readFacts(await folder.write("text", "Nothing but words.\n"));
  expect(rowOf(facts!.mimeType)["taken"]).toBe("no");
});

describe.skipIf(isAbsent)("a row's last column is right", () => {
  let bare: Media | undefined;
  beforeAll(() => {
    bare = openTestMedia({ FFMPEG_PATH: "/nonexistent", FFPROBE_PATH: "/nonexistent" });
  });
  afterAll(() => bare?.close());

  const video = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=1", "-pix_fmt", "yuv420p"];
  const sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1"];
  test.each([
    ["video/mp4", "mp4", [...video, "-c:v", "libx264"]],
    ["video/mp2t", "mpegts", [...video, "-c:v", "libx264"]],
    ["video/x-msvideo", "avi", [...video, "-c:v", "mpeg4"]],
    ["audio/mpeg", "mp3", sound],
    ["audio/wav", "wav", sound],
    ["audio/wavpack", "wv", sound],
  ])("for %s", async (mimeType, container, args) => {
    const path = folder.path(crypto.randomUUID());
    await ffmpeg(...args, "-f", container, path);
    const { row } = await agree(path, mimeType);
    const facts = (await bare?.reader.readFacts(path))!;
    expect(facts.width != null).toBe(row["size"] !== "–");
    expect(facts.duration != null).toBe(true);
    const lacksPicture = row["without ffmpeg"]?.includes("no picture");
    expect(lacksPicture).toBe(mimeType.startsWith("video/"));
    if (facts.picture == null || facts.picture.source === "FILE") return;
    const { source, width, height } = facts.picture;
    const target = join(folder.dir, crypto.randomUUID());
    const still = bare!.pictures.extractStill({ path, mimeType, source, width, height }, target, now);
    await expect(still).rejects.toMatchObject({ code: "TOOL_MISSING" });
  });
});
