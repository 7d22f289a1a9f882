import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  EmptyFileError,
  FileTooLargeError,
  HashCollisionError,
  UploadAbortedError,
} from "../../src/storage/errors.ts";
import type { Storage } from "../../src/storage/storage.ts";

/** A backend to try, and a look behind its back. */
export interface Backend {
  readonly storage: Storage;
  /** Bytes of an original; undefined when there is none. */
  read(filePath: string): Promise<Buffer | undefined>;
  /** How many files there are, staged ones included. */
  countFiles(): Promise<number>;
  /** The same files as the next start finds them. */
  reopen(): Promise<Storage>;
}

const bytesMax = 100_000;
const hex = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest("hex");
const streamOf = (bytes: Buffer) => Readable.from(bytes.length === 0 ? [] : [bytes]);

/** What every storage backend promises. A new backend calls this and adds only its own oddities. */
export function storageContract(create: (bytesMax: number) => Promise<Backend>) {
  const hello = Buffer.from("hello");
  const other = Buffer.from("other");
  const path = `2026/01/02/${hex("md5", hello)}.jpg`;
  let backend: Backend;
  let storage: Storage;
  beforeEach(async () => {
    backend = await create(bytesMax);
    storage = backend.storage;
  });
  const stage = (bytes: Buffer) => storage.stage(streamOf(bytes));
  const publish = async (bytes: Buffer) => storage.publish(await stage(bytes), path);

  describe("staging", () => {
    test.each([1, 65_537, bytesMax])("takes %i bytes and tells their checksums", async (size) => {
      const bytes = Buffer.alloc(size, "x");
      expect(await stage(bytes)).toMatchObject({
        ...{ size, md5: hex("md5", bytes), sha256: hex("sha256", bytes) },
      });
      expect(await backend.countFiles()).toBe(1);
    });

    test("joins chunks of any size in their order", async () => {
      const chunks = Array.from({ length: 300 }, (_, index) => Buffer.alloc(index, index));
      const { md5, size } = await storage.stage(Readable.from(chunks));
      expect({ md5, size }).toEqual({ md5: hex("md5", Buffer.concat(chunks)), size: 44_850 });
    });

    test("refuses one byte too many, ends the stream and keeps nothing", async () => {
      const stream = streamOf(Buffer.alloc(bytesMax + 1));
      await expect(storage.stage(stream)).rejects.toThrow(FileTooLargeError);
      expect(stream.destroyed).toBe(true);
      expect(await backend.countFiles()).toBe(0);
    });

    test("refuses an endless stream without reading it to its end", async () => {
      let chunks = 0;
      const endless = Readable.from(
        (function* () {
          for (;;) {
            chunks++;
            yield Buffer.alloc(10_000);
          }
        })(),
      );
      await expect(storage.stage(endless)).rejects.toThrow(FileTooLargeError);
      expect(chunks).toBeLessThan(50);
      expect(await backend.countFiles()).toBe(0);
    });

    test("refuses no bytes at all", async () => {
      await expect(stage(Buffer.alloc(0))).rejects.toThrow(EmptyFileError);
      expect(await backend.countFiles()).toBe(0);
    });

    test.each([0, 1, 5])("keeps nothing of a stream that breaks after %i chunks", async (chunks) => {
      const broken = Readable.from(
        (function* () {
          for (let chunk = 0; chunk < chunks; chunk++) yield Buffer.alloc(1000);
          throw new Error("connection lost");
        })(),
      );
      await expect(storage.stage(broken)).rejects.toThrow(UploadAbortedError);
      expect(await backend.countFiles()).toBe(0);
    });

    test("is undone by discarding, which may be done twice", async () => {
      const staged = await stage(hello);
      await staged.discard();
      await staged.discard();
      expect(await backend.countFiles()).toBe(0);
    });
  });

  describe("publishing", () => {
    test("gives the bytes their path, and leaves nothing else once they are kept", async () => {
      const publication = await publish(hello);
      expect(await backend.read(path)).toEqual(hello);
      await publication.keep();
      expect(await backend.read(path)).toEqual(hello);
      expect(await backend.countFiles()).toBe(1);
    });

    test("keeps the original when the staged file is discarded", async () => {
      const staged = await stage(hello);
      await (await storage.publish(staged, path)).keep();
      await staged.discard();
      expect(await backend.read(path)).toEqual(hello);
    });

    test("can be withdrawn, and done again with the same staged bytes", async () => {
      const staged = await stage(hello);
      await (await storage.publish(staged, path)).withdraw();
      expect(await backend.read(path)).toBeUndefined();
      await (await storage.publish(staged, path)).keep();
      expect(await backend.read(path)).toEqual(hello);
    });

    test("never replaces other bytes, and leaves its own staged", async () => {
      await (await publish(hello)).keep();
      const staged = await stage(other);
      await expect(storage.publish(staged, path)).rejects.toThrow(HashCollisionError);
      expect(await backend.read(path)).toEqual(hello);
      await staged.discard();
      expect(await backend.countFiles()).toBe(1);
    });

    test("adopts the same bytes, and never removes what it did not bring", async () => {
      await (await publish(hello)).keep();
      await (await publish(hello)).withdraw();
      expect(await backend.read(path)).toEqual(hello);
    });

    test("lets exactly one of many racing writers of different bytes win", async () => {
      const files = Array.from({ length: 20 }, (_, index) => Buffer.from(`bytes ${index}`));
      const results = await Promise.allSettled(files.map(publish));
      const winners = results.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
      expect(winners).toHaveLength(1);
      expect(await backend.read(path)).toEqual(files[winners[0]!]);
    });

    test.each(["../escape.jpg", "a/../../escape.jpg", "/etc/escape.jpg", ""])(
      "refuses the path %j, which leads outside",
      async (outside) => {
        const staged = await stage(hello);
        await expect(storage.publish(staged, outside)).rejects.toThrow("escapes the media directory");
        await expect(storage.remove(outside)).rejects.toThrow("escapes the media directory");
      },
    );
  });

  describe("opening", () => {
    const long = Buffer.from(Array.from({ length: bytesMax }, (_, index) => index % 251));
    const open = async (bytes: Buffer) => {
      await (await publish(bytes)).keep();
      return (await storage.open(path))!;
    };

    test.each([hello, long])("gives all bytes and their number", async (bytes) => {
      const file = await open(bytes);
      expect(file.size).toBe(bytes.length);
      expect((await file.readBytes()).equals(bytes)).toBe(true);
      expect((await buffer(file.read())).equals(bytes)).toBe(true);
    });

    test.each([
      { start: 0, end: 0 },
      { start: 1, end: 70_000 },
      { start: bytesMax - 1, end: bytesMax - 1 },
      { start: 0, end: bytesMax - 1 },
    ])("gives the range %o, both ends included", async (range) => {
      const file = await open(long);
      const expected = long.subarray(range.start, range.end + 1);
      expect((await file.readBytes(range)).equals(expected)).toBe(true);
      expect((await buffer(file.read(range))).equals(expected)).toBe(true);
    });

    test("tells when the bytes were stored", async () => {
      const before = Date.now();
      const file = await open(hello);
      // A file system's clock ticks a few times in a hundredth of a second.
      expect(Math.abs(file.modifiedAt - before)).toBeLessThan(5000);
      await file.close();
    });

    test("goes on giving the bytes of an original that is removed meanwhile", async () => {
      const file = await open(long);
      await storage.remove(path);
      expect((await buffer(file.read())).equals(long)).toBe(true);
      expect(await storage.open(path)).toBeUndefined();
    });

    test.each([path, "1999/01/01/no-such-day.jpg", `${path}/below-a-file`, "2026/01"])(
      "finds nothing at %s, where no original is",
      async (nowhere) => {
        if (nowhere !== path) await (await publish(hello)).keep();
        expect(await storage.open(nowhere)).toBeUndefined();
      },
    );

    test("is over with closing, which may be done twice, before, amid and after reading", async () => {
      const unread = await open(hello);
      await unread.close();
      await unread.close();
      const amid = (await storage.open(path))!;
      const stream = amid.read();
      await amid.close();
      expect(stream.destroyed).toBe(true);
      const after = (await storage.open(path))!;
      await buffer(after.read());
      await after.close();
      await after.close();
    });

    test("refuses a path that leads outside", async () => {
      await expect(storage.open("../escape.jpg")).rejects.toThrow("escapes the media directory");
    });
  });

  test("removes an original, and does not mind when it is gone already", async () => {
    await (await publish(hello)).keep();
    await storage.remove(path);
    await storage.remove(path);
    await storage.remove("1999/01/01/no-such-day.jpg");
    expect(await backend.countFiles()).toBe(0);
  });

  describe("recovering", () => {
    test("removes what was staged or published without a row", async () => {
      await stage(other);
      await publish(hello);
      storage = await backend.reopen();
      expect(await storage.recover(() => Promise.resolve(false))).toBe(3);
      expect(await backend.countFiles()).toBe(0);
      expect(await storage.recover(() => Promise.resolve(false))).toBe(0);
    });

    test("keeps what has its row, whether or not its publisher came to say so", async () => {
      await publish(hello);
      storage = await backend.reopen();
      await storage.recover((filePath) => Promise.resolve(filePath === path));
      expect(await backend.read(path)).toEqual(hello);
      expect(await backend.countFiles()).toBe(1);
    });

    test("keeps what was there before a publisher that died adopted it", async () => {
      await (await publish(hello)).keep();
      await publish(hello);
      storage = await backend.reopen();
      await storage.recover(() => Promise.resolve(false));
      expect(await backend.read(path)).toEqual(hello);
      expect(await backend.countFiles()).toBe(1);
    });
  });
}
