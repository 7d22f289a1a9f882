import { request, type Agent } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const boundary = "----colan-bench-2f7d1c0a";

const uploadEntity =
  "mutation ($file: Upload!) { uploadEntity(input: { file: $file }) { status entity { id md5 } } }";

const part = (disposition: string, rest: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${rest}`;

/** What stands before and behind the file's bytes (https://github.com/jaydenseric/graphql-multipart-request-spec). */
const head = (name: string, query: string) =>
  Buffer.from(
    part(`name="operations"`, `\r\n${JSON.stringify({ query, variables: { file: null } })}\r\n`) +
      part(`name="map"`, `\r\n{"0":["variables.file"]}\r\n`) +
      part(`name="0"; filename="${name}"`, "Content-Type: application/octet-stream\r\n\r\n"),
  );
const tail = Buffer.from(`\r\n--${boundary}--\r\n`);

export interface Upload {
  readonly url: string;
  readonly agent: Agent;
  readonly name: string;
  /** The file's bytes: all at once, or as they come from the disk. */
  readonly bytes: Buffer | Readable;
  /** How many they are. */
  readonly size: number;
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/**
 * Uploads one file with as little work as possible: the client shares the cores with the server it measures.
 * @throws unless a new entity came of it.
 */
export async function upload(file: Upload): Promise<void> {
  const answer = await send(file, uploadEntity);
  if (!answer.includes(`"status":"CREATED"`)) throw new Error(`${file.name} was not stored: ${answer}`);
}

/** Uploads one file by a mutation whose variable `file` it is. @returns the answer's body. */
export async function send({ url, agent, name, bytes, size }: Upload, query: string): Promise<string> {
  const before = head(name, query);
  const sending = request(url, {
    method: "POST",
    agent,
    headers: {
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "content-length": before.length + size + tail.length,
      "apollo-require-preflight": "1",
    },
  });
  const answered = new Promise<string>((resolve, reject) => {
    sending.once("response", (response) => {
      readAll(response).then(resolve, reject);
    });
    sending.once("error", reject);
  });
  sending.write(before);
  if (Buffer.isBuffer(bytes)) sending.write(bytes);
  else await pipeline(bytes, sending, { end: false });
  sending.end(tail);
  return await answered;
}
