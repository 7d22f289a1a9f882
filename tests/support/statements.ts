import { vi } from "vitest";
import type { Connection } from "../../src/db/sqlite/connection.ts";
import type { TestServer } from "./server.ts";

/** The SQL of every reading statement that `work` makes the server run, Prisma's included. */
export async function statementsOf({ app }: Pick<TestServer, "app">, work: () => Promise<unknown>) {
  // `Db` shows only what services need of it; it is a whole connection.
  const reader = app.deps.db.reader as Connection;
  const spies = [vi.spyOn(reader, "all"), vi.spyOn(reader, "rows")];
  try {
    await work();
    return spies.flatMap((spy) => spy.mock.calls.map(([query]) => query.sql));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
