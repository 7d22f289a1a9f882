import { describe, expect, test } from "vitest";
import { nameAsker } from "../../src/database/asker.ts";
import { openPins, type Pin } from "../../src/database/sqlite/pins.ts";
import { startServer } from "../support/server.ts";

function signalOf(viewer: string): AbortSignal {
  const { signal } = new AbortController();
  nameAsker(signal, { viewer, request: {} });
  return signal;
}

const one = { sql: `SELECT 1 AS "is"`, values: [] };

describe("a pinned moment ends", () => {
  const limits = { max: 1, eachMax: 1, waitingMax: 100, heldMsMax: 600_000 };

  test("with the operation that reads it", async () => {
    const { databasePath } = await startServer();
    const pins = openPins(databasePath, () => 1, limits);
    const ending = new AbortController();
    const pin = await pins.open(ending.signal);
    expect(pin.reader.get(one)).toEqual({ is: 1 });
    ending.abort();
    expect(pin.signal.aborted).toBe(true);
    expect(() => pin.reader.get(one)).toThrow("nobody waits for its answer");
    await pin.release(Promise.resolve());
    pins.close();
  });

  test("when it was held for too long: the journal could not be emptied", async () => {
    const { databasePath } = await startServer();
    const pins = openPins(databasePath, () => 1, { ...limits, heldMsMax: 1_000 });
    const pin = await pins.open();
    await expect.poll(() => pin.signal.aborted, { timeout: 30_000 }).toBe(true);
    expect(() => pin.reader.get(one)).toThrow("took longer than 1 s");
    await pin.release(Promise.resolve());
    pins.close();
  });

  test("before it has begun, when commits that follow one another never let both connections see one", async () => {
    const { databasePath } = await startServer();
    let commits = 0;
    const pins = openPins(databasePath, () => ++commits, { ...limits, heldMsMax: 1_000 });
    await expect(pins.open()).rejects.toThrow("took longer than 1 s");
    pins.close();
  });
});

test("one viewer does not take every pinned moment from the others", async () => {
  const { databasePath } = await startServer();
  const limits = { max: 3, eachMax: 2, waitingMax: 100, heldMsMax: 600_000 };
  const pins = openPins(databasePath, () => 1, limits);
  try {
    const opened: Pin[] = [];
    const many = [1, 2, 3].map(async () => void opened.push(await pins.open(signalOf("many"))));
    await expect.poll(() => opened.length).toBe(2);
    const other = await pins.open(signalOf("other"));
    expect(other.reader.get({ sql: `SELECT 1 AS "is"`, values: [] })).toEqual({ is: 1 });
    // The third of the first viewer is no longer without its turn when one of its own has ended.
    await opened[0]!.release(Promise.resolve());
    await Promise.all(many);
    expect(opened).toHaveLength(3);
    for (const pin of [...opened.slice(1), other]) await pin.release(Promise.resolve());
  } finally {
    pins.close();
  }
});
