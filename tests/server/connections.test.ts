import { afterEach, describe, expect, test } from "vitest";
import { closeGate, gate, startServer, type Fixture } from "./fixture.ts";
import { RawClient } from "./raw.ts";

let server: Fixture;
const clients: RawClient[] = [];
afterEach(async () => {
  gate.open();
  for (const client of clients.splice(0)) client.close();
  await server.close();
});

async function connect(count = 1) {
  const opened = await Promise.all(Array.from({ length: count }, () => RawClient.open(server.url)));
  clients.push(...opened);
  return opened;
}

const body = (query: string) => JSON.stringify({ query });
const request = (query = "{ hello }") =>
  `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body(query).length}\r\n\r\n${body(query)}`;

async function ask(client: RawClient, query?: string) {
  await client.send(request(query));
  return client.answer();
}

describe("past CONNECTIONS_MAX", () => {
  test("a connection past the limit gets 503 with a code, and is ended", async () => {
    server = await startServer({ CONNECTIONS_MAX: "3" });
    closeGate();
    const busy = await connect(3);
    const answers = busy.map((client) => ask(client, "{ slow }"));
    const [late] = await connect();
    const refused = await ask(late!);
    expect(refused?.status).toBe(503);
    expect(refused?.headers.get("retry-after")).toBe("1");
    expect(refused?.headers.get("x-content-type-options")).toBe("nosniff");
    expect(refused?.body).toContain('"code":"RATE_LIMITED"');
    await late!.closed();
    gate.open();
    for (const answer of answers) expect((await answer)?.status).toBe(200);
    busy[0]!.close();
    await expect
      .poll(async () => {
        const [next] = await connect();
        return (await ask(next!))?.status;
      })
      .toBe(200);
  });

  test("those that only wait for their next request give way, and no client is refused", async () => {
    server = await startServer({ CONNECTIONS_MAX: "20" });
    const idle = await connect(20);
    for (const client of idle) expect((await ask(client))?.status).toBe(200);
    const active = await connect(20);
    for (const client of active) expect((await ask(client))?.status).toBe(200);
    expect(idle.filter(({ hasEnded }) => !hasEnded)).toEqual([]);
  });

  test("one that requests nothing is ended in any case", async () => {
    // Longer than a test may last: what ends the connection is that there are too many.
    server = await startServer({ CONNECTIONS_MAX: "2", HEADERS_TIMEOUT_MS: "600000" });
    closeGate();
    void (await connect(2)).map((client) => ask(client, "{ slow }"));
    const [silent] = await connect();
    await silent!.closed();
  });

  test("by far they are dropped, and the server goes on", async () => {
    server = await startServer({ CONNECTIONS_MAX: "2" });
    closeGate();
    const [first, second] = await connect(2);
    const slow = [ask(first!, "{ slow }"), ask(second!, "{ slow }")];
    const late = await connect(400);
    // 256 are heard; the others are gone before those have had their time to ask.
    await expect.poll(() => late.filter(({ hasEnded }) => hasEnded).length).toBeGreaterThanOrEqual(140);
    await expect.poll(() => late.filter(({ hasEnded }) => hasEnded).length).toBe(400);
    gate.open();
    for (const answer of slow) expect((await answer)?.status).toBe(200);
    expect((await ask(first!))?.status).toBe(200);
  });
});

test("connections that say nothing are ended in time, and others are answered meanwhile", async () => {
  server = await startServer({ HEADERS_TIMEOUT_MS: "1000" });
  const silent = await connect(300);
  const [one] = await connect();
  expect((await ask(one!))?.status).toBe(200);
  await expect.poll(() => silent.filter(({ hasEnded }) => hasEnded).length).toBe(300);
  expect((await ask(one!))?.status).toBe(200);
});

test("unread responses are ended, also when their client goes on sending requests", async () => {
  server = await startServer({ DOWNLOAD_IDLE_TIMEOUT_MS: "200" });
  const large = JSON.stringify({
    query: "query ($t: String) { echo(text: $t) }",
    variables: { t: "x".repeat(60_000) },
  });
  const request = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${large.length}\r\n\r\n${large}`;
  const [client] = await connect();
  client!.socket.pause();
  // More than kernels hold for both sides.
  const sent = Promise.all(Array.from({ length: 400 }, () => client!.send(request)));
  const ended = () => server.logged.some((line) => line.includes('"isAborted":true'));
  await expect.poll(ended).toBe(true);
  client!.close();
  await sent;
});

describe("requests that do not wait for the answers to those before", () => {
  test("are answered in their order, each when it is its turn", async () => {
    server = await startServer();
    closeGate();
    const [client] = await connect();
    await client!.send(request("{ slow }") + request("mutation { touch }") + request("{ hello }"));
    // Were the second worked on beside the first, a line of the log would say so.
    await expect.poll(async () => (await ask((await connect())[0]!))?.status).toBe(200);
    gate.open();
    const answers = [await client!.answer(), await client!.answer(), await client!.answer()];
    expect(answers.map((answer) => /"data":\{"(\w+)"/.exec(answer?.body ?? "")?.[1])).toEqual([
      ...["slow", "touch", "hello"],
    ]);
  });

  test("go with their connection", async () => {
    // Longer than a test may last: the server waits for nothing.
    server = await startServer({ STOP_TIMEOUT_MS: "600000" });
    closeGate();
    const [client] = await connect();
    await client!.send(request("{ slow }").repeat(20));
    await expect.poll(async () => (await ask((await connect())[0]!))?.status).toBe(200);
    client!.close();
    gate.open();
    await server.stop();
  });

  test("are limited, and past that the connection ends", async () => {
    server = await startServer();
    closeGate();
    const [client] = await connect();
    await client!.send(request("{ slow }").repeat(500));
    await client!.closed();
    expect((await ask((await connect())[0]!))?.status).toBe(200);
  });
});
