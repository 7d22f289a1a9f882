import { readFile, writeFile } from "node:fs/promises";
import { buffer, text } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import type { DerivativeKey, DerivativeStore } from "../../src/storage/derivative-store.ts";

/** A store to try, and a look behind its back. */
export interface DerivativeBackend {
  readonly store: DerivativeStore;
  /** How many files there are, drafts included. */
  countFiles(): Promise<number>;
  /** Removes everything, as an administrator may at any moment. */
  empty(): Promise<void>;
  /** The same files as the next start finds them. */
  reopen(): Promise<DerivativeStore>;
}

const md5 = "0123456789abcdef0123456789abcdef";
const keyOf = (key: Partial<DerivativeKey> = {}): DerivativeKey => ({
  ...{ md5, sha256: "a".repeat(64), name: "thumbnail.1.w320.webp" },
  ...key,
});

/** What every store of derivatives promises. A new backend calls this and adds only its own oddities. */
export function derivativeStoreContract(create: () => Promise<DerivativeBackend>) {
  const key = keyOf();
  let backend: DerivativeBackend;
  let store: DerivativeStore;
  beforeEach(async () => {
    backend = await create();
    store = backend.store;
  });

  const write = async (bytes: string | Buffer) => {
    const draft = await store.draft();
    await draft.withLocalFile((path) => writeFile(path, bytes));
    return draft;
  };
  const put = async (bytes: string | Buffer, to = key) => (await write(bytes)).publish(to);
  const get = async (from = key) => {
    const file = await store.open(from);
    return file && (await text(file.read()));
  };

  describe("publishing", () => {
    test("gives a draft its name, and leaves nothing else", async () => {
      expect(await get()).toBeUndefined();
      const draft = await write("small picture");
      expect(await get()).toBeUndefined();
      await draft.publish(key);
      expect(await get()).toBe("small picture");
      expect(await backend.countFiles()).toBe(1);
    });

    test("replaces an older one, whose readers read it to its end", async () => {
      const old = Buffer.alloc(3_000_000, "o");
      await put(old);
      const open = (await store.open(key))!;
      const stream = open.read();
      await new Promise((resolve) => stream.once("readable", resolve));
      await put("new");
      expect((await buffer(stream)).equals(old)).toBe(true);
      expect(await get()).toBe("new");
    });

    test("shows whole files only, however often they are replaced while they are read", async () => {
      const versions = ["a", "b", "c"].map((letter) => Buffer.alloc(700_000, letter));
      await put(versions[0]!);
      const state = { isOver: false };
      const writing = (async () => {
        for (let round = 0; round < 60; round++) await put(versions[round % 3]!);
        state.isOver = true;
      })();
      let reads = 0;
      while (!state.isOver) {
        const bytes = await buffer((await store.open(key))!.read());
        expect(versions.some((version) => version.equals(bytes))).toBe(true);
        reads++;
      }
      await writing;
      expect(reads).toBeGreaterThan(5);
    });

    test("lets one of many racing ones win", async () => {
      await Promise.all(Array.from({ length: 30 }, (_, index) => put(`racer ${index}`)));
      expect(await get()).toMatch(/^racer \d+$/);
      expect(await backend.countFiles()).toBe(1);
    });

    test("keeps derivatives of different originals, bytes and names apart", async () => {
      const keys = [
        key,
        keyOf({ md5: "f".repeat(32) }),
        keyOf({ sha256: "b".repeat(64) }),
        keyOf({ name: "x" }),
      ];
      await Promise.all(keys.map((one, index) => put(String(index), one)));
      expect(await Promise.all(keys.map(get))).toEqual(["0", "1", "2", "3"]);
    });
  });

  describe("a draft", () => {
    test("is undone by discarding, which may be done twice, and after publishing", async () => {
      const draft = await write("x");
      await draft.discard();
      await draft.discard();
      expect(await backend.countFiles()).toBe(0);
      const published = await write("y");
      await published.publish(key);
      await published.discard();
      expect(await get()).toBe("y");
    });

    test("need not have been written to be discarded, but to be published", async () => {
      const draft = await store.draft();
      await expect(draft.publish(key)).rejects.toThrow();
      await draft.discard();
      expect(await get()).toBeUndefined();
    });

    test("has a path of its own", async () => {
      const drafts = await Promise.all(Array.from({ length: 20 }, () => store.draft()));
      const paths = await Promise.all(
        drafts.map((draft) => draft.withLocalFile((path) => Promise.resolve(path))),
      );
      expect(new Set(paths).size).toBe(20);
    });

    test("can be read where it was written, before it is published", async () => {
      const draft = await write("picture");
      expect(await draft.withLocalFile((path) => readFile(path, "utf8"))).toBe("picture");
      await draft.discard();
    });

    test("is stated and found by path once it is published, and neither before", async () => {
      const use = async (path: string) => ({ bytes: await readFile(path, "utf8") });
      expect(await store.stat(key)).toBeUndefined();
      expect(await store.withLocalFile(key, use)).toBeUndefined();
      await put("picture");
      expect(await store.stat(key)).toMatchObject({ size: 7 });
      expect(await store.withLocalFile(key, use)).toEqual({ bytes: "picture" });
    });

    test("that a crash left is removed at the next start, and nothing else is", async () => {
      await put("kept");
      await write("left");
      store = await backend.reopen();
      await store.recover();
      expect(await backend.countFiles()).toBe(1);
      expect(await get()).toBe("kept");
      await put("new");
      expect(await get()).toBe("new");
    });
  });

  describe("removing", () => {
    test("takes every derivative of that original and no other's", async () => {
      const other = keyOf({ md5: md5.replace(/f$/, "e") });
      await put("a");
      await put("b", keyOf({ name: "poster.1.w320.webp" }));
      await put("c", keyOf({ sha256: "b".repeat(64) }));
      await put("d", other);
      await store.remove(md5);
      expect(await backend.countFiles()).toBe(1);
      expect(await get(other)).toBe("d");
      await store.remove(md5);
      await put("again");
      expect(await get()).toBe("again");
    });

    test("lets those who read one read it to its end", async () => {
      const bytes = Buffer.alloc(3_000_000, "x");
      await put(bytes);
      const file = (await store.open(key))!;
      await store.remove(md5);
      expect((await buffer(file.read())).equals(bytes)).toBe(true);
      expect(await get()).toBeUndefined();
    });

    test("goes beside publishing without failure of either", async () => {
      for (let round = 0; round < 20; round++)
        await Promise.all([put("a"), store.remove(md5), put("b", keyOf({ name: "b" })), store.remove(md5)]);
      await store.remove(md5);
      expect(await backend.countFiles()).toBe(0);
    });
  });

  describe("a store that is emptied behind its back", () => {
    test("has nothing, and takes new ones", async () => {
      await put("a");
      await backend.empty();
      expect(await get()).toBeUndefined();
      await store.remove(md5);
      await put("b");
      expect(await get()).toBe("b");
    });

    test("recovers from nothing", async () => {
      await backend.empty();
      await store.recover();
      await put("a");
      expect(await get()).toBe("a");
    });

    test("fails one publication at most, when its draft went too", async () => {
      const draft = await write("a");
      await backend.empty();
      await expect(draft.publish(key)).rejects.toThrow("ENOENT");
      await draft.discard();
      await put("b");
      expect(await get()).toBe("b");
    });
  });

  test.each([
    ["md5", "../../../etc"],
    ["md5", md5.toUpperCase()],
    ["sha256", ".."],
    ["sha256", "a".repeat(63)],
    ["name", ".."],
    ["name", ".hidden"],
    ["name", "a/b"],
    ["name", "a\0b"],
    ["name", "A.webp"],
    ["name", ""],
    ["name", "x".repeat(201)],
  ])("refuses the %s %j, which we would not have made", async (part, text) => {
    const odd = keyOf({ [part]: text });
    await expect(store.open(odd)).rejects.toThrow(/^no /);
    const draft = await write("x");
    await expect(draft.publish(odd)).rejects.toThrow(/^no /);
    await draft.discard();
    if (part === "md5") await expect(store.remove(text)).rejects.toThrow(/^no /);
  });
}
