import { describe, expect, onTestFinished, test } from "vitest";
import { UPDATE } from "../../support/documents.ts";
import { addPicture, getEntity } from "../../support/library.ts";
import { openPooler, pgbouncer } from "../../support/pgbouncer.ts";
import { dropDatabase, makeDatabase, postgresUrl } from "../../support/postgres.ts";
import { startServer } from "../../support/server.ts";

if (pgbouncer == null) console.warn("A pooler is not tested: pgbouncer is missing");

describe.skipIf(postgresUrl == null || pgbouncer == null)("through pgbouncer in transaction mode", () => {
  // What was seen: the start was refused ("unsupported startup parameter: options"), since the database was looked at and
  // locked through the pooler, which would have lost the lock with the next transaction.
  test("a library is made, written, read and read by many at once, and another server is kept away", async () => {
    const direct = await makeDatabase();
    onTestFinished(() => dropDatabase(direct));
    const pooled = await openPooler(pgbouncer!, direct);
    const env = { DATABASE_URL: pooled, DATABASE_DIRECT_URL: direct };
    const server = await startServer({ engine: "sqlite", env });
    const id = await addPicture(server, { label: "before" });
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        server.run(UPDATE, { id, input: { description: `the ${index}th` } }),
      ),
    );
    await server.run(UPDATE, { id, input: { label: "after" } });
    const found = await Promise.all(Array.from({ length: 40 }, () => getEntity(server, id)));
    expect(new Set(found.map(({ label, version }) => `${label} ${version}`))).toEqual(new Set(["after 22"]));
    await expect(startServer({ engine: "sqlite", env })).rejects.toThrow(/in use by another process/);

    const again = await server.restart();
    expect((await getEntity(again, id)).label).toBe("after");
    await again.stop();
  });
});
