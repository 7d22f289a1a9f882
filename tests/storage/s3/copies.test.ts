import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LocalCopies } from "../../../src/storage/s3/copies.ts";
import { closers } from "../../support/closers.ts";

async function openCopies(bytesMax: number) {
  const dir = await mkdtemp(join(tmpdir(), "colan-"));
  closers.push(() => rm(dir, { recursive: true }));
  const copies = await LocalCopies.open(join(dir, "copies"), bytesMax);
  const downloads: string[] = [];
  const download = (key: string) => async (path: string) => {
    downloads.push(key);
    await new Promise(setImmediate);
    await writeFile(path, key.repeat(10));
    return 10;
  };
  const read = (key: string) =>
    copies.lend(key, download(key), async (path) => (await readFile(path)).toString());
  return { copies, downloads, read, count: async () => (await readdir(join(dir, "copies"))).length };
}

test("a copy is made by one download however many ask for it", async () => {
  const { read, downloads } = await openCopies(100);
  const all = await Promise.all(Array.from({ length: 50 }, () => read("a")));
  expect(new Set(all)).toEqual(new Set(["aaaaaaaaaa"]));
  expect(downloads).toEqual(["a"]);
});

test("the copies used longest ago give way, and never more bytes stay than there is room for", async () => {
  const { read, downloads, count } = await openCopies(25);
  for (const key of ["a", "b", "a", "c", "a", "b"]) await read(key);
  expect(downloads).toEqual(["a", "b", "c", "b"]);
  expect(await count()).toBe(2);
});

test("a copy stays while it is read, although its object is removed or others need the room", async () => {
  const { copies, read, count } = await openCopies(10);
  const bytes = await copies.lend(
    "a",
    (path) => writeFile(path, "aaaaaaaaaa").then(() => 10),
    async (path) => {
      await copies.forget("a");
      await read("b");
      return { text: (await readFile(path)).toString() };
    },
  );
  expect(bytes).toEqual({ text: "aaaaaaaaaa" });
  expect(await count()).toBe(1);
});

test("a download that fails is told to all who wait, and begun once more by the next", async () => {
  const { copies, read, count } = await openCopies(100);
  const broken = () => Promise.reject(new Error("broken"));
  const use = () => Promise.resolve({});
  const waiting = [copies.lend("a", broken, use), copies.lend("a", broken, use)];
  for (const one of waiting) await expect(one).rejects.toThrow("broken");
  expect(await read("a")).toBe("aaaaaaaaaa");
  expect(await count()).toBe(1);
});

test("an object that is not there is lent to nobody", async () => {
  const { copies, count } = await openCopies(100);
  expect(
    await copies.lend(
      "a",
      () => Promise.resolve(undefined),
      () => Promise.resolve({}),
    ),
  ).toBeUndefined();
  expect(await count()).toBe(0);
});
