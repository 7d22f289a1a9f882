import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpuFloorMs, cpuMsOfProcess } from "../support/cpu.ts";
import {
  field,
  file,
  map,
  multipart,
  normalUpload,
  operations,
  post,
  RawClient,
  uploadOne,
  type RawPart,
} from "./raw.ts";

let child: ChildProcess;
let url: string;
let stagingDir: string;
let floorMs: number;

beforeAll(async () => {
  child = spawn(process.execPath, ["--import", "tsx", "tests/server/child.ts"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  ({ url, stagingDir } = JSON.parse(line) as { url: string; stagingDir: string });
  floorMs = await cpuFloorMs();
});

afterAll(async () => {
  child.stdin!.end();
  if (child.exitCode === null) await once(child, "exit");
});

interface Case {
  readonly name: string;
  readonly bytes: Buffer;
  readonly status: number | readonly number[];
  readonly code?: string | undefined;
  /** In the answer's body. */
  readonly says?: string;
  /** The client closes after its last byte, as one that crashed. */
  readonly isGone?: boolean;
}

const ops = operations(uploadOne, { file: null });
const oneMap = map({ 0: ["variables.file"] });
const oneFile = file("0", "hello");

const form = (
  name: string,
  parts: readonly RawPart[],
  status: Case["status"] = 400,
  more: Partial<Case> = {},
): Case => ({
  name,
  bytes: post(multipart(parts)),
  status,
  code: "BAD_USER_INPUT",
  ...more,
});

const mapped = (name: string, value: unknown, status: Case["status"] = 400): Case =>
  form(`a map ${name}`, [ops, map(value), oneFile], status);

const typed = (name: string, contentType: string, boundary: string, status: number): Case => ({
  name: `a boundary ${name}`,
  bytes: post(multipart([ops, oneMap, oneFile], boundary), { "Content-Type": contentType }),
  status,
  ...(status === 200 ? { says: "a.jpg|5|" } : { code: "BAD_USER_INPUT" }),
});

const cut = (name: string, parts: readonly RawPart[], more: Partial<Case> = {}): Case => ({
  name,
  bytes: post(multipart(parts, "b", true)),
  status: 400,
  code: "UPLOAD_ABORTED",
  ...more,
});

const head = (disposition: string, more = "") => `Content-Disposition: form-data; ${disposition}${more}`;
const named = (disposition: string, more = ""): RawPart => ({
  head: head(`name="0"; ${disposition}`, more),
  body: "hello",
});

const cases: readonly Case[] = [
  // The map (paths that lead anywhere but to a null in the variables).
  mapped("that is a number", 7),
  mapped("that is a string", "variables.file"),
  mapped("that is null", null),
  mapped("that is an array", [["variables.file"]]),
  mapped("whose value is no array", { 0: "variables.file" }),
  mapped("whose value is an empty array", { 0: [] }),
  mapped("whose path is an object", { 0: [{}] }),
  mapped("whose path is empty", { 0: [""] }),
  mapped("to the query", { 0: ["query"] }),
  mapped("to the operation's name", { 0: ["operationName"] }),
  mapped("to all variables", { 0: ["variables"] }),
  mapped("to a variable that does not exist", { 0: ["variables.other"] }),
  mapped("through __proto__", { 0: ["variables.__proto__.x"] }),
  mapped("to __proto__", { 0: ["__proto__.x"] }),
  mapped("through a constructor", { 0: ["variables.constructor.prototype.x"] }),
  mapped("to Object's toString", { 0: ["toString.call"] }),
  mapped("to Object's hasOwnProperty", { 0: ["variables.hasOwnProperty.call"] }),
  mapped("to String's split", { 0: ["query.split.call"] }),
  mapped("that names a path twice", { 0: ["variables.file", "variables.file"] }),
  mapped("that names a path for two files", { 0: ["variables.file"], 1: ["variables.file"] }),
  mapped(
    "of 10,000 entries",
    Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [i, ["variables.file"]])),
    413,
  ),
  mapped(
    "of 40,000 paths for one file",
    { 0: Array.from({ length: 40_000 }, (_, i) => `variables.f${i}`) },
    413,
  ),
  mapped("with a path of 100,000 keys", { 0: [`variables${".a".repeat(100_000)}`] }),
  form("a map that is not JSON", [ops, field("map", "{"), oneFile]),
  form("a path over an array's length", [
    operations("mutation($files: [Upload]) { batch(files: $files) }", { files: [null] }),
    map({ 0: ["variables.files.length"] }),
    oneFile,
  ]),

  // The operations.
  form("operations that are null", [field("operations", "null"), oneMap, oneFile]),
  form("operations that are a string", [field("operations", '"{hello}"'), oneMap, oneFile]),
  form("operations that are a batch", [
    field("operations", `[${ops.body.toString()}]`),
    map({ 0: ["0.variables.file"] }),
    oneFile,
  ]),
  form("operations that are not JSON", [field("operations", "{"), oneMap, oneFile]),
  form("operations nested 100,000 deep", [field("operations", "[".repeat(100_000)), oneMap, oneFile]),
  form("operations of 2 MB", [operations("x".repeat(2_000_000), {}), oneMap, oneFile], 413),
  form("operations without a query", [field("operations", '{"variables":{"file":null}}'), oneMap, oneFile]),
  form(
    "a document nested too deep",
    [operations("{a".repeat(20_000), { file: null }), oneMap, oneFile],
    400,
    { code: "QUERY_TOO_COMPLEX" },
  ),
  form("a document that is not valid", [
    operations("mutation($file: Upload!) { nope(file: $file) }", { file: null }),
    oneMap,
    oneFile,
  ]),
  form("a variable sent as plain text", [operations(uploadOne, { file: "hello" }), map({})]),
  form("a variable sent as an object", [operations(uploadOne, { file: { receive: true } }), map({})]),

  // The order of the parts.
  form("files before the map", [ops, oneFile, oneMap]),
  form("files before everything", [oneFile, ops, oneMap]),
  form("a map before the operations", [oneMap, ops, oneFile]),
  form("another field before the operations", [field("x", "y"), ops, oneMap, oneFile]),
  form("operations twice", [ops, ops, oneMap, oneFile]),
  form("a map twice", [ops, oneMap, oneMap, oneFile]),
  form("a third field", [ops, oneMap, field("x", "y"), oneFile]),
  form("a file sent as a plain field", [ops, oneMap, field("0", "hello")]),
  form("no parts at all", []),
  form("no map", [ops]),
  form("no operations", [field("x", "y")]),
  form("a missing file", [ops, oneMap], 400, {
    says: String.raw`The file part \"0\", which the multipart field \"map\" names for \"variables.file\", is missing`,
  }),
  form("a file nobody named, first", [ops, oneMap, file("9", "x"), oneFile], 400, {
    says: String.raw`The file part \"9\" came twice, or the multipart field \"map\" does not name it`,
  }),
  form("a missing file of a long name", [ops, map({ ["<".repeat(3_000)]: ["variables.file"] })]),
  form("a file nobody named, of a long name", [ops, oneMap, file("\u001b".repeat(3_000), "x")]),
  form("a file nobody named, of 3 MB, first", [ops, oneMap, file("9", "x".repeat(3_000_000)), oneFile]),
  form("a file that comes twice", [
    operations("mutation($a: Upload, $b: Upload) { pair(a: $a, b: $b) }", { a: null, b: null }),
    map({ 0: ["variables.a"], 1: ["variables.b"] }),
    oneFile,
    oneFile,
    file("1", "x"),
  ]),
  form("5,000 files nobody named", [ops, oneMap, ...Array.from({ length: 5_000 }, () => file("9", "x"))]),
  form(
    "endless bytes that belong to no part",
    [ops, oneMap, { head: "X: y", body: "x".repeat(4_000_000) }, oneFile],
    400,
  ),

  // The heads of the parts.
  form("a NUL in a file's name", [ops, oneMap, named('filename="a\0b.jpg"')]),
  form("a bare CR in a file's name", [ops, oneMap, named('filename="a\rX: y"')]),
  form("a bare LF in a file's name", [ops, oneMap, named('filename="a\nX: y"')]),
  form("a file's name of 60,000 characters", [ops, oneMap, named(`filename="${"a".repeat(60_000)}"`)]),
  form("a part's head of 20 KB", [ops, oneMap, named('filename="a"', `\r\nX: ${"y".repeat(20_000)}`)]),
  form("a part's head of 3,000 headers", [ops, oneMap, named('filename="a"', "\r\nX: y".repeat(3_000))]),
  form("a broken head before anything else", [{ head: "\0", body: "" }, ops, oneMap, oneFile]),
  form("a broken head after the file", [ops, oneMap, oneFile, { head: "\0: x", body: "" }], [200, 400], {
    code: undefined,
  }),
  form("a part's header named __proto__", [ops, oneMap, named('filename="a.jpg"', "\r\n__proto__: x")], 200, {
    says: "a.jpg|5|",
    code: undefined,
  }),
  form("a CRLF in an encoded name", [ops, oneMap, named("filename*=UTF-8''a%0d%0aX-Injected%3A%201")], 200, {
    says: "X-Injected",
    code: undefined,
  }),
  form(
    "an empty file's name",
    [ops, oneMap, named('filename=""', "\r\nContent-Type: application/octet-stream")],
    200,
    { says: '"|5|', code: undefined },
  ),
  form(
    "no file's name",
    [ops, oneMap, { head: head('name="0"', "\r\nContent-Type: application/octet-stream"), body: "hello" }],
    200,
    { says: '"|5|', code: undefined },
  ),

  // The body's end, and its boundary.
  cut("a body without its last boundary", [ops, oneMap, oneFile]),
  cut("a body that ends in the operations", [{ head: head('name="operations"'), body: "{" }], {
    code: "BAD_USER_INPUT",
  }),
  cut("3,000 parts, the last one cut short", [
    ops,
    oneMap,
    ...Array.from({ length: 3_000 }, () => ({ head: "X: y", body: "z" })),
  ]),
  {
    name: "a client that is gone in mid-file",
    bytes: normalUpload("x".repeat(100_000)).subarray(0, -50_000),
    status: 0,
    isGone: true,
  },
  {
    name: "a client that is gone in the map",
    bytes: normalUpload().subarray(0, -120),
    status: 0,
    isGone: true,
  },
  {
    name: "a client that falls silent in mid-file",
    bytes: normalUpload("x".repeat(100_000)).subarray(0, -50_000),
    status: 400,
    code: "UPLOAD_ABORTED",
  },
  {
    name: "a client that falls silent in the map",
    bytes: normalUpload().subarray(0, -120),
    status: 400,
    code: "UPLOAD_ABORTED",
  },
  typed("of 70 characters", `multipart/form-data; boundary=${"x".repeat(70)}`, "x".repeat(70), 200),
  typed("in quotes", 'multipart/form-data; boundary="a b"', "a b", 200),
  typed("of 71 characters", `multipart/form-data; boundary=${"x".repeat(71)}`, "x".repeat(71), 400),
  typed("of 252 characters", `multipart/form-data; boundary=${"x".repeat(252)}`, "x".repeat(252), 400),
  typed("of no characters", "multipart/form-data; boundary=", "", 400),
  typed("of no characters in quotes", 'multipart/form-data; boundary=""', "", 400),
  typed("in quotes that do not end", 'multipart/form-data; boundary="b', "b", 400),
  typed("that is missing", "multipart/form-data", "b", 400),
  typed("that is not the body's", "multipart/form-data; boundary=c", "b", 400),
];

/** What holds after every case: the same process, serving, not kept busy, with nothing left in staging. */
async function expectHealthy(cpuMsBefore: number) {
  expect(child.exitCode).toBeNull();
  const client = await RawClient.open(url);
  await client.send(normalUpload());
  const answer = await client.answer();
  client.close();
  expect(answer?.body).toContain("a.jpg|5|5d41402abc4b2a76b9719d911017c592");
  expect(cpuMsOfProcess(child.pid!) - cpuMsBefore).toBeLessThan(20 * floorMs);
  await expect.poll(() => readdir(stagingDir)).toEqual([]);
}

describe("a multipart request", () => {
  test.each(cases)("with $name", async ({ bytes, status, code, says, isGone }) => {
    const cpuMsBefore = cpuMsOfProcess(child.pid!);
    const client = await RawClient.open(url);
    void client.send(bytes);
    if (isGone) {
      await client.send("");
      client.socket.destroySoon();
    } else {
      const answer = await client.answer();
      expect(answer).toBeDefined();
      expect([status].flat()).toContain(answer!.status);
      // Nothing of what was sent comes back in bulk, nothing of our files ever.
      expect(answer!.body.length).toBeLessThan(1000);
      expect(answer!.body).not.toMatch(/node_modules|\.ts:|\.js:/);
      if (code != null) {
        const { errors } = JSON.parse(answer!.body) as { errors: { extensions: { code: string } }[] };
        expect(errors.map(({ extensions }) => extensions.code)).toEqual([code]);
      }
      if (says != null) expect(answer!.body).toContain(says);
    }
    client.close();
    await expectHealthy(cpuMsBefore);
  });
});
