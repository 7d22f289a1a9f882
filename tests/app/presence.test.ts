import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { graphql } from "../generated/index.ts";
import { HARD_DELETE } from "../support/documents.ts";
import { addPicture } from "../support/library.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { listRows, tryUpload, upload } from "../support/uploading.ts";

// A disk that is unmounted while the server runs leaves the empty folder below it. Uploads went there where a folder
// for them had been left, and files that were only out of reach were 404 and noted as lost.

const FILES = graphql(`
  query Files($id: ID!) {
    entity(id: $id) {
      fileUrl
      thumbnail(width: 320) {
        url
      }
      problems {
        code
      }
    }
  }
`);

const readyz = async ({ url }: TestServer) =>
  (await (await fetch(`${url}/readyz`)).json()) as { status: string; checks: Record<string, string> };

let dir: string;
let server: TestServer;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-"));
  server = await startServer({ env: { MEDIA_DIR: join(dir, "media") } });
});
afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

const media = () => join(dir, "media");
/** What a mount point may hold of an earlier mishap. */
async function takeAway(): Promise<void> {
  await rename(media(), `${media()}-away`);
  for (const name of [".staging", ".derivatives"]) await mkdir(join(media(), name), { recursive: true });
}
async function bringBack(): Promise<void> {
  await rm(media(), { recursive: true });
  await rename(`${media()}-away`, media());
}

describe("while the media directory is away", () => {
  test("nothing is written in its place, and everything that needs it is 503 until it is back", async () => {
    const id = await addPicture(server);
    const { entity } = await server.run(FILES, { id });
    const urls = [entity!.fileUrl!, entity!.thumbnail!.url].map((path) => server.url + path);
    const bytes = await makeJpeg();
    await takeAway();

    expect(await tryUpload(server, bytes)).toMatchObject({ status: 503, outcome: "UNAVAILABLE" });
    for (const url of urls) {
      const response = await fetch(url);
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("5");
      expect(await response.text()).toContain("UNAVAILABLE");
    }
    expect(await readyz(server)).toMatchObject({ status: "unready", checks: { media: "UNAVAILABLE" } });
    const left = await readdir(media(), { recursive: true });
    expect(left.sort()).toEqual([".derivatives", ".staging"]);
    expect(server.log.join()).not.toContain("an original is missing");

    await bringBack();
    for (const url of urls) expect((await fetch(url)).status).toBe(200);
    await upload(server, bytes);
    expect((await server.run(FILES, { id })).entity!.problems).toEqual([]);
  });

  test("the file of a destroyed entity is noted, and goes once it is back", async () => {
    const id = await addPicture(server);
    const [row] = await listRows(server);
    await takeAway();
    await server.run(HARD_DELETE, { id });
    await bringBack();
    expect(existsSync(join(media(), row!.filePath))).toBe(true);
    await server.stop();
    server = await server.restart();
    expect(existsSync(join(media(), row!.filePath))).toBe(false);
  });

  test("another library's folder in its place is none", async () => {
    await takeAway();
    await writeFile(join(media(), ".library"), "7".repeat(32));
    expect(await tryUpload(server, await makeJpeg())).toMatchObject({ status: 503, outcome: "UNAVAILABLE" });
    await bringBack();
  });
});
