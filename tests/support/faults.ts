import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fault that tests have to find. */
export interface Fault {
  readonly name: string;
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

interface Search {
  /** A file of tests, or a folder. */
  readonly tests: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

const copied = [
  "src",
  "tests",
  "prisma",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
  "schema.graphql",
];

/** @returns the first line that says what differs; null when the fault was not found. */
function find({ file, right, wrong }: Fault, { tests, env, timeoutMs }: Search): string | null {
  const dir = mkdtempSync(join(tmpdir(), "colan-fault-"));
  try {
    for (const one of copied) cpSync(one, join(dir, one), { recursive: true });
    symlinkSync(join(process.cwd(), "node_modules"), join(dir, "node_modules"));
    const path = join(dir, file);
    const parts = readFileSync(path, "utf8").split(right);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places for the fault`);
    writeFileSync(path, parts.join(wrong));
    const { status, stdout, stderr } = spawnSync("npx", ["vitest", "run", tests, "--reporter=dot"], {
      cwd: dir,
      env: { ...env, NO_COLOR: "1", ...process.env },
      encoding: "utf8",
      timeout: timeoutMs,
    });
    if (status === 0) return null;
    const lines = `${stdout}${stderr}`.split("\n");
    return (
      lines.find((line) => line.startsWith("Caused by:")) ?? lines.find((line) => /error/i.test(line)) ?? ""
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Plants one fault after the other in a copy of the program, and prints what the tests say of it. The process exits with
 * 1 when one is not found. The command's arguments are parts of the names of the faults that are wanted; none for all.
 */
export function findFaults(faults: readonly Fault[], search: Search): void {
  const parts = process.argv.slice(2);
  const wanted = faults.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
  for (const fault of wanted) {
    const found = find(fault, search);
    if (found == null) process.exitCode = 1;
    console.log(
      `${found == null ? "NOT FOUND" : "found"}: ${fault.name}${found == null ? "" : ` (${found.trim()})`}`,
    );
  }
}
