// What was seen: work of less than a millisecond in each turn of the event loop did not count. The system's file is as old
// as the last tick of its scheduler, or switch of threads.
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { loopCpuMs } from "../src/loop-cpu.ts";

const processMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

test("short pieces of work count as they would together", async () => {
  let [own, whole] = [0, 0];
  for (let piece = 0; piece < 40; piece++) {
    const [ownBefore, wholeBefore] = [loopCpuMs(), processMs()];
    for (const until = performance.now() + 0.7; performance.now() < until;);
    own += loopCpuMs() - ownBefore;
    whole += processMs() - wholeBefore;
    await pause(1);
  }
  expect(own).toBeGreaterThan(whole / 2);
});
