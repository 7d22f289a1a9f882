import Libsql from "libsql";
import { expect, test } from "vitest";
import { CREATE_COLLECTION, ENTITIES } from "../support/documents.ts";
import { startServer } from "../support/server.ts";

// Another program that keeps the database locked, such as a forgotten sqlite3 shell, stopped the whole server for five
// seconds at every write, and then the writer was told of a bug.
test("a database that another process keeps locked is 503 to writers, and readers are answered meanwhile", async () => {
  const server = await startServer();
  const other = new Libsql(server.databasePath);
  const create = () => server.ask(CREATE_COLLECTION, { input: { label: "later" } });
  try {
    other.exec("BEGIN IMMEDIATE");
    let isOver = false as boolean;
    const writing = Promise.all([create(), create(), create()]).finally(() => (isOver = true));
    let answered = 0;
    while (!isOver) {
      await server.run(ENTITIES);
      answered++;
    }
    expect(answered).toBeGreaterThan(20);
    for (const { status, errors } of await writing) {
      expect(status).toBe(503);
      expect(errors?.[0]).toMatchObject({ extensions: { code: "UNAVAILABLE" } });
      expect(errors?.[0]?.message).toContain("locked");
    }
    // The next one need not wait for all of it again, and the lock's end is noticed by who waits.
    const waiting = create();
    other.exec("ROLLBACK");
    expect((await waiting).status).toBe(200);
    expect((await create()).status).toBe(200);
  } finally {
    other.close();
  }
  expect((await server.run(ENTITIES)).entities.pagination.totalItems).toBe(2);
});
