import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";
import { md5Of, expectConsistent, tryUpload, upload } from "../../support/uploading.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

describe("a refused file", () => {
  afterEach(async () => {
    expect(await server.listFiles()).toEqual([]);
    expect(await expectConsistent(server)).toEqual([]);
  });

  test.each([
    ["text", "just some words\n", "text/plain"],
    ["HTML", "<!doctype html><title>x</title><script>alert(1)</script>", "text/html"],
    ["a shell script", "#!/bin/sh\nrm -rf /\n", null],
    ["a ZIP", Buffer.from("504b05060000000000000000000000000000000000000000", "hex"), "application/zip"],
    ["noise", Buffer.from("9f1c33a7d0e2b1c40011", "hex"), null],
  ])("is %s, even when it is named .jpg", async (_what, content, mimeType) => {
    const { status, outcome, extensions } = await tryUpload(server, Buffer.from(content), {
      name: "photo.jpg",
    });
    expect({ status, outcome }).toEqual({ status: 415, outcome: "UNSUPPORTED_MEDIA" });
    if (mimeType != null) expect(extensions).toMatchObject({ mimeType });
  });

  test("is an empty one", async () => {
    const { status, outcome } = await tryUpload(server, Buffer.alloc(0));
    expect({ status, outcome }).toEqual({ status: 400, outcome: "EMPTY_FILE" });
  });

  test("is one whose MD5 is not what the client said", async () => {
    const { status, outcome, message } = await tryUpload(server, await makeJpeg(), { md5: "0".repeat(32) });
    expect({ status, outcome }).toEqual({ status: 400, outcome: "CHECKSUM_MISMATCH" });
    expect(message).toContain("send them again");
  });

  test.each(["", "xyz", "g".repeat(32), "0".repeat(31), "0".repeat(33), "d41d8cd98f00b204 e9800998ecf8427e"])(
    "comes with %j for an MD5",
    async (md5) => {
      const { status, outcome, extensions } = await tryUpload(server, await makeJpeg(), { md5 });
      expect({ status, outcome }).toEqual({ status: 400, outcome: "BAD_USER_INPUT" });
      expect(extensions).toMatchObject({ field: "input.md5" });
    },
  );
});

test("takes the client's MD5 in either case", async () => {
  const bytes = await makePng();
  const { status, entity } = await upload(server, bytes, { md5: md5Of(bytes).toUpperCase() });
  expect({ status, md5: entity.md5 }).toEqual({ status: "CREATED", md5: md5Of(bytes) });
});

test("admits what UPLOAD_MIME_TYPES names, and nothing else", async () => {
  const strict = await startServer({ env: { UPLOAD_MIME_TYPES: "image/png,text/*" } });
  expect((await tryUpload(strict, await makePng())).outcome).toBe("CREATED");
  expect((await tryUpload(strict, Buffer.from("just some words\n"))).outcome).toBe("CREATED");
  const refused = await tryUpload(strict, await makeJpeg());
  expect(refused.outcome).toBe("UNSUPPORTED_MEDIA");
  expect(refused.message).toBe("The file's bytes are image/jpeg; this library takes image/png, text/*");
  expect(await strict.listFiles()).toHaveLength(2);
});
