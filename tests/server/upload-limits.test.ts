import { afterEach, describe, expect, test } from "vitest";
import { UploadSlots } from "../../src/server/uploads/upload-slots.ts";
import { startServer, type Fixture } from "./fixture.ts";
import { file, map, multipart, operations, post, RawClient, uploadOne } from "./raw.ts";

let server: Fixture | undefined;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.close();
  server = undefined;
});

async function start(env: Record<string, string>): Promise<Fixture> {
  return (server = await startServer(env));
}

async function connect() {
  const client = await RawClient.open(server!.url);
  clients.push(client);
  return client;
}

const uploadOf = (content: string | Buffer) =>
  post(
    multipart([operations(uploadOne, { file: null }), map({ 0: ["variables.file"] }), file("0", content)]),
  );

const codeOf = (answer: { body: string } | undefined) => /"code":"(\w+)"/.exec(answer?.body ?? "")?.[1];

describe("uploads at the same time", () => {
  test("are limited; others wait for their turn, and too many get 503", async () => {
    const fixture = await start({ UPLOADS_MAX: "1", UPLOADS_WAITING_MAX: "1" });
    const bytes = uploadOf("x".repeat(500_000));
    const [first, second, third] = [await connect(), await connect(), await connect()];
    await first.send(bytes.subarray(0, 200_000));
    await expect.poll(() => fixture.staged()).toHaveLength(1);
    await second.send(bytes);
    // Nothing of the second is read, but a query beside it is answered.
    await third.send(bytes);
    const refused = await third.answer();
    expect([refused?.status, codeOf(refused), refused?.headers.get("retry-after")]).toEqual([
      429,
      "RATE_LIMITED",
      "5",
    ]);
    expect(await fixture.staged()).toHaveLength(1);
    await first.send(bytes.subarray(200_000));
    for (const client of [first, second]) expect((await client.answer())?.status).toBe(200);
    expect(await fixture.staged()).toEqual([]);
    const next = await connect();
    await next.send(bytes);
    expect((await next.answer())?.status).toBe(200);
  });

  test("that have gone, failed or been refused give their turn back", async () => {
    const fixture = await start({ UPLOADS_MAX: "2", UPLOADS_WAITING_MAX: "0", UPLOAD_BYTES_MAX: "1000" });
    for (let round = 0; round < 6; round++) {
      const bytes = uploadOf("x".repeat([10, 5_000][round % 2]!));
      const client = await connect();
      await client.send(round % 3 === 2 ? bytes.subarray(0, -20) : bytes);
      if (round % 3 === 2) client.close();
      else expect([200, 413]).toContain((await client.answer())?.status);
    }
    await expect
      .poll(async () => {
        const client = await connect();
        await client.send(uploadOf("hello"));
        return (await client.answer())?.status;
      })
      .toBe(200);
    expect(await fixture.staged()).toEqual([]);
  });

  test("whose turn does not come in time get 503", async () => {
    await start({ UPLOADS_MAX: "1", UPLOAD_IDLE_TIMEOUT_MS: "1000", UPLOAD_BYTES_PER_SECOND_MIN: "0" });
    const bytes = uploadOf("x".repeat(500_000));
    const [first, second] = [await connect(), await connect()];
    await first.send(bytes.subarray(0, 200_000));
    const trickle = setInterval(() => void first.send("x"), 100);
    await second.send(bytes);
    expect((await second.answer())?.status).toBe(429);
    clearInterval(trickle);
  });
});

describe("turns", () => {
  const limits = { uploadsMax: 2, uploadsWaitingMax: 10, uploadIdleTimeoutMs: 60_000 };
  const { signal } = new AbortController();

  test("come in the order of arrival, never more than the limit, and end once", async () => {
    const turns = new UploadSlots(limits);
    const order: number[] = [];
    let running = 0;
    let runningMost = 0;
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const end = await turns.begin(signal);
        order.push(index);
        runningMost = Math.max(runningMost, ++running);
        await new Promise(setImmediate);
        running--;
        end();
        end();
      }),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect([order.length, runningMost]).toEqual([12, 2]);
  });

  test("are not given to clients that have gone", async () => {
    const turns = new UploadSlots({ ...limits, uploadsMax: 1 });
    const end = await turns.begin(signal);
    const gone = new AbortController();
    const waiting = turns.begin(gone.signal);
    const next = turns.begin(signal);
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: "RATE_LIMITED" });
    await expect(turns.begin(gone.signal)).rejects.toMatchObject({ code: "RATE_LIMITED" });
    end();
    (await next)();
    (await turns.begin(signal))();
  });
});

describe("an upload slower than UPLOAD_BYTES_PER_SECOND_MIN", () => {
  const env = { UPLOAD_IDLE_TIMEOUT_MS: "1000", UPLOAD_BYTES_PER_SECOND_MIN: "2000" };

  /** Sends so many bytes every 50 ms, as long as the connection takes them. */
  async function trickle(bytes: number) {
    const client = await connect();
    const whole = uploadOf("x".repeat(900_000));
    await client.send(whole.subarray(0, 1_000));
    let at = 1_000;
    const timer = setInterval(() => {
      void client.send(whole.subarray(at, (at += bytes)));
    }, 50);
    return { client, stop: () => (clearInterval(timer), whole.subarray(at)) };
  }

  test("is ended, though it is never silent", async () => {
    const fixture = await start(env);
    const { client, stop } = await trickle(1);
    const answer = await client.answer();
    stop();
    expect([answer?.status, codeOf(answer)]).toEqual([400, "UPLOAD_ABORTED"]);
    expect(await fixture.staged()).toEqual([]);
  });

  test("is not one that is fast enough", async () => {
    const fixture = await start(env);
    const { client, stop } = await trickle(1_000);
    await expect.poll(() => fixture.staged()).toHaveLength(1);
    // Longer than the time over which it is averaged.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await client.send(stop());
    expect((await client.answer())?.status).toBe(200);
  });
});

describe("a request with files beyond UPLOAD_REQUEST_BYTES_MAX", () => {
  const env = { UPLOAD_BYTES_MAX: "100000", UPLOAD_REQUEST_BYTES_MAX: "250000" };
  const batch = "mutation($files: [Upload]) { batch(files: $files) }";
  const filesOf = (count: number) =>
    multipart([
      operations(batch, { files: Array<null>(count).fill(null) }),
      map(Object.fromEntries(Array.from({ length: count }, (_, at) => [at, [`variables.files.${at}`]]))),
      ...Array.from({ length: count }, (_, at) => file(String(at), "x".repeat(80_000))),
    ]);

  test("is refused before it is sent, where it says so", async () => {
    const fixture = await start(env);
    const client = await connect();
    const bytes = post(filesOf(4));
    await client.send(bytes.subarray(0, bytes.indexOf("\r\n\r\n") + 4));
    const answer = await client.answer();
    expect([answer?.status, codeOf(answer)]).toEqual([413, "BAD_USER_INPUT"]);
    expect(await fixture.staged()).toEqual([]);
  });

  test.each([3, 4])("is broken off, where it does not: %i files", async (count) => {
    const fixture = await start(env);
    const client = await connect();
    const bytes = filesOf(count);
    await client.send(post(Buffer.alloc(0), { "Content-Length": null, "Transfer-Encoding": "chunked" }));
    await client.send(`${bytes.length.toString(16)}\r\n`);
    await client.send(bytes);
    await client.send("\r\n0\r\n\r\n");
    const answer = await client.answer();
    expect(answer?.status).toBe(200);
    // Each file has its own result; what was read before the limit was noticed is whole.
    const results = (JSON.parse(answer!.body) as { data: { batch: string[] } }).data.batch;
    const whole = results.filter((result) => result.includes("|80000|"));
    if (count === 3) expect(whole).toEqual(results);
    else expect(results).toEqual([...whole, ...Array<string>(count - whole.length).fill("BAD_USER_INPUT")]);
    expect(whole.length).toBeLessThan(4);
    expect(await fixture.staged()).toEqual([]);
  });
});
