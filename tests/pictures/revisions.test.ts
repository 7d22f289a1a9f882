import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { keyOf, type Visible } from "../../src/pictures/derivative.ts";
import { thumbnailOf } from "../../src/pictures/thumbnail.ts";
import { READ_FACTS } from "../library/facts/documents.ts";
import { hasFfmpeg } from "../media/files.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { looksOf, thumbnailUrl } from "./looks.ts";
import { addOriginal, makeTurnedVideo, makeTurnedJpeg } from "./originals.ts";

const canMakeVideo = await hasFfmpeg();

/** What a former version of the program had made: black, under the name that it used. */
async function plant(server: TestServer, { md5, sha256 }: Visible, name: string): Promise<void> {
  const draft = await server.app.deps.derivativeStore.draft();
  const black = sharp({ create: { width: 320, height: 240, channels: 3, background: "black" } });
  const bytes = await black.jpeg().toBuffer();
  await draft.withLocalFile((path) => writeFile(path, bytes));
  expect(await draft.publish({ md5, sha256, name })).toBe(true);
}

async function brightness(url: URL | string): Promise<number> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  // Of all frames: the video begins black.
  const { channels } = await sharp(Buffer.from(await response.arrayBuffer()), { pages: -1 }).stats();
  return Math.max(...channels.map(({ max }) => max));
}

// Colours, shapes and orientations are rendered otherwise than by the first version of the program.
describe("pictures that a former version has made are made again", () => {
  test("of an image", async () => {
    const server = await startServer();
    const { id, original } = await addOriginal(server, await makeTurnedJpeg());
    const variant = thumbnailOf(original!, { width: 320, fit: "INSIDE" }, "WEBP");
    const { name } = keyOf(original!, variant);
    const former = name.replace(/^thumbnail\.\d+/, "thumbnail.1");
    await plant(server, original!, former);
    const url = await thumbnailUrl(server, id, { width: 320 });
    expect(await brightness(url)).toBeGreaterThan(100);
    // The former address has shown another picture, and must not show this one.
    expect((await fetch(url.replace(name, former))).status).toBe(404);
  });

  test.skipIf(!canMakeVideo)("of a video, from its frames", async () => {
    const server = await startServer();
    const { id, original } = await addOriginal(server, await makeTurnedVideo());
    for (const name of ["still.1", "still.1.t1000", "preview.1.full.webp", "poster.1.t1000.w160.webp"])
      await plant(server, original!, name);
    const { thumbnail, poster, preview } = await looksOf(server, id, { width: 160, atSeconds: 1 });
    for (const image of [thumbnail, poster, preview])
      expect(await brightness(new URL(image!.url, server.url))).toBeGreaterThan(100);
  });
});

test("a placeholder of another decoder's colours is replaced when the facts are read again", async () => {
  const server = await startServer();
  const { id, original } = await addOriginal(server, await makeTurnedJpeg());
  const { placeholder } = await looksOf(server, id);
  const { originalId } = original!;
  await server.app.deps.db.prisma.picture.update({ where: { originalId }, data: { placeholder: "AAAA" } });
  expect((await looksOf(server, id)).placeholder).toBe("AAAA");
  expect((await server.run(READ_FACTS, { ids: [id] })).readFacts.ids).toEqual([id]);
  expect((await looksOf(server, id)).placeholder).toBe(placeholder);
  expect((await server.run(READ_FACTS, { ids: [id] })).readFacts.ids).toEqual([]);
});
