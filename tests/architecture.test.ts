import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

/** Lowest first. A file may import its own folder and lower floors: never up, never sideways. */
const FLOORS = [
  ["errors", "version", "characters"],
  ["config"],
  ["db", "storage", "media", "monitoring", "pages"],
  ["auth"],
  ["deps"],
  ["graphql"],
  ["entities"],
  ["originals"],
  ["derivatives"],
  ["search"],
  ["versions"],
  ["transactions"],
  ["collections", "editing", "trash", "stats", "snapshots", "feed", "facets", "timeline", "about", "nodes"],
  ["facts"],
  ["uploads", "destruction", "reverting", "pruning", "verification", "backup"],
  ["schema"],
  ["http"],
  ["watching"],
  ["library"],
  ["reading"],
  ["app"],
  ["production", "start"],
  ["cli"],
  ["supervision"],
  ["main"],
  ["colan"],
];

/** Who may import what reaches outside the language, or what only one room may know. Everyone else gets it handed in. */
const ONLY: { specifier: RegExp; from: RegExp }[] = [
  { specifier: /^@prisma\//, from: /^db\// },
  { specifier: /^libsql(\/|$)/, from: /^db\// },
  { specifier: /db\/db\.ts$/, from: /^(library|deps)\.ts$|^auth\/|\/(service|place|intake|tree)\.ts$/ },
  { specifier: /^(sharp|exiftool-vendored|mediabunny|file-type)$/, from: /^media\// },
  {
    specifier: /^node:fs/,
    from: /^(storage|media|cli|pages)\/|^auth\/public-keys\.ts$|^db\/(lock|removal-hold|migrations|migration-files|sqlite\/database)\.ts$|^(reading|version)\.ts$/,
  },
  { specifier: /^node:child_process$/, from: /^media\// },
  { specifier: /^jose$/, from: /^auth\// },
  { specifier: /^(prom-client|@opentelemetry\/.+)$/, from: /^monitoring\// },
  { specifier: /^(commander|cli-progress)$/, from: /^cli\// },
  { specifier: /^graphql-yoga$/, from: /^(http|graphql)\// },
  { specifier: /^graphql-upload-minimal$/, from: /^http\// },
  { specifier: /graphql\/builder\.ts$/, from: /(^|\/)schema(\.ts|\/)|^graphql\// },
];

const SRC = resolve(import.meta.dirname, "../src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts") && !file.includes("/generated/"));
const textOf = (file: string) => readFileSync(join(SRC, file), "utf8");

const folderOf = (file: string) => file.split("/")[0]!.replace(/\.ts$/, "");
const floorOf = (folder: string) => FLOORS.findIndex((floor) => floor.includes(folder));

/** Why a file of `src/` may not import this; undefined when it may. */
function violation(file: string, specifier: string): string | undefined {
  const rule = ONLY.find((only) => only.specifier.test(specifier) && !only.from.test(file));
  if (rule != null) return `only ${rule.from} may import ${specifier}`;
  if (!specifier.startsWith(".")) return undefined;
  const folder = folderOf(file);
  const target = folderOf(relative(SRC, resolve(SRC, dirname(file), specifier)).replaceAll("\\", "/"));
  if (target === folder) return undefined;
  return floorOf(target) < floorOf(folder) ? undefined : `${folder} stands below or beside ${target}`;
}

describe.each(files)("%s", (file) => {
  const text = textOf(file);

  test("imports downwards only", () => {
    expect(floorOf(folderOf(file)), "the folder needs a floor").toBeGreaterThanOrEqual(0);
    const specifiers = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
    expect(specifiers.map((specifier) => violation(file, specifier)).filter(Boolean)).toEqual([]);
  });

  test("reads the environment only where the program starts", () => {
    if (!["main.ts", "colan.ts", "production.ts"].includes(file)) expect(text).not.toMatch(/process\.env/);
  });

  test("stays under 400 lines", () => {
    expect(text.split("\n").length).toBeLessThanOrEqual(400);
  });
});

/** Those of packages and of node itself, as the built program asks for them. */
const outside = [
  ...new Set(
    files.flatMap((file) => ts.preProcessFile(textOf(file)).importedFiles.map(({ fileName }) => fileName)),
  ),
].filter((specifier) => !/^(\.|node:)/.test(specifier) && !specifier.startsWith("@prisma/client/runtime"));

// HEIC had no thumbnails in the built program only: a package without "exports" has no file "wasm-bundle", just
// "wasm-bundle.js", which the loaders of tests and of development find all the same.
test("node itself finds every module of a package", () => {
  const program = `
    const missing = ${JSON.stringify(outside)}.filter((name) => {
      try {
        return !require("node:fs").existsSync(require("node:url").fileURLToPath(import.meta.resolve(name)));
      } catch {
        return true;
      }
    });
    console.log(JSON.stringify(missing));`.replaceAll("require(", "process.getBuiltinModule(");
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: SRC,
    encoding: "utf8",
  });
  expect(JSON.parse(output)).toEqual([]);
});

describe("the rules see a planted violation", () => {
  test.each([
    ["search/service.ts", "../uploads/service.ts"],
    ["storage/local.ts", "../db/rows.ts"],
    ["trash/service.ts", "../editing/service.ts"],
    ["uploads/service.ts", "sharp"],
    ["entities/service.ts", "node:fs/promises"],
    ["search/service.ts", "../graphql/builder.ts"],
    ["entities/service.ts", "@prisma/client"],
  ])("%s importing %s", (file, specifier) => {
    expect(violation(file, specifier)).toBeTypeOf("string");
  });
});
