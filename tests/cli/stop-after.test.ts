import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { stopAfter } from "../../src/cli/stop-after.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

// `colan verify --max-duration` went on to the end, when garbage was collected before its time was over.
test("a run is stopped when its time is over, whatever is collected until then", async () => {
  const collecting = setInterval(collectGarbage, 50);
  onTestFinished(() => {
    clearInterval(collecting);
  });
  const stopping = stopAfter(new AbortController().signal, 1);
  await once(stopping, "abort", { signal: AbortSignal.timeout(10_000) });
  expect(stopping.aborted).toBe(true);
});

test("a run is stopped by its signal before, and without a limit by nothing else", () => {
  const asked = new AbortController();
  const stopping = stopAfter(asked.signal, 3600);
  expect(stopAfter(asked.signal, undefined)).toBe(asked.signal);
  expect(stopping.aborted).toBe(false);
  asked.abort();
  expect(stopping.aborted).toBe(true);
  expect(stopAfter(asked.signal, 3600).aborted).toBe(true);
});
