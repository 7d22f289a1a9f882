import { afterAll, beforeAll, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { SOFT_DELETE } from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { md5Of, upload } from "../../support/uploading.ts";

const KNOWN = graphql(`
  query Known($md5: [String!]!) {
    knownHashes(md5: $md5) {
      md5
      isDeleted
      entity {
        id
      }
    }
  }
`);

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

test("returns the checksums that the library has, live or in the trash, and leaves out the others", async () => {
  const [live, trashed] = [await makeJpeg(), await makeJpeg()];
  const { entity: first } = await upload(server, live);
  const { entity: second } = await upload(server, trashed);
  await server.run(SOFT_DELETE, { id: second.id });
  const asked = [md5Of(trashed), md5Of(live).toUpperCase(), md5Of(live), "f".repeat(32)];
  const { knownHashes } = await server.run(KNOWN, { md5: asked });
  expect(knownHashes).toEqual([
    { md5: first.md5, isDeleted: false, entity: { id: first.id } },
    { md5: second.md5, isDeleted: true, entity: { id: second.id } },
  ]);
});

test("knows nothing of nothing", async () => {
  expect((await server.run(KNOWN, { md5: [] })).knownHashes).toEqual([]);
});

test("takes 1000 checksums and refuses one more, or what is none", async () => {
  const list = Array.from({ length: 1001 }, (_, index) => index.toString(16).padStart(32, "0"));
  expect((await server.run(KNOWN, { md5: list.slice(1) })).knownHashes).toEqual([]);
  expect((await server.fail(KNOWN, { md5: list })).extensions).toMatchObject({
    ...{ code: "BAD_USER_INPUT", field: "md5" },
  });
  expect((await server.fail(KNOWN, { md5: ["0".repeat(32), "'; DROP TABLE"] })).extensions).toMatchObject({
    ...{ code: "BAD_USER_INPUT", field: "md5.1" },
  });
});
