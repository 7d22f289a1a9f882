import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENTITY } from "../../support/documents.ts";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, md5Of, sha256Of, upload } from "../../support/uploading.ts";

let now = Date.UTC(2026, 1, 28, 12);
let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ clock: { now: () => now } });
});
afterAll(() => server.stop());

const minimalPdf = Buffer.from(
  "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n" +
    "trailer<</Root 1 0 R>>\n%%EOF\n",
);

describe("an uploaded file", () => {
  test("is described by its bytes, and stored as they are", async () => {
    const bytes = await makeJpeg({ width: 60, height: 40 });
    const said = { name: "Beach.JPG", label: "Beach", description: "Low tide" };
    const { status, entity, transaction } = await upload(server, bytes, said);

    expect(status).toBe("CREATED");
    expect(transaction).toMatchObject({ operation: "uploadEntity", entityCount: 1 });
    expect(entity).toMatchObject({
      ...{ version: 1, isCollection: false, isDeleted: false, parentId: null },
      ...{ label: "Beach", description: "Low tide", originalName: "Beach.JPG" },
      ...{ type: "IMAGE", mimeType: "image/jpeg", extension: "jpg", width: 60, height: 40, duration: null },
      ...{ fileSize: bytes.length, md5: md5Of(bytes), sha256: sha256Of(bytes), problems: [] },
      ...{ capturedAt: null, captured: null, location: null },
      ...{ addedAt: "2026-02-28T12:00:00.000Z", updatedAt: "2026-02-28T12:00:00.000Z" },
      filePath: `2026/02/28/${md5Of(bytes)}.jpg`,
    });
    expect(entity.entityId).toBe(entity.id);
    expect(await readFile(join(server.mediaDir, entity.filePath!))).toEqual(bytes);
  });

  test.each(["a.JPEG", "b.jpe", "c.php.jpg", "d", "e.exe", ""])("named %j ends in .jpg", async (name) => {
    const { entity } = await upload(server, await makeJpeg(), { name });
    expect(entity.extension).toBe("jpg");
    expect(entity.filePath).toBe(`2026/02/28/${entity.md5}.jpg`);
  });

  test("is read from the bytes, not from the name", async () => {
    const { entity } = await upload(server, await makePng(), { name: "photo.jpg" });
    expect(entity).toMatchObject({ mimeType: "image/png", extension: "png", originalName: "photo.jpg" });
  });

  test("may be a PDF", async () => {
    const { entity } = await upload(server, minimalPdf, { name: "manual.pdf" });
    expect(entity).toMatchObject({ type: "DOCUMENT", mimeType: "application/pdf", extension: "pdf" });
  });
});

describe("the folder of a file", () => {
  test("is the UTC day of its arrival, on both sides of midnight", async () => {
    now = Date.parse("2026-12-31T23:59:59.999Z");
    const last = await upload(server, await makeJpeg());
    now = Date.parse("2027-01-01T00:00:00.000Z");
    const first = await upload(server, await makeJpeg());
    expect(last.entity.filePath).toMatch(/^2026\/12\/31\//);
    expect(first.entity.filePath).toMatch(/^2027\/01\/01\//);
    expect(first.entity.addedAt).toBe("2027-01-01T00:00:00.000Z");
  });

  test("stays as it was when the clock is set back", async () => {
    now = Date.parse("2027-03-02T00:00:01Z");
    const before = await upload(server, await makeJpeg());
    now = Date.parse("2027-03-01T08:00:00Z");
    const after = await upload(server, await makeJpeg());
    expect(after.entity.filePath).toMatch(/^2027\/03\/01\//);
    const { entity } = await server.run(ENTITY, { id: before.entity.id });
    expect(entity?.filePath).toBe(before.entity.filePath);
    await expectConsistent(server);
  });

  test("is not computed again by a later start", async () => {
    let day = Date.parse("2026-05-05T05:05:05Z");
    const first = await startServer({ clock: { now: () => day } });
    const { entity } = await upload(first, await makeJpeg());
    day += 86_400_000;
    const second = await first.restart();
    const [row] = await expectConsistent(second);
    expect(row?.filePath).toBe(entity.filePath);
  });
});
