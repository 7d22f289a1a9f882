import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { AppError, UnavailableError } from "../../src/errors.ts";
import {
  EmptyFileError,
  FileTooLargeError,
  HashCollisionError,
  UploadAbortedError,
} from "../../src/storage/errors.ts";
import type { ObjectStore, StagedFile, StoredFile } from "../../src/storage/object-store.ts";
import type { Backend } from "./contract.ts";

interface Kept {
  readonly bytes: Buffer;
  readonly modifiedAt: number;
}

/** What a new start finds, as a bucket and a table of intents would keep it. */
export interface Memory {
  readonly objects: Map<string, Kept>;
  readonly staged: Map<string, Buffer>;
  /** Keys of what was published and not settled, by the staged file's name; whether the publisher brought the object. */
  readonly intents: Map<string, { readonly key: string; readonly isOurs: boolean }>;
  isAway: boolean;
}

const hex = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest("hex");

function checkKey(key: string): void {
  if (key === "" || key.startsWith("/") || key.split("/").includes(".."))
    throw new Error(`key escapes the media directory: ${key}`);
}

async function withTemporary<T>(bytes: Buffer, use: (path: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "colan-"));
  try {
    await writeFile(join(dir, "object"), bytes);
    return await use(join(dir, "object"));
  } finally {
    await rm(dir, { recursive: true });
  }
}

function openKept(key: string, { bytes, modifiedAt }: Kept): StoredFile {
  const part = ({ start, end } = { start: 0, end: bytes.length - 1 }) => bytes.subarray(start, end + 1);
  let stream: Readable | undefined;
  return {
    ...{ key, size: bytes.length, modifiedAt },
    read: (range) => (stream = Readable.from([part(range)], { objectMode: false })),
    readBytes: (range) => Promise.resolve(part(range)),
    close: () => Promise.resolve(void stream?.destroy()),
  };
}

async function receive(stream: Readable, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if ((size += chunk.length) > bytesMax) throw new FileTooLargeError(bytesMax);
    }
  } catch (cause) {
    stream.destroy();
    throw cause instanceof AppError ? cause : new UploadAbortedError({ cause });
  }
  if (size === 0) throw new EmptyFileError();
  return Buffer.concat(chunks);
}

/** A store without a folder, to see that the contract asks for none. */
export function openMemoryStore(memory: Memory, bytesMax: number): ObjectStore {
  const { objects, staged, intents } = memory;
  const check = (key?: string) => {
    if (key != null) checkKey(key);
    if (memory.isAway) throw new UnavailableError("The memory was taken away");
  };
  const find = async (key: string) => {
    await Promise.resolve();
    check(key);
    return objects.get(key);
  };
  const stageBytes = (bytes: Buffer): StagedFile => {
    const name = randomUUID();
    staged.set(name, bytes);
    return {
      ...{ name, size: bytes.length, md5: hex("md5", bytes), sha256: hex("sha256", bytes) },
      withLocalFile: (use) => withTemporary(bytes, use),
      discard: () => Promise.resolve(void staged.delete(name)),
    };
  };
  const settle = (name: string, isKept: boolean): void => {
    const intent = intents.get(name);
    intents.delete(name);
    if (intent?.isOurs === true && !isKept) objects.delete(intent.key);
  };

  return {
    async stage(bytes) {
      try {
        check();
      } catch (error) {
        bytes.destroy();
        throw error;
      }
      return stageBytes(await receive(bytes, bytesMax));
    },
    async publish({ name, md5 }, key) {
      await Promise.resolve();
      check(key);
      const bytes = staged.get(name)!;
      const there = objects.get(key);
      if (there?.bytes.equals(bytes) === false) throw new HashCollisionError(md5);
      intents.set(name, { key, isOurs: there == null });
      if (there == null) objects.set(key, { bytes, modifiedAt: Date.now() });
      return {
        keep: async () => {
          await Promise.resolve();
          settle(name, true);
          staged.delete(name);
        },
        withdraw: async () => {
          await Promise.resolve();
          settle(name, false);
        },
      };
    },
    open: async (key) => {
      const kept = await find(key);
      return kept && openKept(key, kept);
    },
    stat: async (key) => {
      const kept = await find(key);
      return kept && { key, size: kept.bytes.length, modifiedAt: kept.modifiedAt };
    },
    withLocalFile: async (key, use) => {
      const kept = await find(key);
      return kept && withTemporary(kept.bytes, use);
    },
    remove: async (key) => {
      await find(key);
      objects.delete(key);
    },
    async *list(prefix) {
      await Promise.resolve();
      check();
      for (const [key, { bytes, modifiedAt }] of objects)
        if (key.startsWith(prefix)) yield { key, size: bytes.length, modifiedAt };
    },
    async recover(hasRow) {
      let removed = 0;
      for (const [name, { key, isOurs }] of intents) {
        const isKept = await hasRow(key);
        settle(name, isKept);
        if (isOurs && !isKept) removed++;
      }
      removed += staged.size;
      staged.clear();
      return removed;
    },
    sweep: () => Promise.resolve(0),
    checkWritable: async () => {
      await Promise.resolve();
      check();
    },
    freeBytes: () => Promise.resolve(2 ** 30),
    countStaged: () => Promise.resolve(staged.size),
  };
}

/** @param change makes it another member than it should be. */
export function openMemoryBackend(
  bytesMax: number,
  change: (store: ObjectStore, memory: Memory) => Partial<ObjectStore> = () => ({}),
): Backend {
  const memory: Memory = { objects: new Map(), staged: new Map(), intents: new Map(), isAway: false };
  const open = () => {
    const store = openMemoryStore(memory, bytesMax);
    return { ...store, ...change(store, memory) };
  };
  return {
    store: open(),
    countFiles: () => Promise.resolve(memory.objects.size + memory.staged.size),
    reopen: () => Promise.resolve(open()),
    takeAway: () => Promise.resolve(void (memory.isAway = true)),
  };
}
