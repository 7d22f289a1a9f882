import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

interface Found {
  readonly what: string;
  readonly sent: string;
}

// In a process of its own: the hooks of a test runner slow an answer of a million objects down many times.
test("nesting lists finds the one list that takes nothing from the budget, within sixty operations", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "tests/fuzz/nesting/planted.ts"],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  const findings = JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as Found[];
  // Of what else it measures, the CPU, a busy machine may find more.
  const found = findings.filter(({ what }) =>
    /^an answer of \d+ fields; at most 100000 are right$/.test(what),
  );
  expect(found.map(({ sent }) => sent)).toContainEqual(expect.stringContaining("ancestors"));
}, 300_000);
