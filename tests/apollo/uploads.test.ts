import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloLink, CombinedGraphQLErrors, gql, type TypedDocumentNode } from "@apollo/client";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  codeOf,
  EntitiesDocument,
  replaceFile,
  uploadEntities,
  uploadEntity,
  type UploadFile,
  type UploadProgress,
} from "../../apollo/index.ts";
import { extractFiles, uploadForm } from "../../apollo/upload-form.ts";
import { makeJpeg, makePng } from "../support/pictures.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { md5Of } from "../support/uploading.ts";
import { openClient } from "./support.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const bytesOf = async (): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await makeJpeg());

/** Bytes that take a while: a picture with much behind its end. */
const bigOf = async (bytes: number) => new Blob([await bytesOf(), new Uint8Array(randomBytes(bytes))]);

test("takes files, blobs, bytes and buffers", async () => {
  const { client } = openClient(server);
  const [one, two, three, four] = [await bytesOf(), await bytesOf(), await bytesOf(), await bytesOf()];
  const given: [UploadFile, Uint8Array, string][] = [
    [new File([one], "Strand – »Süd«.jpg"), one, "Strand – »Süd«.jpg"],
    [new Blob([two]), two, "file"],
    [three, three, "file"],
    [four.buffer, four, "file"],
  ];
  for (const [file, bytes, originalName] of given) {
    const { status, entity } = await uploadEntity(client, file, { label: "Beach", md5: md5Of(bytes) });
    expect({ status, ...entity }).toMatchObject({
      status: "CREATED",
      label: "Beach",
      originalName,
      width: 64,
    });
  }
});

test("a file from a disk says when it was changed, for uploads and replacements, unless the caller knows better", async () => {
  const { client } = openClient(server);
  const CAPTURED = gql`
    query ($id: ID!) {
      entity(id: $id) {
        captured {
          instant
          source
        }
      }
    }
  ` as TypedDocumentNode<{ entity: { captured: { instant: string; source: string } } }, { id: string }>;
  const capturedOf = async (id: string) => {
    const options = { query: CAPTURED, variables: { id }, fetchPolicy: "no-cache" } as const;
    return (await client.query(options)).data?.entity.captured;
  };
  const fileOf = async (day: string) =>
    new File([await bytesOf()], "beach.jpg", { lastModified: Date.parse(day) });
  const { entity } = await uploadEntity(client, await fileOf("2011-01-01T10:00:00.000Z"));
  expect(await capturedOf(entity.id)).toMatchObject({
    instant: "2011-01-01T10:00:00.000Z",
    source: "FILE_DATE",
  });
  await replaceFile(client, entity.id, await fileOf("2012-02-02T10:00:00.000Z"), { reason: "a better one" });
  expect(await capturedOf(entity.id)).toMatchObject({ instant: "2012-02-02T10:00:00.000Z" });
  const fileModifiedAt = "2013-03-03T10:00:00.000Z";
  await replaceFile(client, entity.id, await fileOf("2012-02-02T10:00:00.000Z"), { fileModifiedAt });
  expect(await capturedOf(entity.id)).toMatchObject({ instant: fileModifiedAt });
});

test("a view of a part of a buffer sends that part", async () => {
  const { client } = openClient(server);
  const bytes = await bytesOf();
  const around = new Uint8Array(bytes.length + 20);
  around.set(bytes, 10);
  const part = around.subarray(10, 10 + bytes.length);
  const { status } = await uploadEntity(client, part, { md5: md5Of(bytes) });
  expect(status).toBe("CREATED");
});

test("many files of one request have a result each", async () => {
  const { client, requests } = openClient(server);
  const bytes = await bytesOf();
  const uploaded = await uploadEntities(client, [
    { file: bytes, label: "one" },
    { file: new Blob(["no picture"]) },
    { file: new Blob([new Uint8Array(await makePng())]) },
  ]);
  expect(uploaded.results.map(({ status, code }) => [status, code])).toEqual([
    ["CREATED", null],
    ["FAILED", "UNSUPPORTED_MEDIA"],
    ["CREATED", null],
  ]);
  expect(requests()).toBe(1);
});

test("finds files wherever they are, the same one once, and changes nothing it was given", () => {
  const file = new Blob(["a"]);
  const day = new Date(0);
  const variables = { list: [{ file }, { file: new Blob(["b"]) }], again: file, day, text: "t", none: null };
  const before = { ...variables, list: [...variables.list] };
  const { rest, files } = extractFiles(variables, "variables");
  expect(rest).toEqual({ list: [{ file: null }, { file: null }], again: null, day, text: "t", none: null });
  expect([...files.values()]).toEqual([
    ["variables.list.0.file", "variables.again"],
    ["variables.list.1.file"],
  ]);
  expect(variables).toEqual(before);
  const form = uploadForm({ query: "{ a }", variables: rest }, files);
  expect([...form.keys()]).toEqual(["operations", "map", "0", "1"]);
  expect(form.get("map")).toBe(
    '{"0":["variables.list.0.file","variables.again"],"1":["variables.list.1.file"]}',
  );
});

test("reports its progress up to the end", async () => {
  const { client } = openClient(server);
  const file = await bigOf(3_000_000);
  const told: UploadProgress[] = [];
  await uploadEntity(client, file, { onProgress: (progress) => told.push(progress) });
  expect(told.length).toBeGreaterThan(5);
  expect(new Set(told.map(({ total }) => total))).toEqual(new Set([file.size]));
  expect(told.map(({ sent }) => sent)).toEqual(told.map(({ sent }) => sent).toSorted((a, b) => a - b));
  expect(told.at(-1)).toEqual({ sent: file.size, total: file.size });
});

test("an upload that is aborted ends at once, and nothing of it is kept", async () => {
  const { client } = openClient(server);
  const before = await server.listFiles();
  const ending = new AbortController();
  const uploading = uploadEntity(client, await bigOf(20_000_000), {
    signal: ending.signal,
    onProgress: ({ sent }) => {
      if (sent > 1_000_000) ending.abort();
    },
  });
  await expect(uploading).rejects.toMatchObject({ name: "AbortError" });
  await expect.poll(() => server.listFiles()).toEqual(before);

  await expect(uploadEntity(client, await bytesOf(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: "AbortError",
  });
});

test("an upload that its caller gave up is aborted too", async () => {
  const { client } = openClient(server);
  const file = await bigOf(20_000_000);
  const before = await server.listFiles();
  const mutation = gql`
    mutation ($file: Upload!) {
      uploadEntity(input: { file: $file }) {
        status
      }
    }
  `;
  await new Promise<void>((resolve) => {
    const context = {
      onProgress: ({ sent }: UploadProgress) => {
        if (sent < 1_000_000) return;
        subscription.unsubscribe();
        resolve();
      },
    };
    const subscription = ApolloLink.execute(
      client.link,
      { query: mutation, variables: { file }, context },
      { client },
    ).subscribe({});
  });
  await expect.poll(() => server.listFiles()).toEqual(before);
});

test("refusals have their codes, and say more where there is more", async () => {
  const { client } = openClient(server);
  const bytes = await bytesOf();
  const { entity } = await uploadEntity(client, bytes);
  const refusal = await uploadEntity(client, bytes).catch((error: unknown) => error);
  expect(CombinedGraphQLErrors.is(refusal)).toBe(true);
  expect(codeOf(refusal)).toBe("DUPLICATE_FILE");
  expect((refusal as CombinedGraphQLErrors).errors[0]?.extensions).toMatchObject({
    existing: { id: entity.id },
  });
  expect((await uploadEntity(client, bytes, { onDuplicate: "RETURN_EXISTING" })).status).toBe("DUPLICATE");

  const codes = [
    uploadEntity(client, await bytesOf(), { md5: "0".repeat(32) }),
    uploadEntity(client, new Blob([])),
    replaceFile(client, entity.id, await bytesOf(), { ifVersion: 9 }),
    replaceFile(client, "999", await bytesOf()),
    client.query({ query: EntitiesDocument, variables: { limit: 0 } }),
  ].map((failing) => failing.then(() => undefined, codeOf));
  expect(await Promise.all(codes)).toEqual([
    "CHECKSUM_MISMATCH",
    "EMPTY_FILE",
    "VERSION_CONFLICT",
    "NOT_FOUND",
    "BAD_USER_INPUT",
  ]);
});

test("what is no answer of the API's is an error, and not a result", async () => {
  const proxy = createServer((req, res) => {
    req
      .resume()
      .on("end", () => res.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad Gateway</h1>"));
  });
  onTestFinished(() => void proxy.close());
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  // A server that listens on a port has an address of this kind.
  const { port } = proxy.address() as AddressInfo;
  const { client } = openClient({ url: `http://127.0.0.1:${port}` });
  const failure = await uploadEntity(client, await bytesOf()).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "ServerError", statusCode: 502, bodyText: "<h1>Bad Gateway</h1>" });
  expect(codeOf(failure)).toBeUndefined();
  proxy.closeAllConnections();
});

const UPLOAD_MANY_PLACES: TypedDocumentNode = gql`
  mutation ($one: Upload!, $inputs: [UploadEntityInput!]!) {
    uploadEntity(input: { file: $one }) {
      status
    }
    uploadEntities(inputs: $inputs) {
      created
    }
  }
`;

test("anybody's own documents may have files in several places", async () => {
  const { client } = openClient(server);
  const variables = { one: await bytesOf(), inputs: [{ file: await bytesOf() }, { file: await bytesOf() }] };
  const { data } = await client.mutate({ mutation: UPLOAD_MANY_PLACES, variables });
  expect(data).toMatchObject({ uploadEntity: { status: "CREATED" }, uploadEntities: { created: 2 } });
});
