import { vi } from "vitest";
import { openConnection } from "../../src/db/sqlite/connection.ts";
import type { TestServer } from "./server.ts";

// Seen on a busy machine: a test found a schedule's statement, which looks for work once a minute, before its own.
const bySchedules = /FROM "(FactsReading|Preparation|FileRemoval)"/;

/** The SQL of every reading statement that `work` makes the server run, Prisma's included. */
export async function statementsOf({ app }: Pick<TestServer, "app">, work: () => Promise<unknown>) {
  const { reader } = app.deps.db;
  // Prisma reads on a connection of the database's own.
  const connections = Object.getPrototypeOf(openConnection(":memory:", { readOnly: false })) as {
    rows(query: { readonly sql: string }): unknown;
  };
  const spies = [vi.spyOn(reader, "all"), vi.spyOn(reader, "get"), vi.spyOn(connections, "rows")];
  try {
    await work();
    const statements = spies.flatMap((spy) => spy.mock.calls.map(([query]) => query.sql));
    // What the last transaction is, is asked after each commit.
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
