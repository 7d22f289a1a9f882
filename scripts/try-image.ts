import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findHitsInImage, type Advisories, type LockFile } from "./advisories.ts";
import { parseDockerfile, type Instruction } from "./dockerfile.ts";

/**
 * Goes through the Dockerfile without Docker: its COPY and npm steps in empty folders, of what git would clone, and then
 * its CMD as its user with its environment. What it cannot try is the base image, apt-get, and the read-only root.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "colan-image-"));
const stages = parseDockerfile(readFileSync(join(root, "Dockerfile"), "utf8"));
const say = (text: string) => process.stdout.write(`${text}\n`);

function copy(args: readonly string[], into: string): void {
  const from = args.find((arg) => arg.startsWith("--from="))?.slice("--from=".length);
  const paths = args.filter((arg) => !arg.startsWith("--"));
  const target = paths.pop() ?? "";
  for (const path of paths) {
    const source = from == null ? join(scratch, "clone", path) : join(scratch, from, path);
    const isInto = target.endsWith("/") || paths.length > 1;
    const to = join(into, isInto ? join(target, path.split("/").at(-1) ?? "") : target);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(source, to, { recursive: true, verbatimSymlinks: true });
  }
}

function carryOut({ name, text, args }: Instruction, dir: string): void {
  if (name === "COPY") copy(args, dir);
  if (name !== "RUN") return;
  if (!text.startsWith("npm ")) {
    say(`not tried: RUN ${text.slice(0, 60)}…`);
    return;
  }
  say(`RUN ${text}`);
  execFileSync("sh", ["-ec", text], { cwd: join(dir, "app"), stdio: ["ignore", "ignore", "inherit"] });
}

/** Compares the installed packages, by npm's list, with those that run time needs. */
function checkPackages(dir: string): void {
  const modules = join(dir, "app/node_modules");
  // Both have these shapes: npm writes one, and the other is a file of this repository.
  const lock = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")) as LockFile;
  const known = JSON.parse(readFileSync(join(root, "scripts/advisories.json"), "utf8")) as Advisories;
  const hits = findHitsInImage(lock, known);
  if (existsSync(join(modules, "prisma"))) hits.push("prisma: the command line is in the image");
  if (hits.length > 0) throw new Error(hits.join("\n"));
  say(`the image has ${Object.keys(lock.packages).length} packages, none of them with a known fault`);
}

async function run(dir: string, instructions: readonly Instruction[]): Promise<void> {
  const env = Object.fromEntries(
    instructions
      .filter(({ name }) => name === "ENV")
      .flatMap(({ args }) => args.map((pair) => pair.split("=", 2))),
  ) as Record<string, string>;
  const command = instructions.find(({ name }) => name === "CMD")?.args ?? [];
  const [uid = 0, gid = 0] = (instructions.find(({ name }) => name === "USER")?.args[0] ?? "")
    .split(":")
    .map(Number);
  for (const name of ["data", "media"])
    execFileSync("install", ["-d", "-o", `${uid}`, "-g", `${gid}`, join(dir, name)]);
  execFileSync("chmod", ["755", scratch, dir]);
  const port = "19471";
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    ...{ cwd: join(dir, "app"), uid, gid, stdio: ["ignore", "inherit", "inherit"] },
    env: {
      ...env,
      PATH: process.env["PATH"],
      PORT: port,
      // The only settings that differ: the volumes are elsewhere, and only this machine may connect.
      ...{ DATABASE_URL: `file:${dir}/data/media_store.db`, MEDIA_DIR: `${dir}/media`, HOST: "127.0.0.1" },
    },
  });
  const ended = once(child, "exit");
  const health = (instructions.find(({ name }) => name === "HEALTHCHECK")?.args ?? []).slice(-3);
  let isHealthy = false;
  for (let attempt = 0; attempt < 100 && !isHealthy && child.exitCode == null; attempt++) {
    await delay(200);
    const probe = spawn(health[0] ?? "", health.slice(1), { env: { PATH: process.env["PATH"], PORT: port } });
    isHealthy = ((await once(probe, "exit")) as [number])[0] === 0;
  }
  child.kill("SIGTERM");
  const [code] = (await ended) as [number | null];
  if (!isHealthy || code !== 0) throw new Error(`healthy: ${isHealthy}, exit code ${String(code)}`);
  say("the image's program started as its user, was healthy, and stopped with 0");
}

try {
  execFileSync("git", ["clone", "--quiet", "--depth=1", `file://${root}`, join(scratch, "clone")]);
  for (const { name, instructions } of stages) {
    const dir = join(scratch, name);
    mkdirSync(join(dir, "app"), { recursive: true });
    for (const instruction of instructions) {
      const { args } = instruction;
      // All paths are relative to WORKDIR, which is the same in both.
      const moved = instruction.name === "COPY" ? { ...instruction, args: args.map(inApp) } : instruction;
      carryOut(moved, dir);
    }
  }
  const last = stages.at(-1);
  if (last == null) throw new Error("the Dockerfile has no stage");
  checkPackages(join(scratch, last.name));
  await run(join(scratch, last.name), last.instructions);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** A target below WORKDIR. */
function inApp(arg: string, index: number, { length }: readonly string[]): string {
  const isTarget = index === length - 1;
  return isTarget ? arg.replace(/^\.\//, "app/") : arg;
}
