import { WebSocket } from "ws";
import { joinSignals } from "../../../src/signals.ts";
import type { Outcome } from "../verdict.ts";

interface Sent {
  readonly url: string;
  readonly kind: "query" | "subscription";
  readonly query: string;
  readonly signal: AbortSignal;
  /** Resolves when the server has nothing more to do. */
  readonly untilAtRest: () => Promise<void>;
}

/** So many events of a subscription are read; it goes on as long as the feed has any. */
const eventsMax = 50;
/**
 * Calls `end` when a subscription has nothing more to replay: it was silent while the server came to rest. A query is
 * waited for until its signal.
 */
function watchSilence({ kind, untilAtRest }: Sent, end: () => void) {
  let heard = 0;
  let isOver = kind !== "subscription";
  const hasEnded = () => isOver;
  const watching = async () => {
    while (!hasEnded()) {
      const before = heard;
      await untilAtRest();
      if (heard === before && !hasEnded()) end();
    }
  };
  return {
    begin: () => void watching(),
    listen: () => {
      heard++;
    },
    stop: () => {
      isOver = true;
    },
  };
}

const headers = { "content-type": "application/json", "x-graphql-yoga-csrf": "1" };

export async function sendByPost({ url, query, signal }: Sent): Promise<Outcome> {
  const init = { method: "POST", headers, body: JSON.stringify({ query }), signal };
  const response = await fetch(`${url}/graphql`, init);
  return { status: response.status, body: await response.text() };
}

export async function sendByGet(sent: Sent): Promise<Outcome> {
  const { url, query, signal } = sent;
  const asked = `${url}/graphql?${String(new URLSearchParams({ query }))}`;
  // Node's own limit of a request's head is 16 KiB.
  if (asked.length > 12_000) return await sendByPost(sent);
  const response = await fetch(asked, { headers, signal });
  return { status: response.status, body: await response.text() };
}

/** Over an event stream (https://github.com/graphql/graphql-over-http): the first error, else the last event. */
export async function sendForEvents(sent: Sent): Promise<Outcome> {
  const { url, query, signal } = sent;
  const ending = new AbortController();
  const joined = joinSignals([signal, ending.signal]);
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { ...headers, accept: "text/event-stream" },
    body: JSON.stringify({ query }),
    signal: joined.signal,
  });
  if (!response.headers.get("content-type")?.startsWith("text/event-stream"))
    return { status: response.status, body: await response.text() };
  let begun: string[] = [];
  let last = "{}";
  let events = 0;
  const silence = watchSilence(sent, () => {
    silence.stop();
    ending.abort();
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  // Node's fetch forgets its signal when garbage is collected (nodejs/node#55428).
  joined.signal.addEventListener("abort", () => void reader?.cancel());
  silence.begin();
  try {
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      silence.listen();
      begun.push(piece.value);
      // A line may have many megabytes: it is put together once.
      if (!piece.value.includes("\n")) continue;
      const lines = begun.join("").split("\n");
      begun = [lines.pop() ?? ""];
      for (const line of lines) {
        if (!line.startsWith("data: ")) continue;
        events++;
        last = line.slice("data: ".length);
        if (last.includes(`"errors"`) || events >= eventsMax) ending.abort();
      }
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    silence.stop();
    joined.release();
  }
  signal.throwIfAborted();
  return { status: response.status, body: last };
}

interface Message {
  readonly type: string;
  readonly payload?: unknown;
}

/** Over a WebSocket of its own (graphql-transport-ws): the first error, else the last answer. */
export function sendBySocket(sent: Sent): Promise<Outcome> {
  const { url, query, signal } = sent;
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  return new Promise<Outcome>((resolve, reject) => {
    let last: unknown = { data: null };
    let events = 0;
    const end = () => {
      silence.stop();
      resolve({ status: 200, body: JSON.stringify(last) });
      socket.terminate();
    };
    const silence = watchSilence(sent, end);
    const onMessage = ({ type, payload }: Message) => {
      silence.listen();
      if (type === "connection_ack") {
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }));
        silence.begin();
        return;
      }
      if (type === "error" || type === "next") last = type === "error" ? { errors: payload } : payload;
      const isWrong = type === "error" || (last as { errors?: unknown }).errors != null;
      if (type === "complete" || isWrong || ++events >= eventsMax) end();
    };
    signal.addEventListener("abort", () => {
      socket.terminate();
      reject(new Error("the socket stayed silent"));
    });
    socket.on("error", reject);
    socket.on("open", () => {
      socket.send(`{"type":"connection_init"}`);
    });
    socket.on("message", (data: Buffer) => {
      onMessage(JSON.parse(data.toString()) as Message);
    });
    socket.on("close", (code) => {
      if (code === 1011 || code === 4500) reject(new Error(`the socket was closed with ${code}`));
      else end();
    });
  });
}
