import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  allowanceOf,
  cpuMsOf,
  startClock,
  type Allowance,
  type Over,
} from "../../src/media/sandbox/cpu-clock.ts";

vi.setConfig({ testTimeout: 120_000 });

/** A process that runs, and has said so. */
async function start(program: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", `process.stdout.write("here"); ${program}`]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

const over = (child: ChildProcess, allowance: Allowance): Promise<Over> =>
  new Promise((resolve) => {
    onTestFinished(startClock(child.pid, allowance, resolve));
  });

const hourMs = 3_600_000;

describe.skipIf(!existsSync("/proc/self/stat"))("the clock of a task", () => {
  // Seen: a file was said to be broken because others kept the machine busy: the time on the wall was its limit.
  test("counts its own computing, and says so when that is used up", async () => {
    const child = await start("for (;;);");
    expect(await over(child, { cpuMs: 300, wallMs: hourMs })).toBe("cpu");
    expect(cpuMsOf(child.pid!)).toBeGreaterThanOrEqual(300);
  });

  test("does not count while it waits, or is stopped, whatever others do", async () => {
    const waiting = await start("setInterval(() => {}, 1000);");
    const stopped = await start("for (;;);");
    stopped.kill("SIGSTOP");
    const used = cpuMsOf(stopped.pid!)!;
    const endings = [waiting, stopped].map((child) => over(child, { cpuMs: 60_000, wallMs: 1_500 }));
    expect(await Promise.all(endings)).toEqual(["wall", "wall"]);
    // A tick may have been under way.
    expect(cpuMsOf(stopped.pid!)! - used).toBeLessThan(200);
  });

  test("does not count what was used before it began", async () => {
    const child = await start("for (;;);");
    await vi.waitFor(
      () => {
        expect(cpuMsOf(child.pid!)).toBeGreaterThan(500);
      },
      { timeout: 60_000 },
    );
    const before = cpuMsOf(child.pid!)!;
    expect(await over(child, { cpuMs: 400, wallMs: hourMs })).toBe("cpu");
    expect(cpuMsOf(child.pid!)! - before).toBeGreaterThanOrEqual(390);
  });
});

test("the background has more patience than somebody who waits, for as much computing", () => {
  const [person, nobody] = [allowanceOf(1_000, "interactive"), allowanceOf(1_000, "background")];
  expect(person.cpuMs).toBe(nobody.cpuMs);
  expect(person.wallMs).toBeGreaterThan(person.cpuMs);
  expect(nobody.wallMs).toBeGreaterThan(person.wallMs);
});
