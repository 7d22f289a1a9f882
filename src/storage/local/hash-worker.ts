import type * as Crypto from "node:crypto";
import type * as Fs from "node:fs";
import { Worker } from "node:worker_threads";

/** One open file to be read to its end. */
export interface HashRequest {
  readonly fd: number;
}

export type HashReply =
  | { readonly md5: string; readonly sha256: string; readonly bytes: number }
  | { readonly failure: string }
  /** The reading was given up. */
  | { readonly stopped: true };

/** Shared by all workers: whether to stop, and the number of bytes read in all. */
export interface HashMeter {
  readonly stop: Int32Array;
  readonly bytes: BigInt64Array;
}

/**
 * Runs inside the worker: it goes there as text, so it may use nothing but its own arguments.
 * Both checksums from one reading, which costs what the disk costs: the row promises both.
 */
function hashFile(
  { fd }: HashRequest,
  { fs, crypto, buffer }: { fs: typeof Fs; crypto: typeof Crypto; buffer: Buffer },
  { stop, bytes: read }: HashMeter,
): HashReply {
  const md5 = crypto.createHash("md5");
  const sha256 = crypto.createHash("sha256");
  let bytes = 0;
  try {
    for (;;) {
      if (Atomics.load(stop, 0) !== 0) return { stopped: true };
      const length = fs.readSync(fd, buffer, 0, buffer.length, bytes);
      if (length === 0) break;
      const chunk = buffer.subarray(0, length);
      md5.update(chunk);
      sha256.update(chunk);
      bytes += length;
      Atomics.add(read, 0, BigInt(length));
    }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
  return { md5: md5.digest("hex"), sha256: sha256.digest("hex"), bytes };
}

// esbuild wraps named functions in `__name`, which does not exist where this text goes.
const program = `
const __name = (named) => named;
const { parentPort, workerData } = require("node:worker_threads");
const tools = { fs: require("node:fs"), crypto: require("node:crypto"), buffer: Buffer.allocUnsafe(workerData.chunkBytes) };
const hashFile = ${hashFile.toString()};
parentPort.on("message", (request) => parentPort.postMessage(hashFile(request, tools, workerData.meter)));
`;

/** Small enough for a core's cache, large enough that calls cost nothing beside the hashing. */
const chunkBytes = 256 * 1024;

/** Starts a worker that answers each `HashRequest` with a `HashReply`. */
export const startHashWorker = (meter: HashMeter): Worker =>
  new Worker(program, { eval: true, execArgv: [], workerData: { chunkBytes, meter } });
