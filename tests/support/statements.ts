import pg from "pg";
import { vi } from "vitest";
import { BackgroundConnection } from "../../src/database/sqlite/background-connection.ts";
import { writeForSqlite } from "../../src/database/sqlite/dialect.ts";
import { openConnection, type Connection } from "../../src/database/sqlite/connection.ts";
import { testEngine } from "./postgres.ts";

// Seen on a busy machine: a test found a schedule's statement, which looks for work once a minute, before its own.
const bySchedules = /FROM "(FactsReading|Preparation|FileRemoval)"/;

/** The common prototype of all connections of this thread. */
function connections(): Connection {
  const connection = openConnection(":memory:", { readOnly: false });
  connection.close();
  return Object.getPrototypeOf(connection) as Connection;
}

interface Spy {
  readonly statements: () => string[];
  readonly restore: () => void;
}

function spyOnSqlite(): Spy {
  const spies = [
    vi.spyOn(connections(), "all"),
    vi.spyOn(connections(), "rows"),
    vi.spyOn(BackgroundConnection.prototype, "all"),
  ];
  return {
    statements: () => spies.flatMap((spy) => spy.mock.calls.map(([query]) => writeForSqlite(query).sql)),
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}

function spyOnPostgres(): Spy {
  const spy = vi.spyOn(pg.Client.prototype, "query");
  const textOf = (query: unknown): string =>
    typeof query === "object" && query !== null && "text" in query ? String(query.text) : String(query);
  return {
    // What frames a transaction is no question.
    statements: () =>
      spy.mock.calls.map(([query]) => textOf(query)).filter((text) => /^\s*(SELECT|WITH)\b/.test(text)),
    restore: () => {
      spy.mockRestore();
    },
  };
}

/** The SQL of every reading statement that `work` causes in this process, Prisma's included, of any server in it. */
export async function statementsOf(work: () => Promise<unknown>) {
  const spy = testEngine === "postgres" ? spyOnPostgres() : spyOnSqlite();
  try {
    await work();
    // The last transaction is read after each commit.
    return spy
      .statements()
      .filter(
        (statement) =>
          !statement.includes("data_version") &&
          !bySchedules.test(statement) &&
          !statement.startsWith('SELECT MAX("id") AS "id" FROM "Transaction"'),
      );
  } finally {
    spy.restore();
  }
}
