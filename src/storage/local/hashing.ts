import { once } from "node:events";
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { Semaphore } from "../../concurrency/semaphore.ts";
import { startHashWorker, type HashMeter, type HashReply } from "./hash-worker.ts";

/** Lower-case hex, of all bytes. */
export interface Hashes {
  readonly md5: string;
  readonly sha256: string;
}

/** Reads whole files in threads of their own, one a core. */
export interface Hashing {
  /** Files that are read at the same time. */
  readonly threads: number;
  /** @returns undefined when it was stopped. @throws {Error} when the file cannot be read to its end. */
  hash(fd: number): Promise<Hashes | undefined>;
  /** Bytes read so far, those of files half read included. */
  bytes(): number;
  /** Gives up what is being read. */
  stop(): void;
  close(): Promise<void>;
}

/** More than a disk serves at once only wait for each other. */
const threadsMax = 4;

async function ask(worker: Worker, fd: number): Promise<HashReply> {
  worker.postMessage({ fd });
  // The only messages of this program's worker.
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
          const reply = await ask(worker, fd);
          if ("failure" in reply) throw new Error(reply.failure);
          return "stopped" in reply ? undefined : reply;
        } finally {
          idle.push(worker);
        }
      }),
    bytes: () => Number(Atomics.load(meter.bytes, 0)),
    stop: () => {
      Atomics.store(meter.stop, 0, 1);
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
