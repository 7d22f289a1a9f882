import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { upload } from "../../bench/multipart-client.ts";

const MiB = 1024 * 1024;
const limitBytes = 300 * MiB;

const { values } = parseArgs({
  options: {
    uploads: { type: "string", default: "10" },
    mebibytes: { type: "string", default: "2048" },
  },
});
const [uploads, size] = [Number(values.uploads), Number(values.mebibytes) * MiB];

/** A box of an ISO file whose size takes 64 bits (ISO/IEC 14496-12 section 4.2). */
function boxHead(type: string, bytes: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(1, 0);
  head.write(type, 4, "latin1");
  head.writeBigUInt64BE(BigInt(bytes), 8);
  return head;
}

/** An MP4 with nothing but room in it; each number makes another file. */
function* mp4(number: number): Generator<Buffer> {
  const type = Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isommp41", "latin1");
  yield Buffer.concat([
    type,
    boxHead("free", size - type.length),
    Buffer.from(String(number).padStart(16, "0")),
  ]);
  const piece = Buffer.alloc(64 * 1024);
  for (let left = size - type.length - 32; left > 0; left -= piece.length) yield piece.subarray(0, left);
}

/** The built server, as `npm start` runs it, with a quarter of the heap that Node would take. */
function start(dir: string) {
  return spawn(process.execPath, ["--max-old-space-size=256", "dist/main.js"], {
    cwd: join(import.meta.dirname, "../.."),
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      DATABASE_URL: `file:${dir}/media_store.db`,
      MEDIA_DIR: `${dir}/media_files`,
      LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "inherit", "pipe"],
  });
}

async function urlOf(stderr: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stderr) {
    text += String(chunk);
    const found = /GraphQL and GraphiQL\s+(\S+)/.exec(text)?.[1];
    if (found != null) return found;
  }
  throw new Error(`the server does not listen: ${text}`);
}

/** Bytes: now, or at most so far. */
async function memoryOf(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
}

const dir = await mkdtemp(join(tmpdir(), "colan-memory-"));
const server = start(dir);
try {
  const url = await urlOf(server.stderr);
  const pid = server.pid ?? 0;
  const agent = new Agent({ keepAlive: false });
  const idle = await memoryOf(pid, "VmRSS");
  const startedAt = performance.now();
  const done = { yet: false };
  const say = (async () => {
    while (!done.yet) {
      await setTimeout(5_000, undefined, { ref: false });
      console.log(`now ${((await memoryOf(pid, "VmRSS")) / MiB).toFixed(0)} MiB`);
    }
  })().catch(() => undefined);
  await Promise.all(
    Array.from({ length: uploads }, (_, number) =>
      upload({ url, agent, name: `${number}.mp4`, bytes: Readable.from(mp4(number)), size }),
    ),
  );
  done.yet = true;
  void say;
  const seconds = (performance.now() - startedAt) / 1_000;
  const peak = await memoryOf(pid, "VmHWM");
  console.log(`${uploads} uploads of ${size / MiB} MiB at once in ${seconds.toFixed(0)} s
idle ${(idle / MiB).toFixed(0)} MiB, peak ${(peak / MiB).toFixed(0)} MiB of ${limitBytes / MiB} MiB`);
  process.exitCode = peak < limitBytes ? 0 : 1;
} finally {
  server.kill("SIGTERM");
  await once(server, "exit");
  await rm(dir, { recursive: true, force: true });
}
