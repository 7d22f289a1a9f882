import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect } from "vitest";
import { UnavailableError } from "../../src/errors.ts";
import {
  EmptyFileError,
  FileTooLargeError,
  HashCollisionError,
  UploadAbortedError,
} from "../../src/storage/errors.ts";
import type { ObjectStore } from "../../src/storage/object-store.ts";

/** A member to try, and a look behind its back. */
export interface Backend {
  readonly store: ObjectStore;
  /** How many files there are, staged ones included. */
  countFiles(): Promise<number>;
  /** The same files as the next start finds them. */
  reopen(): Promise<ObjectStore>;
  /** Makes the place unreachable. */
  takeAway(): Promise<void>;
}

/** Opens an empty member that stages files of at most so many bytes. */
export type OpenBackend = (bytesMax: number) => Promise<Backend>;

/** One promise of `ObjectStore`'s doc comments: rejects where the member does not keep it. */
export type Proof = (backend: Backend) => Promise<void>;

export const bytesMax = 100_000;
const hex = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest("hex");
const streamOf = (bytes: Buffer) => Readable.from(bytes.length === 0 ? [] : [bytes]);

const hello = Buffer.from("hello");
const other = Buffer.from("other");
const long = Buffer.from(Array.from({ length: bytesMax }, (_, index) => index % 251));
const key = `2026/01/02/${hex("md5", hello)}.jpg`;
const outside = ["../escape.jpg", "a/../../escape.jpg", "/etc/escape.jpg", ""];
const escapes = "escapes the media directory";

const stage = ({ store }: Backend, bytes: Buffer) => store.stage(streamOf(bytes));
const publish = async (backend: Backend, bytes: Buffer, at = key) =>
  backend.store.publish(await stage(backend, bytes), at);
const put = async (backend: Backend, bytes: Buffer, at = key) => (await publish(backend, bytes, at)).keep();

async function read({ store }: Pick<Backend, "store">, at = key): Promise<Buffer | undefined> {
  const file = await store.open(at);
  return file && (await buffer(file.read()));
}

async function open(backend: Backend, bytes: Buffer) {
  await put(backend, bytes);
  return (await backend.store.open(key))!;
}

async function keysOf({ store }: Backend, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key: found } of store.list(prefix)) keys.push(found);
  return keys.sort();
}

const contentOf = async (path: string) => ({ bytes: await readFile(path) });

/** The same promise for each of several values. */
const each = <T>(
  values: readonly T[],
  title: (value: T) => string,
  proof: (backend: Backend, value: T) => Promise<void>,
): Record<string, Proof> =>
  Object.fromEntries(values.map((value) => [title(value), (backend) => proof(backend, value)]));

const staging: Record<string, Proof> = {
  ...each(
    [1, 65_537, bytesMax],
    (size) => `stages ${size} bytes and returns their checksums`,
    async (backend, size) => {
      const bytes = Buffer.alloc(size, "x");
      expect(await stage(backend, bytes)).toMatchObject({
        ...{ size, md5: hex("md5", bytes), sha256: hex("sha256", bytes) },
      });
      expect(await backend.countFiles()).toBe(1);
      expect(await backend.store.countStaged()).toBe(1);
    },
  ),
  "joins staged chunks of any size in their order": async ({ store }) => {
    const chunks = Array.from({ length: 300 }, (_, index) => Buffer.alloc(index, index));
    const { md5, size } = await store.stage(Readable.from(chunks));
    expect({ md5, size }).toEqual({ md5: hex("md5", Buffer.concat(chunks)), size: 44_850 });
  },
  "refuses to stage one byte too many, ends the stream and keeps nothing": async (backend) => {
    const stream = streamOf(Buffer.alloc(bytesMax + 1));
    await expect(backend.store.stage(stream)).rejects.toThrow(FileTooLargeError);
    expect(stream.destroyed).toBe(true);
    expect(await backend.countFiles()).toBe(0);
  },
  "refuses to stage an endless stream without reading it to its end": async (backend) => {
    let chunks = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          chunks++;
          yield Buffer.alloc(10_000);
        }
      })(),
    );
    await expect(backend.store.stage(endless)).rejects.toThrow(FileTooLargeError);
    expect(chunks).toBeLessThan(50);
    expect(await backend.countFiles()).toBe(0);
  },
  "refuses to stage no bytes at all": async (backend) => {
    await expect(stage(backend, Buffer.alloc(0))).rejects.toThrow(EmptyFileError);
    expect(await backend.countFiles()).toBe(0);
  },
  ...each(
    [0, 1, 5],
    (chunks) => `keeps nothing of a stream that breaks after ${chunks} chunks`,
    async (backend, chunks) => {
      const broken = Readable.from(
        (function* () {
          for (let chunk = 0; chunk < chunks; chunk++) yield Buffer.alloc(1000);
          throw new Error("connection lost");
        })(),
      );
      await expect(backend.store.stage(broken)).rejects.toThrow(UploadAbortedError);
      expect(await backend.countFiles()).toBe(0);
    },
  ),
  "lends a staged file to tools that read by path, and passes on what they return": async (backend) => {
    const staged = await stage(backend, long);
    expect((await staged.withLocalFile(contentOf)).bytes.equals(long)).toBe(true);
    await expect(staged.withLocalFile(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  },
  "discards a staged file, twice without complaint": async (backend) => {
    const staged = await stage(backend, hello);
    await staged.discard();
    await staged.discard();
    expect(await backend.countFiles()).toBe(0);
    expect(await backend.store.countStaged()).toBe(0);
  },
};

const publishing: Record<string, Proof> = {
  "gives staged bytes their key, and leaves nothing else once they are kept": async (backend) => {
    const publication = await publish(backend, hello);
    expect(await read(backend)).toEqual(hello);
    await publication.keep();
    expect(await read(backend)).toEqual(hello);
    expect(await backend.countFiles()).toBe(1);
  },
  "keeps an original when its staged file is discarded": async (backend) => {
    const staged = await stage(backend, hello);
    await (await backend.store.publish(staged, key)).keep();
    await staged.discard();
    expect(await read(backend)).toEqual(hello);
  },
  "withdraws a publication, and publishes the same staged bytes once more": async (backend) => {
    const staged = await stage(backend, hello);
    await (await backend.store.publish(staged, key)).withdraw();
    expect(await read(backend)).toBeUndefined();
    expect(await staged.withLocalFile(contentOf)).toEqual({ bytes: hello });
    await (await backend.store.publish(staged, key)).keep();
    expect(await read(backend)).toEqual(hello);
  },
  "never replaces other bytes, and leaves its own staged": async (backend) => {
    await put(backend, hello);
    const staged = await stage(backend, other);
    await expect(backend.store.publish(staged, key)).rejects.toThrow(HashCollisionError);
    expect(await read(backend)).toEqual(hello);
    expect(await staged.withLocalFile(contentOf)).toEqual({ bytes: other });
    await staged.discard();
    expect(await backend.countFiles()).toBe(1);
  },
  "adopts the same bytes, and never removes an object that it did not bring": async (backend) => {
    await put(backend, hello);
    await (await publish(backend, hello)).withdraw();
    expect(await read(backend)).toEqual(hello);
  },
  "lets exactly one of many racing writers of different bytes win": async (backend) => {
    const files = Array.from({ length: 20 }, (_, index) => Buffer.from(`bytes ${index}`));
    const results = await Promise.allSettled(files.map((bytes) => publish(backend, bytes)));
    const winners = results.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
    expect(winners).toHaveLength(1);
    expect(await read(backend)).toEqual(files[winners[0]!]);
  },
  "shows readers all bytes of an object that is being published, or none": async (backend) => {
    for (let round = 0; round < 20; round++) {
      const at = `2026/01/02/${hex("md5", Buffer.from([round]))}.jpg`;
      const state = { isOver: false };
      const publishing = publish(backend, long, at).finally(() => (state.isOver = true));
      while (!state.isOver) {
        const found = await read(backend, at);
        if (found != null) expect(found.equals(long)).toBe(true);
        // A store in memory answers without ever waiting.
        await new Promise(setImmediate);
      }
      await (await publishing).keep();
      expect((await read(backend, at))?.equals(long)).toBe(true);
    }
  },
  "refuses keys that lead outside": async (backend) => {
    const { store } = backend;
    const staged = await stage(backend, hello);
    for (const at of outside) {
      await expect(store.publish(staged, at)).rejects.toThrow(escapes);
      await expect(store.remove(at)).rejects.toThrow(escapes);
      await expect(store.open(at)).rejects.toThrow(escapes);
      await expect(store.stat(at)).rejects.toThrow(escapes);
      await expect(store.withLocalFile(at, contentOf)).rejects.toThrow(escapes);
    }
    expect(await backend.countFiles()).toBe(1);
  },
};

const reading: Record<string, Proof> = {
  ...each(
    [hello, long],
    ({ length }) => `reads all ${length} bytes of an object`,
    async (backend, bytes) => {
      const file = await open(backend, bytes);
      expect(file).toMatchObject({ key, size: bytes.length });
      expect((await file.readBytes()).equals(bytes)).toBe(true);
      expect((await buffer(file.read())).equals(bytes)).toBe(true);
    },
  ),
  ...each(
    [
      { start: 0, end: 0 },
      { start: 1, end: 70_000 },
      { start: bytesMax - 1, end: bytesMax - 1 },
      { start: 0, end: bytesMax - 1 },
    ],
    ({ start, end }) => `reads the range ${start} to ${end}, both ends included`,
    async (backend, range) => {
      const file = await open(backend, long);
      const expected = long.subarray(range.start, range.end + 1);
      expect((await file.readBytes(range)).equals(expected)).toBe(true);
      expect((await buffer(file.read(range))).equals(expected)).toBe(true);
    },
  ),
  "returns when an object was stored": async (backend) => {
    const before = Date.now();
    await put(backend, hello);
    const stat = await backend.store.stat(key);
    expect(stat).toMatchObject({ key, size: hello.length });
    // A file system's clock ticks a few times in a hundredth of a second.
    expect(stat!.modifiedAt).toBeGreaterThan(before - 1000);
    expect(stat!.modifiedAt).toBeLessThan(Date.now() + 1000);
  },
  "goes on reading an object that is removed meanwhile": async (backend) => {
    const file = await open(backend, long);
    await backend.store.remove(key);
    expect((await buffer(file.read())).equals(long)).toBe(true);
    expect(await backend.store.open(key)).toBeUndefined();
  },
  ...each(
    [key, "1999/01/01/no-such-day.jpg", `${key}/below-an-object`, "2026/01"],
    (nowhere) => `finds nothing at ${nowhere}, where no object is`,
    async (backend, nowhere) => {
      if (nowhere !== key) await put(backend, hello);
      let isUsed = false;
      const use = () => {
        isUsed = true;
        return Promise.resolve({});
      };
      expect(await backend.store.open(nowhere)).toBeUndefined();
      expect(await backend.store.stat(nowhere)).toBeUndefined();
      expect(await backend.store.withLocalFile(nowhere, use)).toBeUndefined();
      expect(isUsed).toBe(false);
    },
  ),
  "closes an object, twice without complaint, before, amid and after reading": async (backend) => {
    const { store } = backend;
    const unread = await open(backend, hello);
    await unread.close();
    await unread.close();
    const amid = (await store.open(key))!;
    const stream = amid.read();
    await amid.close();
    expect(stream.destroyed).toBe(true);
    const after = (await store.open(key))!;
    await buffer(after.read());
    await after.close();
    await after.close();
  },
  "lends an object to tools that read by path, and passes on what they return": async (backend) => {
    await put(backend, long);
    const content = await backend.store.withLocalFile(key, contentOf);
    expect(content?.bytes.equals(long)).toBe(true);
    const broken = () => Promise.reject(new Error("broken"));
    await expect(backend.store.withLocalFile(key, broken)).rejects.toThrow("broken");
    expect(await backend.countFiles()).toBe(1);
  },
};

const listing: Record<string, Proof> = {
  "removes an object, and does not mind when it is gone already": async (backend) => {
    await put(backend, hello);
    await backend.store.remove(key);
    await backend.store.remove(key);
    await backend.store.remove("1999/01/01/no-such-day.jpg");
    expect(await backend.countFiles()).toBe(0);
  },
  "lists the originals whose keys begin with a prefix, and nothing that is only staged": async (backend) => {
    const keyAt = (day: string, bytes: string) => `${day}/${hex("md5", Buffer.from(bytes))}.jpg`;
    const keys = ["2025/12/31", "2026/01/02", "2026/01/03", "2026/11/03"].map((day) => keyAt(day, day));
    for (const at of keys) await put(backend, Buffer.from(at), at);
    await stage(backend, hello);
    expect(await keysOf(backend, "")).toEqual(keys);
    expect(await keysOf(backend, "2026/")).toEqual(keys.slice(1));
    expect(await keysOf(backend, "2026/01/0")).toEqual(keys.slice(1, 3));
    expect(await keysOf(backend, keys[3]!)).toEqual(keys.slice(3));
    expect(await keysOf(backend, "2027/")).toEqual([]);
    for await (const found of backend.store.list("2025"))
      expect(found).toEqual(await backend.store.stat(keys[0]!));
  },
  "tries to write, leaves nothing, and knows how much room there is": async (backend) => {
    await backend.store.checkWritable();
    expect(await backend.countFiles()).toBe(0);
    expect(await backend.store.freeBytes()).toBeGreaterThan(0);
  },
  "says so when the place is gone, instead of missing an object": async (backend) => {
    const { store } = backend;
    await put(backend, hello);
    const staged = await stage(backend, other);
    await backend.takeAway();
    await expect(store.open(key)).rejects.toThrow(UnavailableError);
    await expect(store.stat(key)).rejects.toThrow(UnavailableError);
    await expect(store.withLocalFile(key, contentOf)).rejects.toThrow(UnavailableError);
    await expect(store.remove(key)).rejects.toThrow(UnavailableError);
    await expect(store.publish(staged, key)).rejects.toThrow(UnavailableError);
    await expect(store.checkWritable()).rejects.toThrow(UnavailableError);
    await expect(keysOf(backend, "")).rejects.toThrow(UnavailableError);
    const stream = streamOf(hello);
    await expect(store.stage(stream)).rejects.toThrow(UnavailableError);
    expect(stream.destroyed).toBe(true);
  },
};

const none = () => Promise.resolve(false);

const recovering: Record<string, Proof> = {
  "recovers by removing what was staged or published without a row": async (backend) => {
    await stage(backend, other);
    await publish(backend, hello);
    const store = await backend.reopen();
    expect(await store.recover(none)).toBe(3);
    expect(await backend.countFiles()).toBe(0);
    expect(await store.recover(none)).toBe(0);
  },
  "recovers what has its row, whether or not its publisher came to say so": async (backend) => {
    await publish(backend, hello);
    const store = await backend.reopen();
    await store.recover((at) => Promise.resolve(at === key));
    expect(await read({ store })).toEqual(hello);
    expect(await backend.countFiles()).toBe(1);
  },
  "recovers what was there before a publisher that died adopted it": async (backend) => {
    await put(backend, hello);
    await publish(backend, hello);
    const store = await backend.reopen();
    await store.recover(none);
    expect(await read({ store })).toEqual(hello);
    expect(await backend.countFiles()).toBe(1);
  },
};

/** What every object store promises, by title. */
export const promises: Readonly<Record<string, Proof>> = {
  ...{ ...staging, ...publishing, ...reading },
  ...{ ...listing, ...recovering },
};
