import { describe, expect, test } from "vitest";
import { askerOf, nameAsker } from "../../src/database/asker.ts";
import { openQueryCache } from "../../src/database/query-cache.ts";
import { sql } from "./temporary.ts";

/** Runs that end when the test says so. */
function openRuns() {
  let revision = 1;
  const runs: { finish: (rows: unknown[]) => void; fail: (error: Error) => void; signal: AbortSignal }[] = [];
  const background = {
    all: <Row>(_query: unknown, signal?: AbortSignal) =>
      new Promise<Row[]>((resolve, reject) => {
        runs.push({
          finish: (rows) => {
            resolve(rows as Row[]);
          },
          fail: reject,
          signal: signal!,
        });
        signal?.addEventListener("abort", () => {
          reject(new Error("interrupted"));
        });
      }),
  };
  const remembered = openQueryCache(background, () => revision);
  return {
    runs,
    remembered,
    commit: () => {
      revision++;
    },
  };
}

const question = sql`SELECT 1`;

describe("a remembered answer", () => {
  test("is given until the next commit", async () => {
    const { runs, remembered, commit } = openRuns();
    const first = remembered.all(question);
    runs[0]!.finish([1]);
    expect(await first).toEqual([1]);
    expect(await remembered.all(question)).toEqual([1]);
    expect(runs).toHaveLength(1);
    commit();
    const second = remembered.all(question);
    runs[1]!.finish([2]);
    expect(await second).toEqual([2]);
  });

  test("is not kept when something was committed while it was made, nor waited for by who asks after that", async () => {
    const { runs, remembered, commit } = openRuns();
    const before = remembered.all(question);
    commit();
    const after = remembered.all(question);
    expect(runs).toHaveLength(2);
    runs[1]!.finish(["new"]);
    expect(await after).toEqual(["new"]);
    runs[0]!.finish(["old"]);
    expect(await before).toEqual(["old"]);
    expect(await remembered.all(question)).toEqual(["new"]);
  });

  test("belongs to the values as well as to the text", async () => {
    const { runs, remembered } = openRuns();
    const asked = [remembered.all(sql`SELECT ${1}`), remembered.all(sql`SELECT ${"1"}`)];
    expect(runs).toHaveLength(2);
    runs.forEach(({ finish }, index) => {
      finish([index]);
    });
    expect(await Promise.all(asked)).toEqual([[0], [1]]);
  });

  test("is made on for those who still wait, and stopped when the last of them goes", async () => {
    const { runs, remembered } = openRuns();
    const [one, other] = [new AbortController(), new AbortController()];
    const asked = [remembered.all(question, one.signal), remembered.all(question, other.signal)];
    const outcomes = Promise.allSettled(asked);
    expect(runs).toHaveLength(1);
    one.abort();
    expect(runs[0]!.signal.aborted).toBe(false);
    other.abort();
    expect(runs[0]!.signal.aborted).toBe(true);
    // Nobody joins what is being stopped.
    const next = remembered.all(question);
    expect(runs).toHaveLength(2);
    runs[1]!.finish([3]);
    expect(await next).toEqual([3]);
    for (const { status } of await outcomes) expect(status).toBe("rejected");
  });

  test("is charged to all who wait for it, and made on for others when one of them has used up its time", async () => {
    const { runs, remembered } = openRuns();
    const waiting = (cpuMsMax: number) => {
      const ending = new AbortController();
      const used = { ms: 0 };
      const spend = (cpuMs: number) => {
        used.ms += cpuMs;
        if (used.ms > cpuMsMax) ending.abort();
      };
      nameAsker(ending.signal, { viewer: "", request: used, account: { spend, goOn: () => undefined } });
      return { used, answer: remembered.all(question, ending.signal) };
    };
    const [first, other] = [waiting(50), waiting(1_000)];
    const run = runs[0]!;
    askerOf(run.signal).account!.spend(60);
    await expect(first.answer).rejects.toThrow();
    expect(run.signal.aborted).toBe(false);
    askerOf(run.signal).account!.spend(40);
    run.finish([1]);
    expect(await other.answer).toEqual([1]);
    // Told when the run was over already.
    askerOf(run.signal).account!.spend(5);
    expect([first.used.ms, other.used.ms]).toEqual([60, 105]);
    expect(runs).toHaveLength(1);
  });

  test("is asked for again after a failure", async () => {
    const { runs, remembered } = openRuns();
    const failing = remembered.all(question);
    runs[0]!.fail(new Error("disk"));
    await expect(failing).rejects.toThrow("disk");
    const next = remembered.all(question);
    runs[1]!.finish([4]);
    expect(await next).toEqual([4]);
  });
});
