import { createHash } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { Semaphore } from "../../concurrency/semaphore.ts";
import { startHashWorker, type HashMeter, type HashReply } from "./hash-worker.ts";

/** Checksums of all bytes of a file, in lower-case hex. */
export interface Hashes {
  readonly md5: string;
  readonly sha256: string;
}

/** Hashes whole files in worker threads. */
export interface Hashing {
  /** Most files that are read at the same time; further ones wait. */
  readonly threads: number;
  /**
   * Reads an open file from its beginning, and leaves it open.
   * @returns undefined after `stop`.
   * @throws {Error} when the file cannot be read to its end.
   */
  hash(fd: number): Promise<Hashes | undefined>;
  /** The same of a file that is no file of this machine, in this thread. */
  hashStream(chunks: AsyncIterable<Buffer>): Promise<Hashes | undefined>;
  /** Bytes read so far, of all files together; those of partly read files count. */
  bytes(): number;
  /** Gives up the files that are being read, and all later ones. */
  stop(): void;
  /** Ends the threads. A `hash` that still runs never settles. */
  close(): Promise<void>;
}

/** A disk serves few readers at once; more threads would only wait for each other. */
const threadsMax = 4;

async function hashIn(worker: Worker, fd: number): Promise<HashReply> {
  worker.postMessage({ fd });
  // The worker sends nothing but replies.
  const [reply] = (await once(worker, "message")) as [HashReply];
  return reply;
}

export function openHashing(threads = Math.min(availableParallelism(), threadsMax)): Hashing {
  const meter: HashMeter = {
    stop: new Int32Array(new SharedArrayBuffer(4)),
    bytes: new BigInt64Array(new SharedArrayBuffer(8)),
  };
  const workers: Worker[] = [];
  const idle: Worker[] = [];
  const turns = new Semaphore(threads);

  const start = () => {
    const worker = startHashWorker(meter);
    workers.push(worker);
    return worker;
  };

  return {
    threads,
    hash: (fd) =>
      turns.run(async () => {
        const worker = idle.pop() ?? start();
        try {
          const reply = await hashIn(worker, fd);
          if ("failure" in reply) throw new Error(reply.failure);
          return "stopped" in reply ? undefined : reply;
        } finally {
          idle.push(worker);
        }
      }),
    hashStream: async (chunks) => {
      const [md5, sha256] = [createHash("md5"), createHash("sha256")];
      for await (const chunk of chunks) {
        if (Atomics.load(meter.stop, 0) !== 0) return undefined;
        md5.update(chunk);
        sha256.update(chunk);
        Atomics.add(meter.bytes, 0, BigInt(chunk.length));
      }
      return { md5: md5.digest("hex"), sha256: sha256.digest("hex") };
    },
    bytes: () => Number(Atomics.load(meter.bytes, 0)),
    stop: () => {
      Atomics.store(meter.stop, 0, 1);
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
