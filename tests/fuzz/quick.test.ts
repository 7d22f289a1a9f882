import { afterAll, beforeAll, expect, test } from "vitest";
import { checkAftermath } from "./aftermath.ts";
import { mediaAttack } from "./media/attack.ts";
import { gatherOriginals } from "./media/originals.ts";
import { multipartAttack } from "./multipart/attack.ts";
import { operationsAttack } from "./operations/attack.ts";
import { run, type Attack } from "./run.ts";
import { startTarget, type Target } from "./target.ts";

// A small part of what `npm run test:fuzz` does, on one server, with another seed each time.
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
console.log(`fuzzing with seed ${seed}`);

let target: Target;
beforeAll(async () => {
  target = await startTarget({ env: { DERIVATIVES_AHEAD: "true", UPLOAD_IDLE_TIMEOUT_MS: "1000" } });
});
afterAll(() => target.stop());

async function expectNothing(attack: Attack, count: number, clients: number) {
  const report = await run(target, attack, { count, clients });
  expect(report.findings, `seed ${seed}`).toEqual([]);
  expect(report.count).toBe(count);
  expect(await checkAftermath(target), `seed ${seed}`).toEqual([]);
}

test("operations against the schema and by it are answered with data or a code", async () => {
  await expectNothing(await operationsAttack(target, seed), 1_500, 8);
});

test("forms that no client would send are answered with a code or cut off, and leave nothing behind", async () => {
  await expectNothing(await multipartAttack(target, seed), 400, 16);
});

test("mutants of pictures, films and sounds are stored or refused with a code", async () => {
  const originals = await gatherOriginals({ isQuick: true });
  await expectNothing(mediaAttack(target, originals, seed), 150, 4);
});

test("nothing of all that has changed what all objects share, and the server ends in peace", async () => {
  expect(target.pollution()).toBeUndefined();
  expect(target.death()).toBeUndefined();
  expect(await target.stop()).toBe(0);
});
