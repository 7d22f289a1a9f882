import { vi } from "vitest";
import type { Connection } from "../../src/db/sqlite/connection.ts";
import type { TestServer } from "./server.ts";

// Seen on a busy machine: a test found a schedule's statement, which looks for work once a minute, before its own.
const bySchedules = /FROM "(FactsReading|Preparation|FileRemoval)"/;

/** The SQL of every reading statement that `work` makes the server run, Prisma's included. */
export async function statementsOf({ app }: Pick<TestServer, "app">, work: () => Promise<unknown>) {
  // `Db` shows only what services need of it; it is a whole connection.
  const reader = app.deps.db.reader as Connection;
  const { background } = app.deps.db;
  const spies = [
    vi.spyOn(reader, "all"),
    vi.spyOn(reader, "rows"),
    vi.spyOn(background, "all"),
    vi.spyOn(background, "get"),
  ];
  try {
    await work();
    const statements = spies.flatMap((spy) => spy.mock.calls.map(([query]) => query.sql));
    // Whether anything was committed is asked before every answer, and what the last transaction is after each commit.
    return statements.filter(
      (statement) =>
        !statement.includes("data_version") &&
        !bySchedules.test(statement) &&
        !statement.startsWith('SELECT MAX("id") AS "id" FROM "Transaction"'),
    );
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
