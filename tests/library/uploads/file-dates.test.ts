import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { upload } from "../../support/uploading.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const CAPTURED = graphql(`
  query FileDateCaptured($id: ID!) {
    entity(id: $id) {
      originalName
      capturedAt
      captured {
        local
        offset
        source
        isInferred
      }
    }
  }
`);

const REPLACE = graphql(`
  mutation FileDateReplace($id: ID!, $file: Upload!, $fileModifiedAt: DateTime) {
    replaceFile(id: $id, file: $file, fileModifiedAt: $fileModifiedAt) {
      entity {
        captured {
          source
        }
        capturedAt
      }
    }
  }
`);

async function send(name: string, fileModifiedAt?: string) {
  const said = fileModifiedAt == null ? {} : { fileModifiedAt };
  const { entity } = await upload(server, await makeJpeg(), { name, ...said });
  const found = await server.run(CAPTURED, { id: entity.id });
  return { id: entity.id, ...found.entity! };
}

describe("a picture without metadata", () => {
  // Seen: captured null for every picture of a messenger, which strips the metadata and names the file by its date.
  test("has the date of its name, said to be inferred", async () => {
    expect(await send("IMG-20190101-WA0007.jpg")).toMatchObject({
      capturedAt: "2019-01-01T00:00:00.000Z",
      captured: { local: "2019-01-01T00:00:00.000", offset: null, source: "FILE_NAME", isInferred: true },
    });
    expect(await send("PXL_20230105_153000123.jpg", "2024-01-01T00:00:00Z")).toMatchObject({
      capturedAt: "2023-01-05T15:30:00.123Z",
      captured: { source: "FILE_NAME", isInferred: true },
    });
  });

  test("has the client's date where its name has none", async () => {
    expect(await send("picture.jpg", "2022-02-02T03:02:02+01:00")).toMatchObject({
      capturedAt: "2022-02-02T02:02:02.000Z",
      captured: { local: "2022-02-02T02:02:02.000", source: "FILE_DATE", isInferred: true },
    });
    expect((await send("picture.jpg")).captured).toBeNull();
  });

  test("has the client's date of a file that replaces another", async () => {
    const { id } = await send("first.jpg");
    const variables = { id, file: null, fileModifiedAt: "2021-03-04T05:06:07Z" };
    const parts = [{ at: "file", bytes: await makeJpeg(), name: "second.jpg" }];
    const { replaceFile } = await server.run(REPLACE, variables, parts);
    expect(replaceFile.entity).toMatchObject({
      capturedAt: "2021-03-04T05:06:07.000Z",
      captured: { source: "FILE_DATE" },
    });
  });
});
