import { expect, test } from "vitest";
import { KeyedLock } from "../../src/concurrency/keyed-lock.ts";

/** Work that says when it runs and ends when it is told to. */
function job(log: string[], name: string) {
  const { promise: done, end } = untilTold();
  const work = async () => {
    log.push(`${name} begins`);
    await done.finally(() => log.push(`${name} ends`));
    return name;
  };
  return { work, end };
}

function untilTold() {
  let end: (error?: Error) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    end = (error) => {
      if (error == null) resolve();
      else reject(error);
    };
  });
  return { promise, end };
}

// Several turns of the event loop: whatever could run has run.
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

test("work on one checksum runs one after the other, in the order asked", async () => {
  const locks = new KeyedLock();
  const log: string[] = [];
  const [a, b, c] = [job(log, "a"), job(log, "b"), job(log, "c")];
  const all = Promise.all([a, b, c].map(({ work }) => locks.hold(["1"], work)));
  c.end();
  b.end();
  await settle();
  expect(log).toEqual(["a begins"]);
  a.end();
  expect(await all).toEqual(["a", "b", "c"]);
  expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test("work on different checksums runs at once", async () => {
  const locks = new KeyedLock();
  const log: string[] = [];
  const [a, b] = [job(log, "a"), job(log, "b")];
  const all = [locks.hold(["1"], a.work), locks.hold(["2"], b.work)];
  await settle();
  expect(log).toEqual(["a begins", "b begins"]);
  a.end();
  b.end();
  await Promise.all(all);
});

test("work that fails lets go, and the failure is its caller's", async () => {
  const locks = new KeyedLock();
  const a = job([], "a");
  const failing = locks.hold(["1", "2"], a.work);
  const next = locks.hold(["2"], () => Promise.resolve("next"));
  a.end(new Error("no"));
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("next");
});

test("two batches that name the same checksums crosswise both come through", async () => {
  const locks = new KeyedLock();
  const rounds = Array.from({ length: 50 }, (_, round) =>
    locks.hold(round % 2 === 0 ? ["1", "2", "3"] : ["3", "2", "1"], async () => {
      await settle();
      return round;
    }),
  );
  expect(await Promise.all(rounds)).toHaveLength(50);
});

test("one checksum named twice does not wait for itself", async () => {
  expect(await new KeyedLock().hold(["1", "1"], () => Promise.resolve("done"))).toBe("done");
});
