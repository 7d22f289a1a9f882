import { once } from "node:events";
import { mkdtemp, open, realpath, rm, truncate, writeFile } from "node:fs/promises";
import { get as httpGet, request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { parse } from "content-disposition";
import fc from "../support/fast-check.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StorageFullError } from "../../src/errors.ts";
import { parseRange } from "../../src/server/files/byte-range.ts";
import type { Download } from "../../src/library/originals/download.ts";
import { openStored } from "../../src/storage/local/stored-file.ts";
import { listOpenFiles } from "../support/open-files.ts";
import { startServer, type Fixture } from "./fixture.ts";
import { RawClient } from "./raw.ts";

const etag = `"${"a".repeat(64)}"`;
const GiB = 1024 ** 3;

let server: Fixture;
let dir: string;
let download: Download;
let opened: number;

type Told = Partial<Omit<Download, "name">> & { readonly name?: string | null };

/** A server with one file, `/files/one`, which may be told to be otherwise. */
async function start(
  bytes: Buffer,
  { name = "one.png", ...told }: Told = {},
  env: Record<string, string> = {},
) {
  dir = await realpath(await mkdtemp(join(tmpdir(), "colan-")));
  opened = 0;
  await writeFile(join(dir, "one"), bytes);
  download = {
    ...{ mimeType: "image/png", etag, name: () => Promise.resolve(name), isAttachment: false },
    open: () => {
      opened++;
      return openStored(dir, "one");
    },
    ...told,
  };
  // Files that were sent have their line at this level only: a page of thumbnails would bury everything else.
  server = await startServer(
    { LOG_LEVEL: "debug", ...env },
    {
      downloads: { files: (path) => (path === "/files/one" ? download : undefined) },
    },
  );
}

afterEach(async () => {
  await server.close();
  // Whatever a client did, nothing stays open.
  await expect.poll(() => listOpenFiles(dir)).toEqual([]);
  await rm(dir, { recursive: true, force: true });
});

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer's head, its body still to be read; `fetch` would change paths and headers. */
async function begin({ method = "GET", path = "/files/one", headers = {} }: Asked = {}) {
  const req = request(server.url, { method, path, headers, agent: false }).end();
  const [res] = (await once(req, "response")) as [IncomingMessage];
  return res;
}

async function ask(asked: Asked = {}) {
  const res = await begin(asked);
  const body = await buffer(res);
  return { status: res.statusCode, headers: res.headers, body };
}

/** Without what is new in each answer. */
const lasting = (headers: IncomingHttpHeaders) => ({ ...headers, date: "", "x-request-id": "" });

const codeOf = ({ body }: { body: Buffer }) =>
  (JSON.parse(body.toString()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

const digits = Buffer.from("0123456789");

describe("a file", () => {
  beforeEach(() => start(digits));

  test("comes whole, cacheable forever, and with nothing a browser could run", async () => {
    const { status, headers, body } = await ask();
    expect(status).toBe(200);
    expect(body.toString()).toBe("0123456789");
    expect(headers).toMatchObject({
      "content-type": "image/png",
      "content-length": "10",
      "accept-ranges": "bytes",
      etag,
      "cache-control": "public, max-age=31536000, immutable",
      "content-disposition": "inline; filename=one.png",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-site",
    });
    expect(headers["content-security-policy"]).toBe("default-src 'none'; sandbox");
    expect(headers["last-modified"]).toBeUndefined();
  });

  // Seen in Chromium 156: with the policy of pictures it shows a player that never plays.
  test("may ask for itself when it is played, and for nothing else", async () => {
    for (const mimeType of ["video/mp4", "audio/mpeg"]) {
      download = { ...download, mimeType };
      const policy = "default-src 'none'; media-src 'self'; sandbox allow-same-origin";
      expect((await ask()).headers["content-security-policy"]).toBe(policy);
      download = { ...download, isAttachment: true };
      expect((await ask()).headers["content-security-policy"]).toBe("default-src 'none'; sandbox");
      download = { ...download, isAttachment: false };
    }
  });

  test("has the same head for HEAD, and no ranges there", async () => {
    const { headers } = await ask();
    for (const asked of [{}, { headers: { range: "bytes=0-3" } }]) {
      const head = await ask({ method: "HEAD", ...asked });
      expect(head.status).toBe(200);
      expect(head.body).toHaveLength(0);
      expect(lasting(head.headers)).toEqual(lasting(headers));
    }
  });

  test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])(
    "cannot be asked for with %s",
    async (method) => {
      const answer = await ask({ method });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe("GET, HEAD");
      expect(codeOf(answer)).toBe("BAD_USER_INPUT");
      expect(opened).toBe(0);
    },
  );

  test.each([etag, `W/${etag}`, "*", ` "x", ${etag} , "y"`, `"x",W/${etag}`])(
    "is not sent again, nor even opened, for If-None-Match: %s",
    async (known) => {
      for (const method of ["GET", "HEAD"]) {
        const headers = { "if-none-match": known, range: "bytes=0-1" };
        const answer = await ask({ method, headers });
        expect([answer.status, answer.body.length]).toEqual([304, 0]);
        expect(answer.headers).toMatchObject({
          etag,
          "cache-control": "public, max-age=31536000, immutable",
        });
        expect(answer.headers["content-length"]).toBeUndefined();
      }
      expect(opened).toBe(0);
    },
  );

  test.each([
    '"x"',
    etag.slice(1, -1),
    etag.replace("a", "b"),
    `w/${etag}`,
    `"x${etag}`,
    "",
    ",",
    etag.toUpperCase(),
  ])("is sent for If-None-Match: %s", async (other) => {
    expect((await ask({ headers: { "if-none-match": other } })).status).toBe(200);
  });

  test("is sent for any dates of the client", async () => {
    const headers = { "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" };
    expect((await ask({ headers })).status).toBe(200);
    const before = { "if-unmodified-since": "Thu, 01 Jan 1970 00:00:00 GMT" };
    expect((await ask({ headers: before })).status).toBe(200);
  });

  test.each([
    [etag, 200],
    ["*", 200],
    [`"x", ${etag}`, 200],
    ['"x"', 412],
    [`W/${etag}`, 412],
  ])("is sent for If-Match: %s only if that is its own: %i", async (wanted, status) => {
    const answer = await ask({ headers: { "if-match": wanted } });
    expect(answer.status).toBe(status);
    if (status === 412) expect([codeOf(answer), opened]).toEqual(["BAD_USER_INPUT", 0]);
  });

  test("is not there under another name, and no cache may store that answer", async () => {
    for (const path of ["/files/two", "/files/", "/files", "/files/one/", "/files/one%00", "//files/one"]) {
      const answer = await ask({ path });
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 404, "NOT_FOUND"]);
      expect(answer.headers["cache-control"] ?? "no-store").toBe("no-store");
      expect(answer.headers.etag).toBeUndefined();
    }
  });

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "is not looked for with what every object has: %s",
    async (room) => {
      expect((await ask({ path: `/${room}/one` })).status).toBe(404);
    },
  );

  test("is hidden from a page that reaches this server by DNS rebinding", async () => {
    expect((await ask({ headers: { host: "evil.example" } })).status).toBe(421);
    expect(opened).toBe(0);
  });

  test("has its line in the log, without the query", async () => {
    await ask({ path: "/files/one?download&secret" });
    await expect.poll(() => server.logged).toHaveLength(1);
    expect(JSON.parse(server.logged[0]!)).toMatchObject({
      ...{ level: 20, method: "GET", path: "/files/one", status: 200 },
    });
    expect(server.logged[0]).not.toContain("secret");
    await ask({ path: "/files/two" });
    await expect.poll(() => server.logged).toHaveLength(2);
    expect(JSON.parse(server.logged[1]!)).toMatchObject({ level: 30, path: "/files/two", status: 404 });
  });

  test("leaves the connection fit for the next request", async () => {
    const client = await RawClient.open(server.url);
    const line = "GET /files/one HTTP/1.1\r\nHost: localhost\r\n";
    await client.send(`${line}\r\n${line}Range: bytes=2-3\r\n\r\n${line}If-None-Match: *\r\n\r\n${line}\r\n`);
    for (const [status, body] of [
      [200, "0123456789"],
      [206, "23"],
      [304, ""],
      [200, "0123456789"],
    ])
      expect(await client.answer()).toMatchObject({ status, body });
    client.close();
  });

  test("is the last answer on a connection whose request goes on and on", async () => {
    const client = await RawClient.open(server.url);
    await client.send(
      "GET /files/one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nGET /smuggled",
    );
    const answer = await client.answer();
    expect(answer).toMatchObject({ status: 200, body: "0123456789" });
    expect(answer?.headers.get("connection")).toBe("close");
    await client.closed();
  });
});

describe("a range", () => {
  const whole = [200, undefined, "0123456789"];
  test.each([
    ["bytes=0-0", 206, "bytes 0-0/10", "0"],
    ["bytes=2-5", 206, "bytes 2-5/10", "2345"],
    ["bytes=5-", 206, "bytes 5-9/10", "56789"],
    ["bytes=-3", 206, "bytes 7-9/10", "789"],
    ["bytes=9-9", 206, "bytes 9-9/10", "9"],
    ["bytes=0-9", 206, "bytes 0-9/10", "0123456789"],
    ["bytes=8-99999999999999999999", 206, "bytes 8-9/10", "89"],
    ["bytes=-10", 206, "bytes 0-9/10", "0123456789"],
    ["bytes=-11", 206, "bytes 0-9/10", "0123456789"],
    [`bytes=-${"9".repeat(400)}`, 206, "bytes 0-9/10", "0123456789"],
    ["BYTES=1-2", 206, "bytes 1-2/10", "12"],
    ["bytes= 1-2 ", 206, "bytes 1-2/10", "12"],
    ["bytes=10-", 416, "bytes */10", undefined],
    ["bytes=10-20", 416, "bytes */10", undefined],
    [`bytes=${"9".repeat(400)}-`, 416, "bytes */10", undefined],
    ["bytes=-0", 416, "bytes */10", undefined],
    ["bytes=5-2", ...whole],
    ["bytes=-", ...whole],
    ["bytes=", ...whole],
    ["bytes", ...whole],
    ["bytes=a-b", ...whole],
    ["bytes=1-2x", ...whole],
    ["bytes=--1", ...whole],
    ["bytes=0x1-2", ...whole],
    ["bytes=1.5-2", ...whole],
    ["bytes=1e0-2", ...whole],
    ["bytes=+1-2", ...whole],
    ["bytes=\u0661-2", ...whole],
    ["items=0-1", ...whole],
    ["0-1", ...whole],
    ["bytes=0-1,4-5", ...whole],
    ["bytes=0-1,99-", ...whole],
    [`bytes=${"0-,".repeat(999)}0-`, ...whole],
  ])("%s is answered with %s %s", async (range, status, contentRange, body) => {
    await start(digits);
    // As latin1, for the digit that is none in HTTP.
    const answer = await ask({ headers: { range: Buffer.from(range).toString("latin1") } });
    expect([answer.status, answer.headers["content-range"]]).toEqual([status, contentRange]);
    if (body != null) {
      expect(answer.body.toString()).toBe(body);
      expect(answer.headers["content-length"]).toBe(String(String(body).length));
      expect(answer.headers.etag).toBe(etag);
    } else {
      expect(codeOf(answer)).toBe("BAD_USER_INPUT");
      expect([answer.headers.etag, answer.headers["cache-control"]]).toEqual([undefined, undefined]);
    }
  });

  test.each([
    [etag, 206],
    ['"of other bytes"', 200],
    [`W/${etag}`, 200],
    ["Fri, 01 Jan 2100 00:00:00 GMT", 200],
    [`${etag}, ${etag}`, 200],
  ])("goes with If-Range: %s only if that is the file's own: %i", async (ifRange, status) => {
    await start(digits);
    expect((await ask({ headers: { range: "bytes=2-3", "if-range": ifRange } })).status).toBe(status);
    // RFC 9110 section 14.2: a range that would be ignored is not unsatisfiable either.
    const beyond = await ask({ headers: { range: "bytes=50-", "if-range": ifRange } });
    expect(beyond.status).toBe(status === 206 ? 416 : 200);
  });

  test.each(["bytes=0-", "bytes=0-0", "bytes=-1"])("%s of a file without bytes holds none", async (range) => {
    await start(Buffer.alloc(0));
    const answer = await ask({ headers: { range } });
    expect([answer.status, answer.headers["content-range"]]).toEqual([416, "bytes */0"]);
    const all = await ask();
    expect([all.status, all.headers["content-length"], all.body.length]).toEqual([200, "0", 0]);
  });

  test("is right in a file of 5 GiB", async () => {
    await start(Buffer.alloc(0));
    const size = 5 * GiB + 3;
    await truncate(join(dir, "one"), size);
    const file = await open(join(dir, "one"), "r+");
    await file.write("middle", 4 * GiB + 1);
    await file.write("end", 5 * GiB);
    await file.close();
    expect((await ask({ method: "HEAD" })).headers["content-length"]).toBe(String(size));
    const middle = await ask({ headers: { range: `bytes=${4 * GiB + 1}-${4 * GiB + 6}` } });
    expect(middle.body.toString()).toBe("middle");
    expect(middle.headers["content-range"]).toBe(`bytes ${4 * GiB + 1}-${4 * GiB + 6}/${size}`);
    expect((await ask({ headers: { range: "bytes=-3" } })).body.toString()).toBe("end");
    const whole = await begin();
    expect(whole.headers["content-length"]).toBe(String(size));
    whole.destroy();
  });

  test("is none, or inside the file, for any header", async () => {
    await start(digits);
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^bytes=[0-9]{0,3}-[0-9]{0,3}$/),
      fc.stringMatching(/^bytes=[-0-9, ]{0,9}$/),
    );
    // A failing run prints its seed.
    fc.assert(
      fc.property(text, fc.nat(200), (header, size) => {
        const range = parseRange(header, size);
        if (range == null) return true;
        return 0 <= range.start && range.start <= range.end && range.end < size;
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("the name a file is saved under", () => {
  const nameIn = (headers: IncomingHttpHeaders) =>
    parse(headers["content-disposition"]!).parameters["filename"];

  test.each([
    "photo.jpg",
    "with space; semi, comma.jpg",
    'quo"te.jpg',
    "per%20cent.jpg",
    "täst.jpg",
    "写真.jpg",
    "📷 with 👩‍👩‍👧.jpg",
    "cr\r\nSet-Cookie: a=b\r\n\r\n.jpg",
    "nul\0.jpg",
    "tab\t.jpg",
    "\u0080\u009f.jpg",
    "e\u0301.jpg",
    "'apostrophe'*.jpg",
    `${"é".repeat(125)}.jpg`,
    `${"日".repeat(83)}.jpg`,
    ".hidden",
  ])("survives, and adds no header: %j", async (name) => {
    await start(digits, { name, isAttachment: true });
    const { status, headers } = await ask();
    expect(status).toBe(200);
    expect(headers["set-cookie"]).toBeUndefined();
    expect(headers["content-disposition"]).toMatch(/^attachment; filename[\x20-\x7e]+$/);
    expect(nameIn(headers)).toBe(name);
  });

  test.each(["\ud83d", "a\udc00b", "\udc00\ud83d"])(
    "is made of characters, where it was not: %j",
    async (name) => {
      await start(digits, { name });
      const { status, headers } = await ask();
      expect(status).toBe(200);
      expect(nameIn(headers)).toContain("\ufffd");
    },
  );

  test.each([
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["/etc/passwd", "_etc_passwd"],
    ["..\\passwd", ".._passwd"],
  ])("is no path: %s", async (name, saved) => {
    await start(digits, { name });
    expect(nameIn((await ask()).headers)).toBe(saved);
  });

  test("is left to the URL where there is none", async () => {
    await start(digits, { name: null, isAttachment: true });
    expect((await ask()).headers["content-disposition"]).toBe("attachment");
  });

  test("survives for any text", async () => {
    await start(digits);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 80 }), async (name) => {
        download = { ...download, name: () => Promise.resolve(name) };
        const { status, headers } = await ask();
        expect(status).toBe(200);
        expect(headers["content-disposition"]).toMatch(/^inline(; [\x20-\x7e]+)?$/);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a file that is being sent", () => {
  const large = Buffer.alloc(20_000_000, "x");

  test("is closed when the client goes away, without a word of it in the log's errors", async () => {
    await start(large);
    const clients = await Promise.all(Array.from({ length: 10 }, () => begin()));
    await expect.poll(() => listOpenFiles(dir)).toHaveLength(10);
    for (const res of clients) res.destroy();
    await expect.poll(() => listOpenFiles(dir)).toEqual([]);
    await expect.poll(() => server.logged).toHaveLength(10);
    for (const line of server.logged)
      expect(JSON.parse(line)).toMatchObject({ level: 20, status: 200, isAborted: true });
  });

  test("is closed when the client was gone before it was opened", async () => {
    let isAsked: () => void = () => undefined;
    let letGo: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    await start(large, {
      open: async () => {
        isAsked();
        await gate;
        return openStored(dir, "one");
      },
    });
    const req = httpGet(`${server.url}/files/one`).on("error", () => undefined);
    await asked;
    req.destroy();
    await expect.poll(() => server.logged).toHaveLength(1);
    letGo();
    await server.stop();
    expect(listOpenFiles(dir)).toEqual([]);
    expect(server.logged).toHaveLength(1);
  });

  test("loses its connection when the client stops reading", async () => {
    await start(large, {}, { DOWNLOAD_IDLE_TIMEOUT_MS: "300" });
    const res = await begin();
    res.pause();
    await expect.poll(() => listOpenFiles(dir)).toHaveLength(1);
    await expect.poll(() => listOpenFiles(dir)).toEqual([]);
    await expect(buffer(res)).rejects.toThrow("aborted");
  });

  test("keeps its connection however long it takes, as long as the client takes something", async () => {
    await start(large, {}, { DOWNLOAD_IDLE_TIMEOUT_MS: "400" });
    const res = await begin();
    const startedAt = performance.now();
    let bytes = 0;
    for await (const chunk of res as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // So slow that the whole takes several times as long as silence may.
      if (performance.now() - startedAt < 1500) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(bytes).toBe(large.length);
    expect(performance.now() - startedAt).toBeGreaterThan(1400);
  });

  test("arrives whole although it is removed or replaced meanwhile", async () => {
    await start(large);
    const res = await begin();
    await rm(join(dir, "one"));
    await writeFile(join(dir, "one"), "other bytes");
    expect((await buffer(res)).equals(large)).toBe(true);
  });

  test("arrives whole when it is small and removed before it is read", async () => {
    await start(digits, {
      open: async () => {
        const file = await openStored(dir, "one");
        await rm(join(dir, "one"));
        return file;
      },
    });
    expect((await ask()).body.toString()).toBe("0123456789");
  });

  test("is a failure with a status when it is small and cut before it is read", async () => {
    await start(digits, {
      open: async () => {
        const file = await openStored(dir, "one");
        await truncate(join(dir, "one"), 5);
        return file;
      },
    });
    const answer = await ask();
    expect([answer.status, codeOf(answer)]).toEqual([500, "INTERNAL_SERVER_ERROR"]);
    expect(answer.headers["cache-control"]).toBeUndefined();
  });

  // The client waited for the rest of the bytes until its own patience ended.
  test("breaks the connection when it is cut meanwhile", async () => {
    await start(large);
    const res = await begin();
    await truncate(join(dir, "one"), 100);
    await expect(buffer(res)).rejects.toThrow("aborted");
    await expect
      .poll(() => server.logged.some((line) => line.includes("could not be read to its end")))
      .toBe(true);
  });

  test("arrives whole although the server is stopped meanwhile", async () => {
    await start(large);
    const res = await begin();
    const stopped = server.stop();
    expect((await buffer(res)).equals(large)).toBe(true);
    await stopped;
  });

  test("is broken off when it takes too long at the server's stop", async () => {
    await start(large, {}, { STOP_TIMEOUT_MS: "200" });
    const res = await begin();
    await server.stop();
    expect(listOpenFiles(dir)).toEqual([]);
    await expect(buffer(res)).rejects.toThrow("aborted");
  });
});

describe("a file that cannot be opened", () => {
  test("is answered with the failure's code, and so is HEAD with its status", async () => {
    await start(digits, { open: () => Promise.reject(new StorageFullError()) });
    const answer = await ask();
    expect([answer.status, codeOf(answer)]).toEqual([507, "STORAGE_FULL"]);
    expect(answer.headers["cache-control"]).toBeUndefined();
    expect((await ask({ method: "HEAD" })).status).toBe(507);
  });

  test("for an unexpected reason is answered without it", async () => {
    await start(digits, { open: () => Promise.reject(new Error("secret at /srv")) });
    const answer = await ask();
    expect([answer.status, codeOf(answer)]).toEqual([500, "INTERNAL_SERVER_ERROR"]);
    expect(answer.body.toString()).not.toContain("secret");
  });

  test("is not there", async () => {
    await start(digits, { open: () => Promise.resolve(undefined) });
    const answer = await ask();
    expect([answer.status, answer.headers["cache-control"]]).toEqual([404, "no-store"]);
  });
});
