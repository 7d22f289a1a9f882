import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import {
  alsoOnPostgres,
  filesOf,
  listed,
  listTestFiles,
  nameOf,
  onSqliteOnly,
  postgresFiles,
  projects,
} from "./projects.ts";

const tests = import.meta.dirname;
const root = join(tests, "..");

/** The files of the tests that a file imports, directly or not, relative to `tests/`. */
function importsOf(path: string, known = new Set<string>()): Set<string> {
  for (const { fileName } of ts.preProcessFile(readFileSync(path, "utf8")).importedFiles) {
    const imported = join(path, "..", fileName);
    const name = relative(tests, imported);
    if (!fileName.startsWith(".") || name.startsWith("..") || known.has(name) || !existsSync(imported))
      continue;
    known.add(name);
    importsOf(imported, known);
  }
  return known;
}

test("each test file is in exactly one project, and each listed file exists", () => {
  const files = listTestFiles().map((name) => `tests/${name}.test.ts`);
  expect(projects.flatMap(filesOf).sort()).toEqual(files.sort());
});

test("the lists are in the order of the alphabet", () => {
  for (const names of Object.values(listed)) expect(names).toEqual([...names].sort());
});

test("what runs on PostgreSQL as well is in a project of its own, once, and what does not says why", () => {
  const api = filesOf("api").map(nameOf);
  expect(Object.keys(onSqliteOnly).filter((name) => !api.includes(name))).toEqual([]);
  expect(Object.entries(onSqliteOnly).filter(([, reason]) => reason === "")).toEqual([]);
  const files = postgresFiles();
  expect(new Set(files).size).toBe(files.length);
  const elsewhere = projects
    .filter((project) => project !== "api")
    .flatMap(filesOf)
    .map(nameOf);
  expect(alsoOnPostgres.filter((name) => !elsewhere.includes(name))).toEqual([]);
  for (const names of [alsoOnPostgres, Object.keys(onSqliteOnly)]) expect(names).toEqual([...names].sort());
});

test("a file in unit starts no server", () => {
  const servers = ["support/server.ts", "support/process.ts"];
  const odd = filesOf("unit").filter((file) => servers.some((one) => importsOf(join(root, file)).has(one)));
  expect(odd).toEqual([]);
});

test("what needs Chromium is in browser, and nothing else does", () => {
  const elsewhere = projects.filter((project) => project !== "browser").flatMap(filesOf);
  expect(elsewhere.filter((file) => importsOf(join(root, file)).has("support/browser.ts"))).toEqual([]);
});
