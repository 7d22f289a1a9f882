import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { joinSignals } from "../src/signals.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

// With AbortSignal.any, `colan verify --max-duration` went on to the end, and a query's limit of time never came, when
// garbage was collected before.
test("a joined signal is aborted when its time is over, also after garbage collection", async () => {
  const collecting = setInterval(collectGarbage, 50);
  onTestFinished(() => {
    clearInterval(collecting);
  });
  const joined = joinSignals([new AbortController().signal], 1_000);
  await once(joined.signal, "abort", { signal: AbortSignal.timeout(30_000) });
  expect(joined.isLate()).toBe(true);
});

test("a joined signal is aborted by the first of its signals, for that one's reason", () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const joined = joinSignals([one.signal, undefined, other.signal], 3_600_000);
  expect(joined.signal.aborted).toBe(false);
  other.abort("enough");
  one.abort("late");
  expect(joined.signal.reason).toBe("enough");
  expect(joined.isLate()).toBe(false);
  expect(joinSignals([one.signal]).signal.reason).toBe("late");
});

test("a released signal hears nothing", () => {
  const source = new AbortController();
  const joined = joinSignals([source.signal]);
  joined.release();
  source.abort();
  expect(joined.signal.aborted).toBe(false);
});
