import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { findHits, listCopies, type Advisories, type LockFile } from "../scripts/advisories.ts";

const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(name, import.meta.url), "utf8"));
// Files of this repository, with these shapes.
const known = (await read("../scripts/advisories.json")) as Advisories;
const lock = (await read("../package-lock.json")) as LockFile;

test("no installed package is one that an advisory names, but for those with a reason", () => {
  expect(findHits(listCopies(lock), known)).toEqual([]);
});

test("sharp, busboy and exiftool are among what is looked at", () => {
  const names = listCopies(lock).map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(["sharp", "@fastify/busboy", "busboy", "exiftool-vendored.pl"]),
  );
});

const withCopy = (path: string, version: string): LockFile => ({
  packages: { ...lock.packages, [path]: { version } },
});

test.each([
  ["node_modules/sharp", "0.34.9"],
  ["node_modules/a/node_modules/@fastify/busboy", "3.2.5"],
  ["node_modules/@graphql-tools/utils", "12.0.0-alpha-1"],
  ["node_modules/a/node_modules/undici", "7.23.1"],
  ["node_modules/exiftool-vendored.pl", "13.53.0"],
])("a copy that is affected is a line of its own: %s %s", (path, version) => {
  const hits = findHits(listCopies(withCopy(path, version)), known);
  expect(hits.length).toBeGreaterThan(0);
  for (const hit of hits) expect(hit).toContain(`${version} (${path}): `);
});

test.each([
  ["node_modules/sharp", "0.35.0"],
  ["node_modules/@fastify/busboy", "3.2.6"],
  ["node_modules/undici", "7.28.0"],
])("one that is mended is none: %s %s", (path, version) => {
  expect(findHits(listCopies(withCopy(path, version)), known)).toEqual([]);
});

test("an exception holds for its version only, and is itself a line when nothing needs it", () => {
  const others = findHits(listCopies(withCopy("node_modules/graphql-upload-minimal", "1.6.3")), known);
  expect(others).toHaveLength(2);
  expect(others.join()).toContain("its exception can go");
});
