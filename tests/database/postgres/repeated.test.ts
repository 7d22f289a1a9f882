// Seen on a busy machine: four clients that asked for the same facets after a commit had them counted more than once.
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { postgresEngine } from "../../../src/database/postgres/engine.ts";
import { sql } from "../../../src/database/sql.ts";
import { dropDatabase, makeMigratedDatabase, postgresUrl } from "../../support/postgres.ts";

const slow = sql`SELECT 1 AS "one", pg_sleep(0.5) IS NULL AS "slept"`;
const repeated = { cost: "repeated" } as const;

async function openThree() {
  const url = await makeMigratedDatabase();
  onTestFinished(() => dropDatabase(url));
  const { db } = await postgresEngine.open(url, { now: Date.now });
  onTestFinished(() => db.close());
  const moments = await Promise.all([1, 2, 3].map(() => db.openMoment()));
  onTestFinished(async () => {
    for (const moment of moments) await moment.close();
  });
  const spy = vi.spyOn(pg.Client.prototype, "query");
  onTestFinished(() => {
    spy.mockRestore();
  });
  const count = () => spy.mock.calls.filter(([query]) => JSON.stringify(query).includes("pg_sleep")).length;
  return { readers: moments.map(({ db: { reader } }) => reader), count };
}

describe.skipIf(postgresUrl == null)("snapshots of one commit", () => {
  test("that ask the same at once share one run", async () => {
    const { readers, count } = await openThree();
    const answers = await Promise.all(readers.map((reader) => reader.all(slow, repeated)));
    expect(answers).toEqual(Array.from(readers, () => [{ one: 1, slept: 0 }]));
    expect(count()).toBe(1);
  });

  test("the run goes on for the others when the first who asked has gone", async () => {
    const { readers, count } = await openThree();
    const leaving = new AbortController();
    const [first, ...others] = readers.map((reader, index) =>
      reader.all(slow, index === 0 ? { ...repeated, signal: leaving.signal } : repeated),
    );
    await expect.poll(count).toBe(1);
    leaving.abort();
    await expect(first).rejects.toThrow("nobody waits for its answer");
    expect(await Promise.all(others)).toEqual(others.map(() => [{ one: 1, slept: 0 }]));
    expect(count()).toBe(2);
  });

  test("who leaves while another's run goes on is told so at once", async () => {
    const { readers, count } = await openThree();
    const leaving = new AbortController();
    const first = readers[0]!.all(slow, repeated);
    await expect.poll(count).toBe(1);
    const second = readers[1]!.all(slow, { ...repeated, signal: leaving.signal });
    leaving.abort();
    await expect(second).rejects.toThrow("nobody waits for its answer");
    expect(await first).toEqual([{ one: 1, slept: 0 }]);
  });
});
