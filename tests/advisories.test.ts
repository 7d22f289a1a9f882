import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import {
  findHits,
  findHitsInImage,
  listCopies,
  type Advisories,
  type LockFile,
} from "../scripts/advisories.ts";

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

test("every package of the lock file is looked at, wherever it is installed", () => {
  const paths = Object.keys(lock.packages).filter((path) => path.includes("node_modules/"));
  const copies = listCopies(lock);
  expect(copies.map(({ path }) => path)).toEqual(paths);
  const advisories = copies.map((copy) => ({
    ...{ package: copy.name, affected: copy.version, ids: [copy.path], about: "" },
  }));
  const hits = findHits(copies, { advisories, exceptions: [] });
  expect(paths.filter((path) => !hits.some((hit) => hit.includes(`(${path}): `)))).toEqual([]);
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
  ["node_modules/a/node_modules/mysql2", "3.21.9"],
  ["node_modules/a/node_modules/mysql2", "3.22.0"],
  ["node_modules/a/node_modules/deepmerge-ts", "7.1.4"],
])("a copy that is affected is a line of its own: %s %s", (path, version) => {
  const hits = findHits(listCopies(withCopy(path, version)), known);
  expect(hits.length).toBeGreaterThan(0);
  for (const hit of hits) expect(hit).toContain(`${version} (${path}): `);
});

test.each([
  ["node_modules/sharp", "0.35.0"],
  ["node_modules/@fastify/busboy", "3.2.6"],
  ["node_modules/undici", "7.28.0"],
  ["node_modules/a/node_modules/mysql2", "3.23.1"],
])("one that is mended is none: %s %s", (path, version) => {
  expect(findHits(listCopies(withCopy(path, version)), known)).toEqual([]);
});

test("an exception holds for its version only, and is itself a line when nothing needs it", () => {
  const others = findHits(listCopies(withCopy("node_modules/graphql-upload-minimal", "1.6.3")), known);
  expect(others).toHaveLength(2);
  expect(others.join()).toContain("its exception can go");
});

describe("a package for development", () => {
  const excused = known.exceptions.filter(({ isForDevelopment }) => isForDevelopment);
  const runTime = listCopies(lock).filter(({ isAtRunTime }) => isAtRunTime);

  // `npm prune --omit=dev` left Prisma's command line in the image with a faulty mysql2: an optional peer.
  test("is needed by nothing that runs, unlike what the server depends on", () => {
    const names = new Set(runTime.map(({ name }) => name));
    expect(["prisma", "mysql2", "typescript", "vitest"].filter((name) => names.has(name))).toEqual([]);
    expect([...names]).toEqual(expect.arrayContaining(["@prisma/client", "sharp", "busboy", "libsql"]));
    expect(excused.length).toBeGreaterThan(0);
  });

  test("is excused no longer once something that runs needs it", () => {
    const root = lock.packages[""];
    const dependencies = { ...root?.dependencies, mysql2: "*" };
    const packages = { ...lock.packages, "": { ...root, dependencies } };
    const hits = findHits(listCopies({ packages }), known);
    expect(hits).toHaveLength(2);
    expect(hits.join()).toMatch(/^mysql2 3.*GHSA-3f6p-5ww8-9rcr.*mysql2 3.*GHSA-rgwj-5xj2-c3m3/);
  });

  test("is found in an image that carries it", () => {
    const [one] = excused;
    const packages = { [`node_modules/${one?.package}`]: { version: one?.version ?? "" } };
    expect(findHitsInImage({ packages }, known).join()).toContain(`${one?.package} ${one?.version}`);
    expect(findHitsInImage({ packages: { "node_modules/sharp": { version: "0.35.5" } } }, known)).toEqual([]);
  });
});
