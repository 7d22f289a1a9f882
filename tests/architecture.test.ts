import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

/**
 * Lowest first; a room is a folder or a file of `src/`, the longest name that fits counts. A file may import its own room
 * and lower floors: never up, never sideways.
 */
const FLOORS = [
  ["errors", "version", "characters", "signals", "concurrency", "file-lock", "loop-cpu"],
  ["config"],
  ["database", "storage", "media", "observability"],
  ["auth"],
  ["deps"],
  ["graphql"],
  ["library/entities"],
  ["library/originals"],
  ["pictures"],
  ["find/search"],
  ["history/versions"],
  ["history/transactions"],
  [
    ...["library/about", "library/albums", "library/collections", "library/editing", "library/trash"],
    ...["history/snapshots", "history/feed", "history/nodes"],
    ...["find/facets", "find/timeline", "find/stats", "find/similar"],
  ],
  ["library/facts"],
  [
    "library/uploads",
    "library/purge",
    "history/undo",
    "history/pruning",
    "maintenance/verify",
    "maintenance/backup",
    "maintenance/move",
  ],
  ["app/schema"],
  ["server/errors"],
  ["server/admission"],
  ["server/transport"],
  ["server/graphql"],
  ["server/uploads", "server/files"],
  ["server"],
  ["observability/instrumentation"],
  ["app/paths", "app/places"],
  ["app/pairing"],
  ["app/library"],
  ["app/reading-library"],
  ["app/app"],
  ["app/production", "app/start"],
  ["cli"],
  ["app/supervision"],
  ["main"],
  ["colan"],
];

/** Modules that reach outside the language, or belong to one room, and the files that may import them. */
const ONLY: { specifier: RegExp; from: RegExp }[] = [
  { specifier: /^@prisma\//, from: /^database\// },
  { specifier: /^pg$/, from: /^database\/postgres\// },
  { specifier: /^@aws-sdk\//, from: /^storage\/s3\// },
  { specifier: /^storage\/s3\//, from: /^(storage\/s3|app|cli)\// },
  { specifier: /^libsql(\/|$)/, from: /^database\/sqlite\/|^file-lock\.ts$/ },
  // Everyone else asks for an engine by DATABASE_URL. A backup is a copy of SQLite's file.
  { specifier: /^database\/sqlite\//, from: /^database\/(sqlite\/|engines\.ts$)|^maintenance\/backup\// },
  { specifier: /^database\/postgres\//, from: /^database\/(postgres\/|engines\.ts$)/ },
  { specifier: /^database\/engines\.ts$/, from: /^(app|cli)\// },
  // Where objects are and how they are kept; backup and verify copy and judge a folder.
  { specifier: /^storage\/local\//, from: /^(storage|app|cli|maintenance)\// },
  { specifier: /^(sharp|exiftool-vendored|mediabunny|file-type)$/, from: /^media\// },
  {
    specifier: /^node:fs/,
    from: /^(storage|media|cli)\/|^server\/files\/built-pages\.ts$|^auth\/public-keys\.ts$|^file-lock\.ts$|^database\/sqlite\/(engine|database)\.ts$|^database\/migration-files\.ts$|^app\/reading-library\.ts$|^version\.ts$|^loop-cpu\.ts$/,
  },
  { specifier: /^node:child_process$/, from: /^media\// },
  { specifier: /^jose$/, from: /^auth\// },
  { specifier: /^(prom-client|@opentelemetry\/.+)$/, from: /^observability\// },
  { specifier: /^(commander|cli-progress)$/, from: /^cli\// },
  { specifier: /^graphql-yoga$/, from: /^(server|graphql)\// },
  { specifier: /^graphql-upload-minimal$/, from: /^server\/uploads\// },
  { specifier: /graphql\/builder\.ts$/, from: /(^|\/)schema(\.ts|\/)|^graphql\// },
];

const SRC = resolve(import.meta.dirname, "../src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts") && !file.includes("/generated/"));
const textOf = (file: string) => readFileSync(join(SRC, file), "utf8");

/** The room of a file, and its floor. */
function roomOf(file: string): { room: string; floor: number } {
  const path = file.replace(/\.ts$/, "");
  const rooms = FLOORS.flat().filter((room) => path === room || path.startsWith(`${room}/`));
  const room = rooms.sort((one, other) => other.length - one.length)[0] ?? "";
  return { room, floor: FLOORS.findIndex((floor) => floor.includes(room)) };
}

const importsOf = (text: string) => ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
const pathFrom = (file: string, specifier: string) =>
  relative(SRC, resolve(SRC, dirname(file), specifier)).replaceAll("\\", "/");

/** Why a file of `src/` may not import this; undefined when it may. */
function violation(file: string, specifier: string): string | undefined {
  const target = specifier.startsWith(".") ? pathFrom(file, specifier) : specifier;
  const rule = ONLY.find((only) => only.specifier.test(target) && !only.from.test(file));
  if (rule != null) return `only ${rule.from} may import ${target}`;
  if (!specifier.startsWith(".")) return undefined;
  const [here, there] = [roomOf(file), roomOf(target)];
  if (here.room === there.room) return undefined;
  return there.floor < here.floor ? undefined : `${here.room} stands below or beside ${there.room}`;
}

/** Files that import each other in a circle, imports of types counted; empty when there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): readonly string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of imports.get(file) ?? []) {
      const circle = walk(next, [...way, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = walk(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

const imports = new Map(
  files.map((file) => [
    file,
    importsOf(textOf(file)).flatMap((specifier) =>
      specifier.startsWith(".") ? [pathFrom(file, specifier)] : [],
    ),
  ]),
);

/** Where an engine is, and two files of which the words below are not SQL. */
const engineFiles = /^database\/(sqlite|postgres)\/|^(file-lock|media\/.*|server\/.*)\.ts$/;
const engineSql =
  /\bjson_(each|extract|group_array)\b|\bINDEXED BY\b|\bCROSS JOIN\b|\browid\b|\bPRAGMA\b|\bMATCH \$|"Entity_(fts|place)"|\bVACUUM\b|\b(ifnull|iif|instr)\(|sql`[^`]*[ (]\+[a-z]+\."|last_insert_rowid|\bNOT INDEXED\b|\blikelihood\(/g;

/** What a template says that is for one engine alone; comments may. */
const engineSqlIn = (text: string) => text.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "").match(engineSql) ?? [];

test("no files import each other in a circle", () => {
  expect(circleIn(imports)).toEqual([]);
});

test("the API has every file that adds to it", () => {
  const reached = new Set(["app/schema.ts"]);
  for (const file of reached) for (const next of imports.get(file) ?? []) reached.add(next);
  const adding = files.filter((file) => /^builder\.\w+Fields?\(/m.test(textOf(file)));
  expect(adding.length).toBeGreaterThan(10);
  expect(adding.filter((file) => !reached.has(file))).toEqual([]);
});

describe.each(files)("%s", (file) => {
  const text = textOf(file);

  test("imports downwards only", () => {
    expect(roomOf(file).floor, "the folder needs a floor").toBeGreaterThanOrEqual(0);
    expect(
      importsOf(text)
        .map((specifier) => violation(file, specifier))
        .filter(Boolean),
    ).toEqual([]);
  });

  test("reads the environment only where the program starts", () => {
    if (!["main.ts", "colan.ts", "app/production.ts"].includes(file))
      expect(text).not.toMatch(/process\.env/);
  });

  test("has no SQL that only one engine understands", () => {
    if (!engineFiles.test(file)) expect(engineSqlIn(text)).toEqual([]);
  });

  test("stays under 400 lines", () => {
    expect(text.split("\n").length).toBeLessThanOrEqual(400);
  });
});

/** Those of packages and of node itself, as the built program asks for them. */
const outside = [...new Set(files.flatMap((file) => importsOf(textOf(file))))].filter(
  (specifier) => !/^(\.|node:)/.test(specifier) && !specifier.startsWith("@prisma/client/runtime"),
);

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
    ["find/search/service.ts", "../../library/uploads/service.ts"],
    ["storage/local/local.ts", "../../database/model/rows.ts"],
    ["library/trash/service.ts", "../editing/service.ts"],
    ["library/uploads/service.ts", "sharp"],
    ["library/entities/service.ts", "node:fs/promises"],
    ["find/search/service.ts", "../../graphql/builder.ts"],
    ["find/search/service.ts", "../../database/sqlite/connection.ts"],
    ["library/entities/service.ts", "@prisma/client"],
    ["pictures/making.ts", "../storage/local/stored-file.ts"],
    ["server/transport/front.ts", "../graphql/service.ts"],
  ])("%s importing %s", (file, specifier) => {
    expect(violation(file, specifier)).toBeTypeOf("string");
  });

  test.each([
    'sql`SELECT e."id" FROM "Entity" e INDEXED BY "Entity_facets"`',
    'sql`SELECT e."id" FROM "Entity" e WHERE +e."parentId" = ${id}`',
    'sql`"id" IN (SELECT value FROM json_each(${ids}))`',
    'sql`SELECT 1 FROM "Entity_fts" WHERE "Entity_fts" MATCH ${text}`',
  ])("%s outside of database/sqlite", (text) => {
    expect(engineSqlIn(text)).not.toEqual([]);
  });

  test("a circle of two files, of which one imports but types", () => {
    const planted = new Map([...imports, ["errors.ts", ["graphql/errors.ts"]]]);
    expect(circleIn(planted)).toEqual(expect.arrayContaining(["errors.ts", "graphql/errors.ts"]));
  });
});

describe("ARCHITECTURE.md", () => {
  const page = readFileSync(join(SRC, "../ARCHITECTURE.md"), "utf8");
  const blocks = [...page.matchAll(/```\n(.*?)```/gs)].map(([, block = ""]) => block);

  test("names the floors of this table, the highest first", () => {
    const floors = (blocks[1] ?? "").trim().replace(/\s+/g, " ").split(" → ");
    expect(floors.map((floor) => floor.split(", "))).toEqual([...FLOORS].reverse());
  });

  test("draws every folder at the top of src, and no other", () => {
    const drawn = [...(blocks[0] ?? "").matchAll(/^ {2}([a-z]+)\/ /gm)].map(([, name]) => name);
    const there = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]));
    expect(new Set(drawn)).toEqual(there);
  });

  test("describes trips through existing files, none of which comes twice", () => {
    const trips = page.slice(page.indexOf("## Trips"), page.indexOf("## Versions")).split("\n**").slice(1);
    expect(trips).toHaveLength(4);
    for (const trip of trips) {
      const crossed = [...trip.matchAll(/`([a-z-]+(?:\/[a-z-]+)+)`/g)].map(([, path = ""]) => path);
      expect(crossed.length, trip.slice(0, 20)).toBeGreaterThan(4);
      expect(
        crossed.filter((path) => !imports.has(`${path}.ts`) && !imports.has(`${path}/queries.ts`)),
      ).toEqual([]);
      expect(new Set(crossed).size, trip.slice(0, 20)).toBe(crossed.length);
    }
  });
});
