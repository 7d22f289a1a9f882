import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer, type Fixture } from "./fixture.ts";
import { file, map, multipart, operations, post, RawClient, uploadOne } from "./raw.ts";

let server: Fixture;
beforeAll(async () => {
  server = await startServer({
    HEADERS_TIMEOUT_MS: "400",
    BODY_TIMEOUT_MS: "400",
    UPLOAD_IDLE_TIMEOUT_MS: "400",
  });
});
afterAll(() => server.close());

const start = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const body = '{"query":"mutation{touch}"}';
const length = `Content-Length: ${body.length}\r\n`;
/** What a request hidden in another one would do. */
const hidden = `${start}${length}\r\n${body}`;

async function everyAnswer(client: RawClient) {
  const answers = [];
  for (let answer = await client.answer(); answer != null; answer = await client.answer())
    answers.push(answer);
  return answers;
}

/** Sends it all, and the connection must end behind one answer. */
async function onlyAnswer(bytes: string | Buffer) {
  const client = await RawClient.open(server.url);
  await client.send(bytes);
  const [answer, ...others] = await everyAnswer(client);
  expect(others).toEqual([]);
  return { ...answer, code: /"code":"(\w+)"/.exec(answer?.body ?? "")?.[1] };
}

describe("what is no request is answered once, with a code, and the connection ends", () => {
  test.each<[what: string, bytes: string, status?: number]>([
    ["nonsense", "hello\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a length that is negative", `${start}Content-Length: -5\r\n\r\n${body}${hidden}`],
    ["a length with a sign", `${start}Content-Length: +5\r\n\r\n${body}${hidden}`],
    ["a length in hexadecimal", `${start}Content-Length: 0x1b\r\n\r\n${body}${hidden}`],
    [
      "a length beyond all numbers",
      `${start}Content-Length: 99999999999999999999999\r\n\r\n${body}${hidden}`,
    ],
    ["two lengths", `${start}${length}Content-Length: 5\r\n\r\n${body}${hidden}`],
    ["two lengths that agree", `${start}${length}${length}\r\n${body}${hidden}`],
    ["two lengths in one line", `${start}Content-Length: 5, 5\r\n\r\n${body}${hidden}`],
    ["a length, then chunks", `${start}${length}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    [
      "chunks, then a length",
      `${start}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${hidden}`,
    ],
    [
      "chunks that are not the last encoding",
      `${start}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
    ],
    ["an encoding nobody knows", `${start}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
    [
      "chunks twice",
      `${start}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    ],
    ["chunks behind a tab", `${start}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${hidden}`],
    ["a blank before the colon", `${start}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ["a folded header", `${start}X: a\r\n b\r\n${length}\r\n${body}`],
    ["a bare line feed", `${start.replaceAll("\r\n", "\n")}${length}\n${body}`],
    ["a bare carriage return", `${start}X: a\rTransfer-Encoding: chunked\r\n${length}\r\n${body}`],
    ["a NUL in a header", `${start}X: a\0b\r\n${length}\r\n${body}`],
    ["a chunk whose size is no number", `${start}Transfer-Encoding: chunked\r\n\r\nxyz\r\n${hidden}`],
    [
      "a chunk whose size is beyond all numbers",
      `${start}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${hidden}`,
    ],
    [
      "a chunk longer than it says",
      `${start}Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n${hidden}`,
    ],
    ["a header of 20 KB", `${start}X: ${"y".repeat(20_000)}\r\n\r\n`, 431],
    ["a path of 20 KB", `GET /${"y".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    [
      "chunks with extensions of 20 KB",
      `${start}Transfer-Encoding: chunked\r\n\r\n1;${"y".repeat(20_000)}\r\n{\r\n0\r\n\r\n`,
      413,
    ],
  ])("%s", async (_what, bytes, status = 400) => {
    const answer = await onlyAnswer(Buffer.from(bytes, "latin1"));
    expect(answer).toMatchObject({ status, code: "BAD_USER_INPUT" });
    expect(answer.headers?.get("connection")).toBe("close");
  });

  test("a request hidden behind the length of the one before is nothing but its body", async () => {
    const client = await RawClient.open(server.url);
    const outer = body.padEnd(200);
    await client.send(`${start}Content-Length: ${outer.length + hidden.length}\r\n\r\n${outer}${hidden}`);
    expect((await client.answer())?.status).toBe(400);
    await client.send(hidden);
    expect((await client.answer())?.body).toContain("touched");
    client.close();
  });

  test("a length that is too small leaves something that is no request", async () => {
    const client = await RawClient.open(server.url);
    await client.send(`${start}Content-Length: ${body.length}\r\n\r\n${body}trailing garbage\r\n\r\n`);
    const [first, second, ...others] = await everyAnswer(client);
    expect([first?.status, second?.status, others]).toEqual([200, 400, []]);
    expect(second?.body).toContain('"code":"BAD_USER_INPUT"');
  });
});

describe("a request", () => {
  const askWith = async (version: string, lines: string) => {
    const client = await RawClient.open(server.url);
    await client.send(
      `POST /graphql HTTP/${version}\r\n${lines}Content-Type: application/json\r\n${length}\r\n${body}`,
    );
    const answer = await client.answer();
    client.close();
    return answer;
  };

  test("names one host", async () => {
    for (const lines of [
      "",
      "Host: localhost\r\nHost: localhost\r\n",
      "Host: localhost\r\nHOST: evil.example\r\n",
    ]) {
      const answer = await askWith("1.1", lines);
      expect(answer?.status).toBe(400);
      expect(answer?.body).toContain('"code":"BAD_USER_INPUT"');
    }
    expect((await askWith("1.1", "Host: localhost\r\n"))?.status).toBe(200);
    expect((await askWith("1.0", ""))?.status).toBe(200);
  });
});

describe("a request that does not come to its end", () => {
  test.concurrent.each<[what: string, bytes: string | Buffer, status: number]>([
    ["a header", "POST /graphql HTTP/1.1\r\nHost: loc", 408],
    ["not a byte", "", 408],
    ["empty lines", "\r\n\r\n\r\n", 408],
    ["a body shorter than its length", `${start}Content-Length: 1000\r\n\r\n${body}`, 408],
    ["a chunk", `${start}Transfer-Encoding: chunked\r\n\r\n5\r\n{"qu`, 408],
    [
      "an upload",
      post(
        multipart(
          [operations(uploadOne, { file: null }), map({ 0: ["variables.file"] }), file("0", "hel")],
          "b",
          true,
        ),
        {
          "Content-Length": "5000",
        },
      ),
      400,
    ],
  ])("is ended in time, with a code: %s", async (_what, bytes, status) => {
    expect(await onlyAnswer(bytes)).toMatchObject({ status, code: "UPLOAD_ABORTED" });
    expect(await server.staged()).toEqual([]);
  });

  test("is no better for a byte now and then", async () => {
    const client = await RawClient.open(server.url);
    await client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n");
    const trickle = setInterval(() => void client.send("X: y\r\n"), 50);
    expect((await client.answer())?.status).toBe(408);
    clearInterval(trickle);
    await client.closed();
  });
});

describe("an expectation", () => {
  test("of 100-continue is met where the body is wanted", async () => {
    const client = await RawClient.open(server.url);
    await client.send(`${start}${length}Expect: 100-continue\r\n\r\n`);
    expect((await client.answer())?.status).toBe(100);
    await client.send(body);
    expect((await client.answer())?.body).toContain("touched");
    client.close();
  });

  test("is answered at once where the body is refused for its size", async () => {
    const client = await RawClient.open(server.url);
    await client.send(`${start}Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n`);
    const answer = await client.answer();
    expect(answer?.status).toBe(413);
    client.close();
  });

  test("of anything else is 417", async () => {
    const client = await RawClient.open(server.url);
    await client.send(`${start}${length}Expect: the-unexpected\r\n\r\n${body}`);
    const answer = await client.answer();
    expect(answer?.status).toBe(417);
    expect(answer?.body).toContain('"code":"BAD_USER_INPUT"');
    expect(answer?.headers.get("x-content-type-options")).toBe("nosniff");
    client.close();
  });
});
