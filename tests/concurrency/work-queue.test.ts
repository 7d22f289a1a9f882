import { expect, test, vi } from "vitest";
import { openWorkQueue, type Work } from "../../src/concurrency/work-queue.ts";

interface Done {
  readonly originalId: number;
}

/** A table in memory, with what was done in it. */
function table(tasks: number[], change: Partial<Work<number, Done>> = {}) {
  const log: string[] = [];
  const work: Work<number, Done> = {
    batch: { tasks: 3, ms: 600_000 },
    begin: () => Promise.resolve(log.push("begin")),
    find: (inHand) => Promise.resolve(tasks.find((task) => !inHand.includes(task))),
    run: (originalId) => Promise.resolve({ originalId }),
    write: (batch) => {
      log.push(`write ${batch.map(({ originalId }) => originalId).join()}`);
      for (const { originalId } of batch) tasks.splice(tasks.indexOf(originalId), 1);
      return Promise.resolve();
    },
    findNextAt: () => Promise.resolve(null),
    giveUp: (error) => {
      log.push(String(error));
      return null;
    },
    ...change,
  };
  return { work, log, tasks };
}

const clock = { now: Date.now };
const idle = () => false;
const done = (log: readonly string[], ...lines: string[]) =>
  vi.waitFor(() => {
    expect(log).toEqual(lines);
  });

test("works off what is due in batches, until nothing is left, and begins once", async () => {
  const { work, log, tasks } = table([1, 2, 3, 4]);
  const queue = openWorkQueue(work, clock, idle);
  queue.wake();
  await done(log, "begin", "write 1,2,3", "write 4");
  tasks.push(5);
  queue.wake();
  await done(log, "begin", "write 1,2,3", "write 4", "write 5");
  await queue.close();
});

test("a wake while the last task runs is not lost", async () => {
  const tasks = [1];
  let isLooking = false;
  const { work, log } = table(tasks, {
    findNextAt: () => {
      // After the last look at the tasks, and before the queue has ended.
      if (!isLooking) {
        isLooking = true;
        tasks.push(2);
        queue.wake();
      }
      return Promise.resolve(null);
    },
  });
  const queue = openWorkQueue(work, clock, idle);
  queue.wake();
  await done(log, "begin", "write 1", "write 2");
  await queue.close();
});

test("goes on by itself when the next task is due", async () => {
  const tasks: number[] = [];
  const { work, log } = table(tasks, {
    findNextAt: () => {
      if (log.length > 1) return Promise.resolve(null);
      tasks.push(1);
      return Promise.resolve(clock.now() + 10);
    },
  });
  const queue = openWorkQueue(work, clock, idle);
  queue.wake();
  await done(log, "begin", "write 1");
  await queue.close();
});

test("a failure ends the run, and the next wake goes on where it was; a failed beginning is begun again", async () => {
  let failures = 0;
  const { work, log } = table([1], {
    begin: () => (failures++ === 0 ? Promise.reject(new Error("gone")) : Promise.resolve(log.push("begin"))),
  });
  const queue = openWorkQueue(work, clock, idle);
  queue.wake();
  await done(log, "Error: gone");
  queue.wake();
  await done(log, "Error: gone", "begin", "write 1");
  await queue.close();
});

test("closing breaks off the task under way, writes what was done before, and begins no other", async () => {
  const { work, log } = table([1, 2, 3], {
    run: async (originalId, { signal, closed }) => {
      if (originalId === 1) return { originalId };
      log.push("under way");
      await closed;
      expect(signal.aborted).toBe(true);
      return undefined;
    },
  });
  const queue = openWorkQueue(work, clock, idle);
  queue.wake();
  await done(log, "begin", "under way");
  await queue.close();
  queue.wake();
  expect(log).toEqual(["begin", "under way", "write 1"]);
});
