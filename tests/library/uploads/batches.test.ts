import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { CREATE_COLLECTION, ENTITY, SOFT_DELETE, UPLOAD_MANY } from "../../support/documents.ts";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, listRows, md5Of, upload } from "../../support/uploading.ts";

const UPLOAD_TWICE = graphql(`
  mutation UploadTwice($a: UploadEntityInput!, $b: UploadEntityInput!) {
    first: uploadEntity(input: $a) {
      entity {
        id
        md5
        label
      }
    }
    second: uploadEntity(input: $b) {
      entity {
        id
        md5
        label
      }
    }
  }
`);

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ env: { UPLOAD_BYTES_MAX: "100000", UPLOAD_FILES_MAX: "12" } });
});
afterAll(() => server.stop());
afterEach(() => expectConsistent(server));

const makeJpegs = (count: number) => Promise.all(Array.from({ length: count }, () => makeJpeg()));
const partsOf = (files: readonly Uint8Array[]) =>
  files.map((bytes, index) => ({ at: `inputs.${index}.file`, bytes }));

test("gives the results in the order of the inputs, in any order of the parts", async () => {
  const files = await makeJpegs(4);
  const inputs = files.map((_, index) => ({ file: null, label: `file ${index}` }));
  const parts = partsOf(files);
  const sent = [parts[2]!, parts[0]!, parts[3]!, parts[1]!];
  const { uploadEntities } = await server.run(UPLOAD_MANY, { inputs }, sent);
  expect(uploadEntities).toMatchObject({ created: 4, duplicates: 0, failed: 0 });
  expect(uploadEntities.results.map(({ status, entity }) => [status, entity?.label, entity?.md5])).toEqual(
    files.map((bytes, index) => ["CREATED", `file ${index}`, md5Of(bytes)]),
  );
  expect(uploadEntities.transaction?.entityCount).toBe(4);
});

test("loses no good file to a bad one of any kind", async () => {
  const [good, other, live, trashed, unchecked, unplaced, mislabelled] = await makeJpegs(7);
  await upload(server, live!);
  const { entity: inTrash } = await upload(server, trashed!);
  await server.run(SOFT_DELETE, { id: inTrash.id });
  const before = (await listRows(server)).length;

  const inputs = [
    { file: null, label: "good" },
    { file: null },
    { file: null },
    { file: null },
    { file: null, md5: "0".repeat(32) },
    { file: null },
    { file: null, parentId: "999999" },
    { file: null, label: "x".repeat(100_000) },
    { file: null, onDuplicate: "RESTORE_IF_TRASHED" as const },
    { file: null, md5: "no MD5" },
    { file: null, label: "other" },
  ];
  const files = [
    ...[good!, Buffer.from("words"), Buffer.alloc(0), Buffer.alloc(100_001), unchecked!, live!],
    ...[unplaced!, mislabelled!, trashed!, Buffer.from("x"), other!],
  ];
  const { uploadEntities } = await server.run(UPLOAD_MANY, { inputs }, partsOf(files));
  const { results, transaction, ...counts } = uploadEntities;
  expect(results.map(({ status, code }) => code ?? status)).toEqual([
    ...["CREATED", "UNSUPPORTED_MEDIA", "EMPTY_FILE", "FILE_TOO_LARGE", "CHECKSUM_MISMATCH"],
    ...["DUPLICATE_FILE", "NOT_FOUND", "BAD_USER_INPUT", "RESTORED", "BAD_USER_INPUT", "CREATED"],
  ]);
  expect(counts).toEqual({ created: 2, duplicates: 2, failed: 7 });
  expect(results.every(({ code, message }) => (code == null) === (message == null))).toBe(true);
  expect(transaction?.entityCount).toBe(3);
  expect((await server.run(ENTITY, { id: inTrash.id })).entity?.isDeleted).toBe(false);
  expect(await listRows(server)).toHaveLength(before + 2);
});

// Seen: the third of five inputs had too long a label, and its message named `input.label`, which no argument is.
test("names the argument of the very input that is wrong", async () => {
  const files = await makeJpegs(5);
  const { createCollection } = await server.run(CREATE_COLLECTION, { input: { label: "gone" } });
  const parentId = createCollection.entity.id;
  await server.run(SOFT_DELETE, { id: parentId });
  const inputs = [
    { file: null },
    { file: null, label: "x".repeat(2_000) },
    { file: null, description: "x".repeat(200_000) },
    { file: null, md5: "no MD5" },
    { file: null, parentId },
  ];
  const { uploadEntities } = await server.run(UPLOAD_MANY, { inputs }, partsOf(files));
  expect(uploadEntities.results.map(({ message }) => message?.split(":")[0])).toEqual([
    ...[undefined, "inputs.1.label", "inputs.2.description", "inputs.3.md5", "inputs.4.parentId"],
  ]);
});

describe("the same bytes twice in one batch", () => {
  test("become one entity, and the others are duplicates of it", async () => {
    const bytes = await makePng();
    const { uploadEntities } = await server.run(
      UPLOAD_MANY,
      { inputs: [{ file: null }, { file: null }, { file: null, onDuplicate: "RETURN_EXISTING" }] },
      partsOf([bytes, bytes, bytes]),
    );
    const { results, transaction, ...counts } = uploadEntities;
    expect(results.map(({ status, code }) => code ?? status)).toEqual([
      ...["CREATED", "DUPLICATE_FILE", "DUPLICATE"],
    ]);
    expect(new Set(results.map(({ entity }) => entity?.id)).size).toBe(1);
    expect(counts).toEqual({ created: 1, duplicates: 2, failed: 0 });
    expect(transaction?.entityCount).toBe(1);
  });

  test("are stored though the first of them is refused", async () => {
    const bytes = await makePng();
    const inputs = [{ file: null, parentId: "999999" }, { file: null, md5: "0".repeat(32) }, { file: null }];
    const { uploadEntities } = await server.run(UPLOAD_MANY, { inputs }, partsOf([bytes, bytes, bytes]));
    expect(uploadEntities.results.map(({ status }) => status)).toEqual(["FAILED", "FAILED", "CREATED"]);
  });
});

test("writes no transaction when there was nothing to write", async () => {
  const bytes = await makeJpeg();
  await upload(server, bytes);
  const inputs = [{ file: null }, { file: null }];
  const answer = await server.run(UPLOAD_MANY, { inputs }, partsOf([bytes, Buffer.from("words")]));
  expect(answer.uploadEntities).toMatchObject({ created: 0, duplicates: 1, failed: 1, transaction: null });
  const none = await server.run(UPLOAD_MANY, { inputs: [] });
  expect(none.uploadEntities).toMatchObject({ created: 0, results: [], transaction: null });
});

// Mutations run one after another, parts come one after another: a server that reads a part only when its
// own mutation asks waits forever for the first one's, which lies behind the second one's.
test("serves two mutations of one request whose parts come in the opposite order", async () => {
  const [a, b] = [await makeJpeg(), await makeJpeg()];
  const variables = { a: { file: null, label: "a" }, b: { file: null, label: "b" } };
  const parts = [
    { at: "b.file", bytes: b },
    { at: "a.file", bytes: a },
  ];
  const { first, second } = await server.run(UPLOAD_TWICE, variables, parts);
  expect([first.entity.md5, second.entity.md5]).toEqual([md5Of(a), md5Of(b)]);
  expect([first.entity.label, second.entity.label]).toEqual(["a", "b"]);
});

test("refuses more files than UPLOAD_FILES_MAX, and stores none of them", async () => {
  const small = await startServer({ env: { UPLOAD_FILES_MAX: "3" } });
  const files = await makeJpegs(4);
  const inputs = files.map(() => ({ file: null }));
  const { status, errors } = await small.ask(UPLOAD_MANY, { inputs }, partsOf(files));
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
  expect(await small.listFiles()).toEqual([]);
  const three = await small.run(UPLOAD_MANY, { inputs: inputs.slice(1) }, partsOf(files.slice(1)));
  expect(three.uploadEntities.created).toBe(3);
});
