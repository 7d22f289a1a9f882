import { rmSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { buildProgram } from "../support/program.ts";
import { unhurried, whileProgressing } from "../support/progress.ts";
import { canTrace } from "./strace.ts";
import { tryEachCall } from "./system-calls.ts";

if (!canTrace) console.warn("Faults of system calls are not tested: strace is missing or may not trace");

// All operations, calls and errors: npm run test:crash -- --syscalls
describe.skipIf(!canTrace)("a system call", () => {
  const program = canTrace ? buildProgram() : "";
  afterAll(() => {
    rmSync(program, { recursive: true });
  });
  const each = { program, every: 1, say: () => undefined };

  test("that the process is killed at loses nothing and leaves nothing", unhurried, async () => {
    const only = ["fsync", "link", "rename", "unlink"];
    const names = ["upload", "hardDelete"] as const;
    const { wrong, kills } = await whileProgressing((progress) =>
      tryEachCall({ ...each, names, only, isKilled: true, errors: [], progress }),
    );
    expect(wrong).toEqual([]);
    expect(kills).toBeGreaterThan(8);
  });

  // A journal that could not be synced was read at the next start all the same, and its rows' files were withdrawn.
  test("that fails is answered with a code, also when the process dies of it", unhurried, async () => {
    const only = ["fsync", "link", "unlink"];
    const errors = ["EIO", "EDQUOT"];
    const names = ["upload", "hardDelete"] as const;
    const { wrong, ...met } = await whileProgressing((progress) =>
      tryEachCall({ ...each, names, only, isKilled: false, errors, progress }),
    );
    expect(wrong).toEqual([]);
    expect(met.errors).toBeGreaterThan(15);
  });
});
