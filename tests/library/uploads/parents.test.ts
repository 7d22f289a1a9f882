import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SOFT_DELETE, UPLOAD } from "../../support/documents.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { listRows, tryUpload, upload } from "../../support/uploading.ts";
import { file, map, multipart, operations, post, RawClient } from "../../server/raw.ts";

let server: TestServer;
let picture: string;
let trashed: string;

beforeAll(async () => {
  server = await startSharedServer();
  picture = await addPicture(server);
  trashed = await addCollection(server, "trashed");
  await server.run(SOFT_DELETE, { id: trashed });
});
afterAll(() => server.stop());

test("puts the file into a live collection", async () => {
  const parentId = await addCollection(server, "box");
  const { entity } = await upload(server, await makeJpeg(), { parentId });
  expect(entity.parentId).toBe(parentId);
});

describe("a parent that cannot be one", () => {
  let before: unknown;
  beforeEach(async () => {
    before = [await server.listFiles(), await listRows(server)];
  });

  test.each([
    ["is unknown", () => "999999", 404, "NOT_FOUND"],
    ["is beyond 2^63", () => "9".repeat(30), 404, "NOT_FOUND"],
    ["is no number", () => "box", 404, "NOT_FOUND"],
    ["is a file", () => picture, 400, "NOT_A_COLLECTION"],
    ["is in the trash", () => trashed, 400, "BAD_USER_INPUT"],
  ])("refuses the file when it %s", async (_why, idOf, status, code) => {
    const answer = await tryUpload(server, await makeJpeg(), { parentId: idOf() });
    expect({ status: answer.status, code: answer.outcome }).toEqual({ status, code });
    expect([await server.listFiles(), await listRows(server)]).toEqual(before);
  });

  // The client of a large file must not have to send it all to be told that its folder is gone.
  test("refuses the file before its bytes have come", async () => {
    const client = await RawClient.open(server.url);
    const body = multipart(
      [
        operations(String(UPLOAD), { input: { file: null, parentId: "999999" } }),
        map({ 0: ["variables.input.file"] }),
        file("0", "first of many bytes"),
      ],
      "b",
      true,
    );
    // Promised but never sent: an answer now cannot have waited for it.
    await client.send(post(body, { "Content-Length": String(body.length + 1_000_000) }));
    const answer = await client.answer();
    client.close();
    expect(answer?.body).toContain('"NOT_FOUND"');
    expect([await server.listFiles(), await listRows(server)]).toEqual(before);
  });
});
