import type { Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { UPDATE, UPDATE_MANY } from "../../support/documents.ts";
import { addCollection } from "../../support/library.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { acceptedDuring, RawStream } from "./sockets.ts";

const idleTimeoutMs = 2_000;
const entities = 100;
const updates = 25;

/** About 10 kB for each change: more in all than the kernel keeps for a connection. */
const QUERY = `subscription { entityChanged { id ${Array.from({ length: 10 }, (_, index) => `d${index}: description`).join(" ")} } }`;

/** Of one piece, what is written at once, and framing. */
const waitingBytesMax = 200 * 1024;

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

const start = () => startServer({ env: { DOWNLOAD_IDLE_TIMEOUT_MS: String(idleTimeoutMs) } });

async function openWebSocket({ url }: TestServer) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  const messages: Message[] = [];
  // The protocol's messages are JSON texts.
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("open", resolve));
  const send = (message: Message) => {
    socket.send(JSON.stringify(message));
  };
  send({ type: "connection_init" });
  await vi.waitFor(() => {
    expect(messages).toEqual([{ type: "connection_ack" }]);
  }, 100_000);
  send({ type: "subscribe", id: "feed", payload: { query: QUERY } });
  send({ type: "subscribe", id: "query", payload: { query: "{ __typename }" } });
  await vi.waitFor(() => {
    expect(messages.some(({ id, type }) => id === "query" && type === "complete")).toBe(true);
  }, 100_000);
  return { socket, messages, closed };
}

/** Changes everything many times; @returns the ids of the versions in order, and the most that waited meanwhile. */
async function changeMuch(server: TestServer, watched: Socket | undefined) {
  const ids: string[] = [];
  for (let count = 0; count < entities; count++) ids.push(await addCollection(server, `c${count}`));
  const expected = ids.map((id) => `${id}@1`);
  let most = 0;
  for (let version = 2; version <= updates + 1; version++) {
    const description = `${version}`.padEnd(1_000, ".");
    await server.run(UPDATE_MANY, { ids, input: { description } });
    expected.push(...ids.map((id) => `${id}@${version}`));
    most = Math.max(most, watched?.writableLength ?? 0);
  }
  return { expected, most };
}

const dropped = (server: TestServer) =>
  vi.waitFor(
    () => {
      expect(server.log.filter((line) => line.includes("dropped a subscriber"))).toHaveLength(1);
    },
    { timeout: 100_000, interval: 10 },
  );

const codeOf = (errors: unknown) =>
  (errors as readonly { extensions: { code: string } }[])[0]?.extensions.code;

test("over server-sent events: what a client does not take does not pile up, and its stream ends with a coded error", async () => {
  const server = await start();
  let slow!: RawStream;
  const [accepted] = await acceptedDuring(async () => {
    slow = new RawStream(server, QUERY);
    await slow.begun();
  });
  slow.socket.pause();
  // At once: what was queued for it is not kept for long.
  const resumed = dropped(server).then(() => {
    const waiting = accepted!.writableLength;
    slow.socket.resume();
    return waiting;
  });
  const quick = new RawStream(server, QUERY);
  await quick.begun();
  const { expected, most } = await changeMuch(server, accepted);
  const idsIn = ({ events }: RawStream) =>
    [...events.matchAll(/"entityChanged":\{"id":"(\d+@\d+)"/g)].map(([, id]) => id);
  await vi.waitFor(() => {
    expect(idsIn(quick).at(-1)).toBe(expected.at(-1));
  }, 100_000);
  expect(idsIn(quick)).toEqual(expected);

  expect(Math.max(most, await resumed)).toBeLessThan(waitingBytesMax);
  await slow.closed;
  const events = slow.events.split("\n\n").filter((event) => event !== "" && !event.startsWith(":"));
  const data = events.slice(0, -1).map((event) => {
    expect(event).toMatch(/^event: next\ndata: /);
    return JSON.parse(event.slice(event.indexOf("data: ") + 6)) as {
      data?: { entityChanged: { id: string } };
      errors?: unknown;
    };
  });
  expect(events.at(-1)).toBe("event: complete\ndata:");
  expect(codeOf(data.at(-1)?.errors)).toBe("RATE_LIMITED");
  const seen = data.slice(0, -1).map((event) => event.data?.entityChanged.id);
  expect(seen.length).toBeLessThan(expected.length);
  expect(seen).toEqual(expected.slice(0, seen.length));
  quick.socket.destroy();
});

test("a client that never reads again loses its connection", async () => {
  const server = await start();
  let slow!: RawStream;
  const [accepted] = await acceptedDuring(async () => {
    slow = new RawStream(server, QUERY);
    await slow.begun();
  });
  slow.socket.pause();
  await changeMuch(server, accepted);
  await dropped(server);
  await vi.waitFor(() => {
    expect(accepted!.destroyed).toBe(true);
  }, 100_000);
  slow.socket.destroy();
});

test("a client that reads everything stays, however long nothing happens", async () => {
  const server = await start();
  const id = await addCollection(server, "quiet");
  const stream = new RawStream(server, QUERY);
  await stream.begun();
  const webSocket = await openWebSocket(server);
  // More signs of life than fit into the time after which they would be dropped.
  await vi.waitFor(
    () => {
      expect(stream.events.split(":\n\n").length).toBeGreaterThan(6);
    },
    { timeout: 100_000 },
  );
  await server.run(UPDATE, { id, input: { description: "x" } });
  await vi.waitFor(() => {
    expect(stream.events).toContain(`"id":"${id}@2"`);
  }, 100_000);
  await vi.waitFor(() => {
    expect(JSON.stringify(webSocket.messages)).toContain(`"id":"${id}@2"`);
  }, 100_000);
  stream.socket.destroy();
  webSocket.socket.terminate();
});

test("over WebSocket: events for a client that does not read do not pile up, and it is dropped with a reason", async () => {
  const server = await start();
  let slow!: Awaited<ReturnType<typeof openWebSocket>>;
  const [accepted] = await acceptedDuring(async () => {
    slow = await openWebSocket(server);
  });
  slow.socket.pause();
  // At once: what was queued for it is not kept for long.
  const resumed = dropped(server).then(() => {
    const waiting = accepted!.writableLength;
    slow.socket.resume();
    return waiting;
  });
  const quick = await openWebSocket(server);
  const { expected, most } = await changeMuch(server, accepted);
  const idsIn = (messages: readonly Message[]) =>
    messages
      .filter(({ id, type }) => id === "feed" && type === "next")
      .map(({ payload }) => (payload as { data: { entityChanged: { id: string } } }).data.entityChanged.id);
  await vi.waitFor(() => {
    expect(idsIn(quick.messages)).toHaveLength(expected.length);
  }, 100_000);
  expect(idsIn(quick.messages)).toEqual(expected);

  expect(Math.max(most, await resumed)).toBeLessThan(waitingBytesMax);
  expect(await slow.closed).toBe(1013);
  const last = slow.messages.at(-1)!;
  expect([last.type, last.id, codeOf(last.payload)]).toEqual(["error", "feed", "RATE_LIMITED"]);
  const seen = idsIn(slow.messages);
  expect(seen.length).toBeLessThan(expected.length);
  expect(seen).toEqual(expected.slice(0, seen.length));
  quick.socket.terminate();
});

test("a WebSocket's client that asks and asks without reading an answer is no longer read", async () => {
  const server = await start();
  let asking!: Awaited<ReturnType<typeof openWebSocket>>;
  const [accepted] = await acceptedDuring(async () => {
    asking = await openWebSocket(server);
  });
  asking.socket.pause();
  const ping = JSON.stringify({ type: "ping", payload: { text: "x".repeat(10_000) } });
  let most = 0;
  // 20 MB of questions, each to be answered with as much.
  for (let count = 0; count < 2_000; count++) {
    asking.socket.send(ping);
    if (count % 20 === 0) await new Promise(setImmediate);
    most = Math.max(most, accepted!.writableLength);
  }
  await dropped(server);
  expect(most).toBeLessThan(2 * waitingBytesMax);
  asking.socket.terminate();
});
