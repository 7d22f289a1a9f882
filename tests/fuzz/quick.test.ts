import { afterAll, beforeAll, expect, test } from "vitest";
import { unhurried, whileProgressing } from "../support/progress.ts";
import { readSeed } from "../support/seed.ts";
import { checkAftermath } from "./aftermath.ts";
import { mediaAttack } from "./media/attack.ts";
import { gatherOriginals } from "./media/originals.ts";
import { multipartAttack } from "./multipart/attack.ts";
import { operationsAttack } from "./operations/attack.ts";
import { run, type Attack } from "./run.ts";
import { startTarget, type Target } from "./target.ts";

// A small part of what `npm run test:fuzz` does, on one server.
const seed = readSeed();

let target: Target;
beforeAll(async () => {
  target = await startTarget({ env: { DERIVATIVES_AHEAD: "true", UPLOAD_IDLE_TIMEOUT_MS: "1000" } });
});
afterAll(() => target.stop());

async function expectNothing(attack: Attack, count: number, clients: number) {
  // On a busy machine an answer takes its time; what hangs is still named.
  const timeoutMs = 120_000;
  const report = await whileProgressing((progress) =>
    run(target, attack, { count, clients, timeoutMs, progress }),
  );
  expect(report.findings, `seed ${seed}`).toEqual([]);
  expect(report.count).toBe(count);
  expect(await checkAftermath(target), `seed ${seed}`).toEqual([]);
}

test("operations against the schema and by it are answered with data or a code", unhurried, async () => {
  await expectNothing(await operationsAttack(target, seed), 1_500, 8);
});

test(
  "forms that no client would send are answered with a code or cut off, and leave nothing behind",
  unhurried,
  async () => {
    await expectNothing(await multipartAttack(target, seed), 400, 16);
  },
);

test("mutants of pictures, videos and sounds are stored or refused with a code", unhurried, async () => {
  const originals = await gatherOriginals({ isQuick: true });
  await expectNothing(mediaAttack(target, originals, seed), 150, 4);
});

test("nothing of all that has changed what all objects share, and the server ends in peace", async () => {
  expect(target.pollution()).toBeUndefined();
  expect(target.death()).toBeUndefined();
  expect(await target.stop()).toBe(0);
});
