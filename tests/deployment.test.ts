import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { readConfig, settings } from "../src/config/config.ts";
import { createHostCheck, hostRulesOf } from "../src/server/admission/cross-site.ts";
import { parseDockerfile } from "../scripts/dockerfile.ts";

const root = resolve(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const stages = parseDockerfile(read("Dockerfile"));
const [build, image] = stages;
const of = (stage: typeof image, name: string) =>
  (stage?.instructions ?? []).filter((instruction) => instruction.name === name);

describe("the Dockerfile", () => {
  test("runs as an unprivileged user, by number, on a pinned base, ends by SIGTERM and is asked whether it is ready", () => {
    expect(stages).toHaveLength(2);
    for (const stage of stages) expect(stage.image).toMatch(/^node:\d+\.\d+\.\d+-[a-z]+-slim$/);
    expect(of(image, "USER").at(-1)?.args[0]).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(of(image, "STOPSIGNAL")[0]?.args).toEqual(["SIGTERM"]);
    expect(of(image, "HEALTHCHECK")[0]?.text).toContain("/readyz");
    expect(of(image, "ENTRYPOINT")[0]?.args[0]).toBe("tini");
    expect(of(image, "VOLUME")[0]?.args).toEqual(["/data", "/media"]);
  });

  test("copies what there is, and what .dockerignore lets through", () => {
    const sources = of(build, "COPY").flatMap(({ args }) => args.slice(0, -1));
    const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
    const admitted = read(".dockerignore")
      .split("\n")
      .flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
    for (const source of sources) {
      expect(
        tracked.some((path) => path === source || path.startsWith(`${source}/`)),
        source,
      ).toBe(true);
      expect(admitted).toContain(source);
    }
    expect(admitted.sort()).toEqual(sources.sort());
    expect(of(image, "COPY").every(({ args }) => args[0] === "--from=build")).toBe(true);
  });

  test("knows every variable it sets", () => {
    const ours = new Set(Object.values(settings).map(({ env }) => env));
    const set = of(image, "ENV").flatMap(({ args }) => args.map((pair) => pair.split("=")[0] ?? ""));
    expect(set.filter((name) => !ours.has(name))).toEqual(["NODE_ENV", "HOME"]);
  });

  // --omit=dev keeps what is an optional peer as well: Prisma's command line, of @prisma/client.
  test("takes away what is for development, also where it is an optional peer of another package", () => {
    const last = of(build, "RUN").at(-1)?.text;
    expect(last).toMatch(/npm pkg delete devDependencies && npm prune .*--omit=peer/);
    expect(read("docs/deployment.md")).toMatch(/npm pkg delete devDependencies && npm prune --omit=peer/);
  });

  // The last step of the build takes the others away.
  test("needs nothing at run time but dependencies", () => {
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const packages = files.flatMap((file) => {
      const source = ts.createSourceFile(file, read(join("src", file)), ts.ScriptTarget.Latest);
      const isType = (node: ts.Node) =>
        ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      const names = source.statements
        .filter((node) => (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && !isType(node))
        .flatMap((node) => ("moduleSpecifier" in node && node.moduleSpecifier ? [node.moduleSpecifier] : []))
        .map((specifier) => (specifier as ts.StringLiteral).text);
      const dynamic = [...read(join("src", file)).matchAll(/\bimport\("([^"]+)"\)/g)].map(
        ([, name]) => name ?? "",
      );
      return [...names, ...dynamic].filter((name) => !/^(\.|node:)/.test(name));
    });
    const named = new Set(packages.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name));
    expect(named.size).toBeGreaterThan(20);
    expect([...named].filter((name) => !(name in dependencies))).toEqual([]);
  });
});

describe("the compose file", () => {
  const text = read("compose.yaml");
  const environment = text.slice(text.indexOf("environment:"), text.indexOf("volumes:"));
  const set = Object.fromEntries(
    [...environment.matchAll(/^ {6}([A-Z_]+): "(.*)"$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );

  test("knows every variable it sets", () => {
    const ours = Object.values(settings).map(({ env }): string => env);
    expect(Object.keys(set).filter((name) => !ours.includes(name))).toEqual([]);
    expect(readConfig({ ...set, HOST: "0.0.0.0" }).allowedHosts).toEqual(["localhost", "127.0.0.1"]);
  });

  // Inside, everybody may do everything: any name that a web page points at the published port reached it.
  test("answers to the names by which it is reached on its machine, and to no other", () => {
    const check = createHostCheck(hostRulesOf(readConfig({ ...set, HOST: "0.0.0.0" })));
    const judge = (host: string) => () => {
      check({ headers: { host } });
    };
    for (const host of ["localhost:4000", "127.0.0.1:4000"]) expect(judge(host)).not.toThrow();
    for (const host of ["rebind.evil.example:4000", "192.168.1.5:4000"]) expect(judge(host)).toThrow();
  });
});

describe("the systemd unit", () => {
  const unit = join(root, "deploy/colan-media-store.service");
  const text = read("deploy/colan-media-store.service");

  test("knows every variable it sets, and restarts what failed but not what is set wrongly", () => {
    const ours = new Set(Object.values(settings).map(({ env }) => env));
    const set = [...text.matchAll(/^Environment=(\w+)=/gm)].map(([, name]) => name ?? "");
    expect(set.filter((name) => !ours.has(name))).toEqual(["NODE_ENV"]);
    expect(text).toContain("Restart=on-failure");
    expect(text).toContain("RestartPreventExitStatus=78");
  });

  const analyze = spawnSync("systemd-analyze", ["--version"]);
  if (analyze.error) console.warn("The unit is not checked by systemd-analyze, which is not installed here");
  test.skipIf(analyze.error)("is hardened, as systemd-analyze sees it", () => {
    const { stdout } = spawnSync(
      "systemd-analyze",
      ["security", "--offline=true", "--threshold=20", "--no-pager", unit],
      { encoding: "utf8" },
    );
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    // 10 is a service without any protection; below 2 is "OK".
    expect(exposure).toBeLessThan(2);
  });
});
