import { mkdtemp, readdir, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { writeLibraryMark } from "../../src/storage/local/library-mark.ts";
import { openLocalStorage } from "../../src/storage/local/local.ts";
import { watchPresence } from "../../src/storage/local/presence.ts";
import type { ObjectStore } from "../../src/storage/object-store.ts";
import { bytesMax, promises, type OpenBackend } from "./contract.ts";
import { openMemoryBackend, type Memory } from "./memory-store.ts";

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

const openFolder: OpenBackend = async (max) => {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "colan-")));
  dirs.push(dir, `${dir}.away`);
  await writeLibraryMark(dir, "0".repeat(32));
  const open = async () => openLocalStorage(dir, max, await watchPresence(dir));
  return {
    store: await open(),
    countFiles: async () => {
      const entries = await readdir(dir, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => !entry.isDirectory() && entry.name !== ".library").length;
    },
    reopen: open,
    takeAway: () => rename(dir, `${dir}.away`),
  };
};

const members: Readonly<Record<string, OpenBackend>> = {
  "the folder": openFolder,
  // Nothing runs on it: it shows that the promises can be kept without a folder.
  "a store in memory": (max) => Promise.resolve(openMemoryBackend(max)),
};

describe.each(Object.entries(members))("%s", (_name, open) => {
  test.each(Object.entries(promises))("%s", async (_title, prove) => {
    await prove(await open(bytesMax));
  });
});

type Change = (store: ObjectStore, memory: Memory) => Partial<ObjectStore>;

/** Members that each break one promise, and the proof that has to find it. */
const wrong: readonly { readonly name: string; readonly title: string; readonly change: Change }[] = [
  {
    name: "replaces other bytes",
    title: "never replaces other bytes, and leaves its own staged",
    change: (store, { objects }) => ({
      publish: async (staged, key) => {
        objects.delete(key);
        return await store.publish(staged, key);
      },
    }),
  },
  {
    name: "shows an object before all of its bytes are there",
    title: "shows readers all bytes of an object that is being published, or none",
    change: (store, { objects, staged: bytesOf }) => ({
      publish: async (staged, key) => {
        objects.set(key, { bytes: bytesOf.get(staged.name)!.subarray(1), modifiedAt: Date.now() });
        await new Promise(setImmediate);
        objects.delete(key);
        return await store.publish(staged, key);
      },
    }),
  },
  {
    name: "takes away what was there before, when a publication is withdrawn",
    title: "adopts the same bytes, and never removes an object that it did not bring",
    change: (store) => ({
      publish: async (staged, key) => {
        return { ...(await store.publish(staged, key)), withdraw: () => store.remove(key) };
      },
    }),
  },
  {
    name: "loses its intents when it starts again",
    title: "recovers by removing what was staged or published without a row",
    change: (store, { intents }) => ({
      recover: (hasRow) => {
        intents.clear();
        return store.recover(hasRow);
      },
    }),
  },
  {
    name: "reports an object missing when the place is gone",
    title: "says so when the place is gone, instead of missing an object",
    change: (store) => ({ open: (key) => store.open(key).catch(() => undefined) }),
  },
  {
    name: "ends ranges one byte early",
    title: "reads the range 1 to 70000, both ends included",
    change: (store) => ({
      open: async (key) => {
        const file = await store.open(key);
        const early = (range?: { start: number; end: number }) =>
          range && { start: range.start, end: range.end - 1 };
        return file && { ...file, read: (range) => file.read(early(range)) };
      },
    }),
  },
  {
    name: "lists what is only staged",
    title: "lists the originals whose keys begin with a prefix, and nothing that is only staged",
    change: (store, { staged }) => ({
      list: async function* (prefix) {
        yield* store.list(prefix);
        for (const [key, bytes] of staged) yield { key, size: bytes.length, modifiedAt: 0 };
      },
    }),
  },
  {
    name: "keeps a broken upload",
    title: "keeps nothing of a stream that breaks after 5 chunks",
    change: (store, { staged }) => ({
      stage: (bytes) =>
        store.stage(bytes).catch((error: unknown) => {
          staged.set("left", Buffer.alloc(1));
          throw error;
        }),
    }),
  },
];

describe("the contract", () => {
  test.each(wrong)("finds a member that $name", async ({ title, change }) => {
    const proof = promises[title];
    expect(proof, title).toBeDefined();
    await expect(proof?.(openMemoryBackend(bytesMax, change))).rejects.toThrow();
  });
});
