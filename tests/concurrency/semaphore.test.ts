import { expect, test } from "vitest";
import { Semaphore, type Release } from "../../src/concurrency/semaphore.ts";

/** Whatever could run has run. */
const settle = () => new Promise(setImmediate);

/** Asks for a turn and notes when it comes. */
function ask(semaphore: Semaphore, order: string[], name: string, signal?: AbortSignal): Promise<Release> {
  return semaphore.acquire(signal).then((release) => {
    order.push(name);
    return release;
  });
}

test("at most `max` callers have a turn at once, and the others get theirs in the order of asking", async () => {
  const semaphore = new Semaphore(2);
  let [running, runningMost] = [0, 0];
  const order: number[] = [];
  const work = async (index: number) => {
    order.push(index);
    runningMost = Math.max(runningMost, ++running);
    await settle();
    running--;
  };
  await Promise.all(Array.from({ length: 12 }, (_, index) => semaphore.run(() => work(index))));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect([order.length, runningMost, semaphore.waiting]).toEqual([12, 2, 0]);
});

test("a newcomer does not overtake a caller that waits, not even at the moment when a turn ends", async () => {
  const semaphore = new Semaphore(1);
  const order: string[] = [];
  const first = await semaphore.acquire();
  const second = ask(semaphore, order, "second");
  first();
  expect(semaphore.tryAcquire()).toBeUndefined();
  const third = ask(semaphore, order, "third");
  (await second)();
  (await third)();
  expect(order).toEqual(["second", "third"]);
});

test("a turn that is ended twice is one turn", async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire();
  release();
  release();
  expect(semaphore.tryAcquire()).toBeTypeOf("function");
  expect(semaphore.tryAcquire()).toBeUndefined();
});

test("work that fails ends its turn, and the failure is its caller's", async () => {
  const semaphore = new Semaphore(1);
  await expect(semaphore.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await semaphore.run(() => Promise.resolve("next"))).toBe("next");
});

test("a caller that is called off while it waits, or before, gets the signal's reason and takes no turn", async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire();
  const gone = new AbortController();
  const waiting = semaphore.acquire(gone.signal);
  const next = semaphore.acquire(new AbortController().signal);
  gone.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  await expect(semaphore.acquire(gone.signal)).rejects.toThrow("gone");
  release();
  (await next)();
  expect(semaphore.tryAcquire()).toBeTypeOf("function");
});

test("a signal that is aborted during the turn changes nothing", async () => {
  const semaphore = new Semaphore(1);
  const first = await semaphore.acquire();
  const late = new AbortController();
  const waiting = semaphore.acquire(late.signal);
  first();
  const release = await waiting;
  late.abort();
  expect(semaphore.tryAcquire()).toBeUndefined();
  release();
  expect(semaphore.tryAcquire()).toBeTypeOf("function");
});

test("a closed semaphore refuses callers that wait and that come later, and lets turns under way end", async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire();
  const waiting = semaphore.acquire();
  semaphore.close(new Error("closed"));
  await expect(waiting).rejects.toThrow("closed");
  await expect(semaphore.acquire()).rejects.toThrow("closed");
  release();
  expect(semaphore.waiting).toBe(0);
});
