import { request } from "node:http";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { readConfig, type Config } from "../../src/config/config.ts";
import { Front, type Answerer } from "../../src/server/transport/front.ts";
import { answerWhileStarting } from "../../src/server/transport/starting.ts";
import { fine, openGate } from "../../src/observability/readiness.ts";
import { RawClient } from "./raw.ts";

let front: Front;
afterEach(() => front.close(0));

const upgrade =
  "GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n";

async function start() {
  const config: Config = readConfig({ PORT: "0" });
  front = new Front(config);
  const gate = openGate(() => undefined);
  await front.listen(config, answerWhileStarting(front.headers, gate));
  return gate;
}

const served: Answerer = {
  request: (_req, res) => res.end("served"),
  upgrade: (_req, socket) => socket.end("HTTP/1.1 101 served\r\n\r\n"),
};

test("a server that is starting answers probes, refuses the rest for now, and hands over without a gap", async () => {
  const gate = await start();
  const { url } = front;
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({ status: "starting", failed: ["starting"], checks: {} });

  const refused = await fetch(`${url}/graphql`, { method: "POST", body: "x".repeat(100_000) });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED" } }] });

  gate.open({ works: () => Promise.resolve(fine()) });
  front.handOver(served);
  expect(await (await fetch(`${url}/graphql`)).text()).toBe("served");
});

test("a connection that was opened during the start is served after it", async () => {
  await start();
  const client = await RawClient.open(front.url);
  await client.send("GET /graphql HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect((await client.answer())?.status).toBe(503);
  front.handOver(served);
  await client.send("GET /graphql HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect((await client.answer())?.status).toBe(200);
  client.close();
});

test("a WebSocket is refused during the start, with 503 and the end of its connection", async () => {
  await start();
  const client = await RawClient.open(front.url);
  await client.send(upgrade);
  const answer = await client.answer();
  expect([answer?.status, answer?.headers.get("retry-after")]).toEqual([503, "1"]);
  await client.closed();
});

test("a body that waits to be asked for is refused without being asked for, during the start", async () => {
  await start();
  const sent = request(`${front.url}/graphql`, {
    method: "POST",
    headers: { expect: "100-continue", "content-length": "1000000" },
  });
  let isContinued = false;
  sent.on("continue", () => (isContinued = true)).flushHeaders();
  const [response] = (await once(sent, "response")) as [{ statusCode: number }];
  expect([response.statusCode, isContinued]).toEqual([503, false]);
  sent.destroy();
});

// Without listeners of its own, a start answered what is no HTTP with Node's words and no code.
test("what is no request is refused with a code, during the start too", async () => {
  await start();
  const client = await RawClient.open(front.url);
  await client.send("nonsense\r\n\r\n");
  const answer = await client.answer();
  expect(answer?.status).toBe(400);
  expect(answer?.body).toContain('"code":"BAD_USER_INPUT"');
  await client.closed();
});
