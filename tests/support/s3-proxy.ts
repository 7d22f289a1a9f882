import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { closers } from "./closers.ts";

/** What a store, or the way to it, does wrong. */
export type Fault =
  | "ignores conditions"
  | "refuses conditions"
  | "drops the first answer to each write"
  | "is busy every third time"
  | "forgets the uploads that it has completed"
  | "is slow"
  | "sends half bodies"
  | "is away";

interface Call {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

const xmlError = (code: string): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>planted</Message></Error>`,
  );

/** Which request it is, however often it is sent: parts and the steps of one multipart upload are requests of their own. */
function nameOf({ method, url = "" }: IncomingMessage): string {
  const { pathname, searchParams } = new URL(url, "http://store");
  return [method, pathname, searchParams.has("uploads"), searchParams.get("partNumber")].join(" ");
}

const isCompletion = ({ method, url = "" }: IncomingMessage) =>
  method === "POST" && /[?&]uploadId=/.test(url);

/** The host's name is signed, so it goes on as it came. */
async function forward(endpoint: string, { req, body }: Call): Promise<Answer> {
  const { hostname, port } = new URL(endpoint);
  const asked = request({ hostname, port, method: req.method, path: req.url, headers: req.headers });
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 500, headers: answer.headers, body: await buffer(answer) };
}

/** As a store that has never heard of the condition: it is signed, so the request is made once more without it. */
async function putUnconditionally(client: S3Client, { req, body }: Call): Promise<Answer> {
  const [, bucket = "", ...path] = new URL(req.url ?? "", "http://store").pathname.split("/");
  const metadata = Object.entries(req.headers)
    .filter(([name]) => name.startsWith("x-amz-meta-"))
    .map(([name, value]) => [name.slice("x-amz-meta-".length), String(value)]);
  const put = new PutObjectCommand({
    ...{ Bucket: bucket, Key: decodeURIComponent(path.join("/")), Body: body },
    Metadata: Object.fromEntries(metadata) as Record<string, string>,
  });
  const { ETag: etag } = await client.send(put);
  return { status: 200, headers: etag == null ? {} : { etag }, body: Buffer.alloc(0) };
}

function send({ req, res }: Call, { status, headers, body }: Answer, isHalf: boolean): void {
  // Of the other connection.
  const kept = Object.entries(headers).filter(([name]) => !/^(transfer-encoding|connection)$/.test(name));
  const length = req.method === "HEAD" ? {} : { "content-length": body.length };
  res.writeHead(status, { ...Object.fromEntries(kept), ...length });
  if (!isHalf) {
    res.end(req.method === "HEAD" ? undefined : body);
    return;
  }
  res.write(body.subarray(0, body.length / 2), () => res.destroy());
}

/** A store with a fault, in front of a real one. */
export interface FaultyStore {
  readonly endpoint: string;
  /** Requests so far. */
  count(): number;
  /** From now on. */
  become(fault: Fault | null): void;
  /** Called with every request before it goes on, such as to hold it or to end a process. */
  onCall: ((req: IncomingMessage) => Promise<void>) | undefined;
}

/** @param client of the real store. */
export async function startFaultyStore(
  endpoint: string,
  client: S3Client,
  first: Fault | null,
): Promise<FaultyStore> {
  let [fault, calls, answers] = [first, 0, 0];
  const written = new Set<string>();

  const answerOf = (call: Call): Promise<Answer> | Answer => {
    const isConditional = call.req.headers["if-none-match"] != null;
    // A real store ignores it by itself where an upload in parts is completed.
    if (isConditional && fault === "ignores conditions" && call.req.method === "PUT")
      return putUnconditionally(client, call);
    if (isConditional && fault === "refuses conditions")
      return {
        status: 501,
        headers: { "content-type": "application/xml" },
        body: xmlError("NotImplemented"),
      };
    if (
      fault === "forgets the uploads that it has completed" &&
      isCompletion(call.req) &&
      written.has(nameOf(call.req))
    )
      return { status: 404, headers: { "content-type": "application/xml" }, body: xmlError("NoSuchUpload") };
    if (fault === "is busy every third time" && calls % 3 === 0)
      return { status: 503, headers: { "content-type": "application/xml" }, body: xmlError("SlowDown") };
    return forward(endpoint, call);
  };

  const isDropped = ({ req }: Call, status: number): boolean => {
    const isForgotten = fault === "forgets the uploads that it has completed" && isCompletion(req);
    if (fault !== "drops the first answer to each write" && !isForgotten) return false;
    if (req.method === "GET" || req.method === "HEAD") return false;
    const name = nameOf(req);
    if (status >= 300 || written.has(name)) return false;
    written.add(name);
    return true;
  };

  const handle = async (req: IncomingMessage, res: ServerResponse) => {
    if (fault === "is away") return void res.destroy();
    const call = { req, res, body: await buffer(req) };
    calls++;
    await store.onCall?.(req);
    if (fault === "is slow") await delay(50);
    const answer = await answerOf(call);
    if (isDropped(call, answer.status)) return void res.destroy();
    const hasBody = req.method === "GET" && answer.body.length > 1;
    send(call, answer, hasBody && fault === "sends half bodies" && answers++ % 2 === 0);
  };
  const server = createServer({ keepAliveTimeout: 0 }, (req, res) => {
    handle(req, res).catch(() => res.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  const store: FaultyStore = {
    endpoint: `http://127.0.0.1:${port}`,
    count: () => calls,
    become: (next) => void (fault = next),
    onCall: undefined,
  };
  return store;
}
