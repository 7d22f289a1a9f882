import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { file, map, multipart, operations, post, RawClient } from "./server/raw.ts";
import { UPLOAD } from "./support/documents.ts";
import { freePort } from "../scripts/programs.ts";
import { receiveOtlp, type OtlpReceiver } from "./support/otlp-receiver.ts";
import { makeJpeg } from "./support/pictures.ts";
import { spawnServer, startProcess, type ServerProcess } from "./support/process.ts";

/** Stands in everything private that is sent. */
const canary = "canary7c1e";
/** Part of credentials, which are never sent back, not even to their owner. */
const secret = "secret5d2a";
const jwt = `eyJhbGciOiJub25lIn0.${Buffer.from(secret).toString("base64url")}.${secret}`;
const secrets = {
  authorization: `Bearer ${jwt}`,
  cookie: `session=${secret}`,
  "x-api-key": secret,
  "proxy-authorization": `Basic ${Buffer.from(`user:${secret}`).toString("base64")}`,
  referer: `http://elsewhere.example/?token=${secret}`,
  "user-agent": `agent ${canary}`,
  traceparent: canary,
  "x-request-id": `${canary}\u00e9`,
};
const json = { ...secrets, "content-type": "application/json" };
const preflight = { ...secrets, "apollo-require-preflight": "1" };
/** As they would stand there plain, in Base64 and in a URL. */
const secretForms = [
  secret,
  Buffer.from(secret).toString("base64url"),
  Buffer.from(`user:${secret}`).toString("base64"),
];
const forms = [canary, ...secretForms];

let dir: string;
let server: ServerProcess;
let receiver: OtlpReceiver;
let metrics = "";
/** Responses of the server that need not repeat the request. */
const answers: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-"));
  receiver = await receiveOtlp();
  const port = String(await freePort());
  server = await startProcess(dir, {
    LOG_LEVEL: "trace",
    METRICS_PORT: port,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-token=${secret}`,
    UPLOAD_BYTE_MAX: secret,
    API_TOKEN: secret,
  });
  await sendAll();
  metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await server.end("SIGTERM");
});
afterAll(async () => {
  await server.end("SIGKILL");
  await receiver.close();
  await rm(dir, { recursive: true, force: true });
});

async function keep(response: Promise<Response>) {
  const { status, headers, text } = await response.then(async (answer) => ({
    ...{ status: answer.status, headers: answer.headers },
    text: await answer.text(),
  }));
  answers.push(JSON.stringify([...headers]), text);
  return { status, text };
}

const graph = (body: unknown, headers: Record<string, string> = json) =>
  keep(fetch(`${server.url}/graphql`, { method: "POST", headers, body: JSON.stringify(body) }));

async function sendOperations() {
  const search = "query Looks($s: String) { entities(search: $s) { items { id } } }";
  const variables = { s: canary, password: secret };
  await graph({ query: search, variables, extensions: { token: secret } });
  await graph({ query: `# ${canary}\n{ stats { entities } }`, operationName: canary });
  await graph({ query: `{ stats { entities } }`, operationName: `\u001b[31m${canary}\r\n{"level":60}` });
  await graph({
    query: "mutation M($id: ID!) { softDeleteEntities(ids: [$id]) { ids } }",
    variables: { id: "1" },
  });
  await graph({
    query: `mutation M($r: String) { createCollection(input: { label: $r }) { entity { id } } }`,
    variables: { r: canary },
  });
  const query = new URLSearchParams({ query: search, variables: JSON.stringify(variables), token: secret });
  await keep(fetch(`${server.url}/graphql?${query.toString()}`, { headers: preflight }));
  const type = "application/x-www-form-urlencoded";
  await keep(
    fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { ...preflight, "content-type": type },
      body: query,
    }),
  );
  // Refused in every layer: without preflight, as another type, half of JSON, unknown paths and methods.
  for (const [path, init] of [
    [`/graphql?query=${canary}`, { headers: secrets }],
    [`/graphql`, { method: "POST", headers: { ...secrets, "content-type": "text/xml" }, body: canary }],
    [`/graphql`, { method: "POST", headers: json, body: `{"query": "${canary}` }],
    // JavaScript's own message about such a string quotes it.
    [`/graphql`, { method: "POST", headers: json, body: `{"query": ${canary}}` }],
    [`/graphql`, { method: "PUT", headers: json, body: `{"a":"${canary}"}` }],
    [`/files/${"0".repeat(32)}.jpg?signature=${secret}`, { headers: secrets }],
    [`/derivatives/x?signature=${secret}&expires=1`, { headers: secrets }],
    [`/nothing?token=${secret}`, { headers: secrets }],
    [`/readyz?token=${secret}`, { headers: secrets }],
  ] as [string, RequestInit][])
    await keep(fetch(server.url + path, init));
}

async function sendFiles() {
  const names = [`${canary}.jpg`, `a\u001b[31m${canary}.jpg`, `../${canary}`, `${canary}\u2028\u202e.jpg`];
  for (const name of [...names, `x%0d%0aX-Injected: ${canary}.jpg`]) {
    const form = new FormData();
    form.set(
      "operations",
      JSON.stringify({ query: String(UPLOAD), variables: { input: { file: null, label: canary } } }),
    );
    form.set("map", `{"0":["variables.input.file"]}`);
    form.set("0", new Blob([new Uint8Array(await makeJpeg())]), name);
    await fetch(`${server.url}/graphql`, { method: "POST", headers: preflight, body: form });
  }
  // Refused, with the name and the bytes saying it: no picture, bare CR LF in the header, a map that is none, cut off.
  const input = { input: { file: null, label: canary } };
  const fields = [operations(String(UPLOAD), input), map({ 0: ["variables.input.file"] })];
  for (const parts of [
    [...fields, file("0", Buffer.from(canary), `${canary}.txt`)],
    [...fields, file("0", Buffer.from("x"), `a\r\nX-Injected: ${canary}`)],
    [operations(String(UPLOAD), input), map({ 0: [`variables.${canary}`] }), file("0", Buffer.from(canary))],
  ]) {
    const client = await RawClient.open(server.url);
    await client.send(post(multipart(parts)));
    await client.answer();
    client.close();
  }
  const cut = await RawClient.open(server.url);
  const whole = post(multipart([...fields, file("0", Buffer.alloc(300_000, canary))]));
  await cut.send(whole.subarray(0, whole.length / 2));
  cut.close();
}

async function sendMessages() {
  const client = createClient({
    url: `${server.url.replace("http", "ws")}/graphql?token=${secret}`,
    connectionParams: { authorization: `Bearer ${secret}`, password: secret },
    webSocketImpl: class extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { headers: { authorization: `Bearer ${secret}`, cookie: secret } });
      }
    },
  });
  for (const query of [
    `query Q($s: String) { entities(search: $s) { items { id } } }`,
    `{ stats { entities } }`,
  ])
    for await (const result of client.iterate({ query, variables: { s: canary }, operationName: null }))
      expect(result.data).toBeDefined();
  await client.dispose();
}

async function sendAll() {
  await sendOperations();
  await sendFiles();
  await sendMessages();
}

const hits = (text: string) => text.split("\n").filter((line) => forms.some((form) => line.includes(form)));

describe("what must stay secret", () => {
  test("is in no log line, at the most talkative level", () => {
    expect(hits(server.stdout())).toEqual([]);
    // The run did what it says: all kinds of requests are there.
    expect(server.stdout()).toContain('"operation":"uploadEntity"');
    expect(server.stdout()).toContain('"status":415');
    expect(hits(server.stderr())).toEqual([]);
  });

  test("is in no metric and no trace", () => {
    expect(metrics).toContain("colan_upload_duration_seconds_count");
    expect(hits(metrics)).toEqual([]);
    expect(receiver.spans.length).toBeGreaterThan(20);
    expect(hits(receiver.bodies.join("\n"))).toEqual([]);
  });

  test("is in no answer that need not repeat it: no header, no path, no token", () => {
    expect(answers.filter((answer) => secretForms.some((token) => answer.includes(token)))).toEqual([]);
    expect(answers.join("\n")).not.toContain(dir);
    expect(answers.join("\n")).not.toMatch(/node_modules|\.ts:\d+|at async /);
  });

  test("stays one line a line: nothing that a client wrote begins a new one or colours the terminal", () => {
    const lines = server.stdout().split("\n").slice(0, -1);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty("level");
    // Of C0 and C1, DEL and the separators that some viewers break lines at.

    expect(lines.filter((line) => /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(line))).toEqual([]);
    expect(server.stdout()).not.toContain("Injected");
  });

  test("is not said of an environment that is wrong: only names, and addresses without passwords", async () => {
    expect(server.stdout()).toContain('"variable":"UPLOAD_BYTE_MAX","nearest":"UPLOAD_BYTES_MAX"');
    await writeFile(join(dir, "file"), "");
    const env = {
      DATABASE_URL: `mysql://u:${secret}@db/x`,
      PUBLIC_URL: `https://u:${secret}@media.example`,
    };
    const { child, stdout, stderr } = spawnServer(dir, env);
    await new Promise((resolve) => child.once("close", resolve));
    expect(child.exitCode).toBe(78);
    expect(stderr()).toMatch(/DATABASE_URL: .*db\/x/);
    expect(hits(stdout() + stderr())).toEqual([]);
  });

  test("is not said of a database that cannot be reached", async () => {
    const { child, stdout, stderr } = spawnServer(dir, {
      DATABASE_URL: `postgres://u:${secret}@127.0.0.1:1/x`,
    });
    await new Promise((resolve) => child.once("close", resolve));
    expect(child.exitCode).toBe(69);
    expect(stderr()).toMatch(/postgres:\/\/127\.0\.0\.1:1\/x cannot be reached/);
    expect(hits(stdout() + stderr())).toEqual([]);
  });
});
