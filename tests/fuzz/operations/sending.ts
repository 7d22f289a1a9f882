import { WebSocket } from "ws";
import { joinSignals } from "../../../src/signals.ts";
import type { Random } from "../../../bench/random.ts";
import type { Outcome } from "../verdict.ts";
import type { Operation } from "./generate.ts";

const field = (name: string, json: string) => `${JSON.stringify(name)}:${json}`;

function bodyOf({ query, variables, operationName }: Operation): string {
  const name = operationName == null ? [] : [field("operationName", JSON.stringify(operationName))];
  return `{${[field("query", JSON.stringify(query)), field("variables", variables), ...name].join()}}`;
}

const accepts = ["application/json", "application/graphql-response+json", "*/*"];
const oddAccepts = ["application/json;q=0", "x/y", "", "*", ",;q=9"];

/** Bodies that are no GraphQL request, or hardly. */
function damage(body: string, random: Random): string | Uint8Array<ArrayBuffer> {
  const at = random.below(body.length);
  return random.pick([
    body.slice(0, at),
    `[${body},${body}]`,
    `\ufeff${body}`,
    Buffer.from(body, "utf16le"),
    Buffer.concat([Buffer.from(body.slice(0, at)), Buffer.of(0xff, 0xc0, 0x80), Buffer.from(body.slice(at))]),
    `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${body.slice(1)}`,
    "[".repeat(50_000),
    "null",
    "",
    `{"query":{"toString":1}}`,
    `{"query":"{__typename}","variables":[],"extensions":${body}}`,
  ]);
}

/** A subscription that says nothing for so long says nothing. */
const quietMs = 60;

/** A subscription as a browser's EventSource has it; its first event, or nothing when none comes. */
async function sendForEvents(url: string, operation: Operation, signal: AbortSignal): Promise<Outcome> {
  const ending = new AbortController();
  const joined = joinSignals([signal, ending.signal]);
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: bodyOf(operation),
    signal: joined.signal,
  });
  let text = "";
  const reading = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  // Node's fetch forgets its signal when garbage is collected (nodejs/node#55428).
  joined.signal.addEventListener("abort", () => void reading?.cancel());
  const quiet = setTimeout(() => {
    ending.abort();
  }, quietMs);
  try {
    for (let piece = await reading?.read(); piece?.done === false; piece = await reading?.read())
      text += piece.value;
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  }
  clearTimeout(quiet);
  joined.release();
  signal.throwIfAborted();
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  return { status: response.status, body: isStream ? (/^data: (.+)$/m.exec(text)?.[1] ?? "{}") : text };
}

/** Sends it over HTTP, in one of the ways in which that can be done. */
export async function sendOverHttp(
  url: string,
  operation: Operation,
  random: Random,
  signal: AbortSignal,
): Promise<Outcome> {
  if (operation.kind === "subscription" && random.below(2) === 0)
    return sendForEvents(url, operation, signal);
  const body = bodyOf(operation);
  const way = random.below(20);
  const headers: Record<string, string> = {
    accept: random.pick(random.below(25) === 0 ? oddAccepts : accepts),
    "x-graphql-yoga-csrf": "1",
  };
  const { query, variables, operationName } = operation;
  const form = new URLSearchParams({ query, variables, ...(operationName != null && { operationName }) });
  const json = { ...headers, "content-type": "application/json" };
  const types = [
    "application/graphql",
    "text/plain",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "x",
  ];
  const ask = (init: RequestInit, search = "") => fetch(`${url}/graphql${search}`, { ...init, signal });
  const response =
    way === 0 && String(form).length < 8_000
      ? await ask({ headers }, `?${String(form)}`)
      : way === 1
        ? await ask({ method: "POST", headers, body: form })
        : way === 2
          ? await ask({ method: "POST", headers: json, body: damage(body, random) })
          : way === 3
            ? await ask({ method: "POST", headers: { ...headers, "content-type": random.pick(types) }, body })
            : await ask({ method: "POST", headers: json, body });
  return { status: response.status, body: await response.text() };
}

interface Message {
  readonly type: string;
  readonly payload?: unknown;
}

/** Messages that the protocol does not have, or not there. */
const oddMessages = [
  "",
  "null",
  "[]",
  "{",
  `{"type":"__proto__"}`,
  `{"type":"subscribe"}`,
  `{"id":{},"type":"subscribe","payload":{}}`,
  `{"id":"1","type":"subscribe","payload":{"query":1}}`,
  `{"id":"1","type":"complete"}`,
  `{"type":"connection_init","payload":{"__proto__":{"polluted":1}}}`,
  `{"type":"ping","payload":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
  "x".repeat(100_000),
];

/**
 * Sends it over a WebSocket of its own (https://github.com/graphql/graphql-over-http, graphql-transport-ws).
 * @returns the first answer; of a subscription that has nothing to say, and of odd messages, an empty one.
 */
export function sendOverSocket(
  url: string,
  operation: Operation,
  random: Random,
  signal: AbortSignal,
): Promise<Outcome> {
  const odd = random.below(8) === 0 ? random.pick(oddMessages) : null;
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  return new Promise<Outcome>((resolve, reject) => {
    const end = (errors: unknown) => {
      resolve({ status: 200, body: JSON.stringify({ data: null, ...(errors != null && { errors }) }) });
      socket.terminate();
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
      const message = JSON.parse(data.toString()) as Message;
      if (message.type === "connection_ack") {
        socket.send(odd ?? `{"id":"1","type":"subscribe","payload":${bodyOf(operation)}}`);
        if (operation.kind === "subscription" || odd != null) setTimeout(end, quietMs, null);
      } else if (message.type === "next") {
        // The protocol's: a result.
        end((message.payload as { errors?: unknown }).errors);
      } else if (message.type === "error") end(message.payload);
      else if (message.type === "complete") end(null);
    });
    socket.on("close", (code) => {
      // 1011 and 4500 are the server's own failures; the others tell the client of its mistake.
      if (code === 1011 || code === 4500) reject(new Error(`the socket was closed with ${code}`));
      else end(null);
    });
  });
}
