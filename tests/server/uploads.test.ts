import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { closeGate, gate, startServer, type Fixture } from "./fixture.ts";
import { file, map, multipart, normalUpload, operations, post, RawClient, uploadOne } from "./raw.ts";

let server: Fixture;

afterEach(async () => {
  gate.open();
  await server.close();
});

interface Reply {
  data: Record<string, unknown> | null;
  errors?: { message: string; path?: string[]; extensions: { code: string } }[];
}

/** Sends files the way a browser does; `variables` come with nulls where the files go. */
async function upload(
  query: string,
  variables: unknown,
  paths: Record<string, string[]>,
  contents: readonly string[],
) {
  const form = new FormData();
  form.append("operations", JSON.stringify({ query, variables }));
  form.append("map", JSON.stringify(paths));
  contents.forEach((content, index) => {
    form.append(String(index), new Blob([content]), `${index}.jpg`);
  });
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    body: form,
    headers: { "apollo-require-preflight": "1" },
  });
  return { status: response.status, ...((await response.json()) as Reply) };
}

const batch = "mutation($files: [Upload]) { batch(files: $files) }";
const pair = "mutation($a: Upload, $b: Upload) { pair(a: $a, b: $b) }";
const md5 = (content: string) => createHash("md5").update(content).digest("hex");

const uploadBatch = (contents: readonly string[]) =>
  upload(
    batch,
    { files: contents.map(() => null) },
    Object.fromEntries(contents.map((_, index) => [index, [`variables.files.${index}`]])),
    contents,
  );

describe("the files of a request", () => {
  test("may be asked for in another order than they were sent", async () => {
    server = await startServer();
    const large = "x".repeat(500_000);
    const { data } = await upload(pair, { a: null, b: null }, { 0: ["variables.b"], 1: ["variables.a"] }, [
      large,
      "y",
    ]);
    expect(data).toEqual({ pair: `1.jpg|1|${md5("y")} 0.jpg|500000|${md5(large)}` });
    expect(await server.staged()).toEqual([]);
  });

  test("may each go to several variables", async () => {
    server = await startServer();
    const { data } = await upload(pair, { a: null, b: null }, { 0: ["variables.a", "variables.b"] }, ["x"]);
    expect(data).toEqual({ pair: `0.jpg|1|${md5("x")} 0.jpg|1|${md5("x")}` });
  });

  test("survive one among them that is too large", async () => {
    server = await startServer({ UPLOAD_BYTES_MAX: "1000000" });
    const largest = "y".repeat(1_000_000);
    const { status, data } = await uploadBatch(["a", "x".repeat(1_900_000), largest, `${largest}z`, "c"]);
    expect(status).toBe(200);
    const [first, ...others] = (data as { batch: string[] }).batch;
    expect(first).toBe(`0.jpg|1|${md5("a")}`);
    expect(others).toEqual([
      "FILE_TOO_LARGE",
      `2.jpg|1000000|${md5(largest)}`,
      "FILE_TOO_LARGE",
      `4.jpg|1|${md5("c")}`,
    ]);
    expect(await server.staged()).toEqual([]);
  });

  test("do not survive one that is endless", async () => {
    server = await startServer({ UPLOAD_BYTES_MAX: "100000" });
    const { data } = await uploadBatch(["a", "x".repeat(70_000_000), "c"]);
    expect(data).toEqual({ batch: [`0.jpg|1|${md5("a")}`, "FILE_TOO_LARGE", "UPLOAD_ABORTED"] });
    expect(await server.staged()).toEqual([]);
  });

  // Those behind a file of more than twice the limit were lost with it.
  test("survive one that is many times too large", async () => {
    server = await startServer({ UPLOAD_BYTES_MAX: "1000" });
    const { data } = await uploadBatch(["a", "x".repeat(12_000_000), "c"]);
    expect(data).toEqual({
      batch: [`0.jpg|1|${md5("a")}`, "FILE_TOO_LARGE", `2.jpg|1|${md5("c")}`],
    });
    expect(await server.staged()).toEqual([]);
  });

  test("arrive whole, however slow the disk is", async () => {
    server = await startServer(
      { UPLOAD_IDLE_TIMEOUT_MS: "100" },
      { stage: { pause: () => new Promise((resolve) => setTimeout(resolve, 60)) } },
    );
    // Slower in all than the limit for silence: the client is silent only because nobody reads.
    const content = "x".repeat(400_000);
    const { data } = await uploadBatch([content]);
    expect(data).toEqual({ batch: [`0.jpg|400000|${md5(content)}`] });
  });

  test("are not stored when the document is wrong", async () => {
    let stagings = 0;
    const onStart = () => {
      stagings++;
    };
    server = await startServer({}, { stage: { onStart } });
    const query = "mutation($file: Upload!) { upload(file: $file) nope }";
    const { status, errors } = await upload(query, { file: null }, { 0: ["variables.file"] }, [
      "x".repeat(200_000),
    ]);
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(stagings).toBe(0);
  });

  test("are dropped when no resolver asks for them", async () => {
    server = await startServer();
    const query = "mutation($file: Upload!) { ignore(file: $file) }";
    const { status, data } = await upload(query, { file: null }, { 0: ["variables.file"] }, [
      "x".repeat(5_000_000),
    ]);
    expect({ status, data }).toEqual({ status: 200, data: { ignore: "ignored" } });
    expect(await server.staged()).toEqual([]);
  });

  test("are refused beyond their greatest number", async () => {
    server = await startServer({ UPLOAD_FILES_MAX: "3" });
    expect((await uploadBatch(["a", "b", "c"])).status).toBe(200);
    const { status, errors } = await uploadBatch(["a", "b", "c", "d"]);
    expect(status).toBe(413);
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  test("are distinguished from objects that only look like them", async () => {
    server = await startServer();
    const response = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: uploadOne, variables: { file: { receive: "x" } } }),
    });
    expect(response.status).toBe(400);
    expect(((await response.json()) as Reply).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  test("leave nothing in staging when the client goes away in their middle", async () => {
    server = await startServer();
    const bytes = normalUpload("x".repeat(500_000));
    const client = await RawClient.open(server.url);
    await client.send(bytes.subarray(0, 300_000));
    await expect.poll(() => server.staged()).toHaveLength(1);
    client.close();
    await expect.poll(() => server.staged()).toEqual([]);
    await expect.poll(() => server.logged.at(-1)).toContain('"isAborted":true');
  });

  test("end when the client falls silent, and the connection with them", async () => {
    server = await startServer({ UPLOAD_IDLE_TIMEOUT_MS: "100" });
    const client = await RawClient.open(server.url);
    await client.send(normalUpload("x".repeat(500_000)).subarray(0, 300_000));
    const answer = await client.answer();
    expect(answer?.status).toBe(400);
    expect(answer?.headers.get("connection")).toBe("close");
    expect(answer?.body).toContain("UPLOAD_ABORTED");
    expect(await server.staged()).toEqual([]);
    client.close();
  });
});

describe("a connection that is kept alive", () => {
  test("takes one upload after the other", async () => {
    server = await startServer();
    const client = await RawClient.open(server.url);
    for (const content of ["a", "x".repeat(300_000), "c"]) {
      await client.send(normalUpload(content));
      expect((await client.answer())?.body).toContain(`|${content.length}|${md5(content)}`);
    }
    client.close();
  });

  test("is kept after a small request that was refused", async () => {
    server = await startServer();
    const client = await RawClient.open(server.url);
    for (let turn = 0; turn < 3; turn++) {
      await client.send(
        post(Buffer.from("hello"), { "Content-Type": "text/plain", "x-graphql-yoga-csrf": null }),
      );
      expect((await client.answer())?.status).toBe(403);
    }
    client.close();
  });

  test("is closed, and the answer still read, when the answer comes before the end of the request", async () => {
    server = await startServer({ UPLOAD_BYTES_MAX: "1000" });
    const client = await RawClient.open(server.url);
    const body = multipart([
      operations(uploadOne, { file: null }),
      map({ 0: ["variables.file"] }),
      file("0", "x".repeat(9_000_000)),
    ]);
    // Behind it the next request, as from a pool of connections: it must not be taken for part of the body, nor answered.
    const sent = client.send(Buffer.concat([post(body), normalUpload()]));
    const answer = await client.answer();
    expect(answer?.status).toBe(413);
    expect(answer?.headers.get("connection")).toBe("close");
    expect(answer?.body).toContain("FILE_TOO_LARGE");
    expect(await client.answer()).toBeUndefined();
    expect(await sent).toBe(true);
  });

  test("is cut when the client never stops sending", async () => {
    server = await startServer({ UPLOAD_BYTES_MAX: "1000", UPLOAD_REQUEST_BYTES_MAX: String(10 ** 13) });
    const client = await RawClient.open(server.url);
    const start = multipart(
      [operations(uploadOne, { file: null }), map({ 0: ["variables.file"] }), file("0", "x".repeat(9_000))],
      "b",
      true,
    );
    await client.send(post(start, { "Content-Length": String(10 ** 12) }));
    const megabyte = Buffer.alloc(1024 * 1024, "x");
    let megabytes = 0;
    while (megabytes < 1000 && (await client.send(megabyte))) megabytes++;
    await client.closed();
    expect(megabytes).toBeLessThan(200);
    expect((await client.answer())?.body).toContain("FILE_TOO_LARGE");
  });
});

describe("an upload that waits for its turn", () => {
  test("is not taken for a silent client", async () => {
    server = await startServer({ UPLOAD_IDLE_TIMEOUT_MS: "100" });
    closeGate();
    const query = "mutation($file: Upload!) { uploadAfterGate(file: $file) }";
    const content = "x".repeat(900_000);
    const waiting = upload(query, { file: null }, { 0: ["variables.file"] }, [content]);
    setTimeout(gate.open, 350);
    expect((await waiting).data).toEqual({ uploadAfterGate: `0.jpg|900000|${md5(content)}` });
  });
});
