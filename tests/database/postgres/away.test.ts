import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { findPrograms, startPostgres, type PostgresServer } from "../../../scripts/postgres-server.ts";
import { locks } from "../../../src/database/postgres/writer-pool.ts";
import { canMount, fillBut, mount, unmount } from "../../support/disk.ts";
import { CREATE_COLLECTION, ENTITIES, UPDATE } from "../../support/documents.ts";
import { addPicture, getEntity } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { postgresUrl, runScripts } from "../../support/postgres.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, tryUpload } from "../../support/uploading.ts";

const programs = findPrograms();
if (programs == null)
  console.warn("A database that goes away is not tested: PostgreSQL's programs are missing");

interface Library {
  readonly postgres: PostgresServer;
  readonly server: TestServer;
  /** Of an entity with the label "before". */
  readonly id: string;
}

/** A library on a PostgreSQL of its own. */
async function openLibrary(options: Parameters<typeof startPostgres>[1] = {}): Promise<Library> {
  const postgres = await startPostgres(programs!, options);
  onTestFinished(() => postgres.stop());
  const server = await startServer({ engine: "sqlite", env: { DATABASE_URL: postgres.url } });
  onTestFinished(() => server.stop());
  return { postgres, server, id: await addPicture(server, { label: "before" }) };
}

const relabel = (server: TestServer, id: string, label: string) =>
  server.ask(UPDATE, { id, input: { label } });

const codesOf = ({
  status,
  errors = [],
}: {
  readonly status: number;
  readonly errors?: readonly { extensions: { code?: unknown } }[] | undefined;
}) => [status, ...errors.map(({ extensions }) => extensions.code)].join(" ");

/** Until the server has noticed by itself that the database is back. */
async function expectAllWell(server: TestServer, id: string): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(codesOf(await relabel(server, id, "after"))).toBe("200");
    },
    { timeout: 60_000, interval: 100 },
  );
  expect((await getEntity(server, id)).label).toBe("after");
  await addPicture(server);
  await vi.waitFor(
    async () => {
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    },
    { timeout: 30_000, interval: 200 },
  );
}

/** Ends the session that does this now. */
async function terminate(url: string, doing: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await vi.waitFor(
      async () => {
        const { rowCount } = await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE pid <> pg_backend_pid() AND application_name = 'colan' AND ${doing}`,
        );
        expect(rowCount).toBeGreaterThan(0);
      },
      { timeout: 30_000, interval: 10 },
    );
  } finally {
    await client.end();
  }
}

describe.skipIf(postgresUrl == null || programs == null)("a database that", () => {
  test("is stopped for a while is 503 to all, and works by itself when it is started again", async () => {
    const { postgres, server, id } = await openLibrary();
    const before = await server.listFiles();
    await postgres.pause();
    expect(codesOf(await relabel(server, id, "lost"))).toBe("503 UNAVAILABLE");
    expect(codesOf(await server.ask(ENTITIES))).toBe("503 UNAVAILABLE");
    expect((await tryUpload(server, await makeJpeg())).outcome).toBe("UNAVAILABLE");
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { status: "unready" }]);
    await postgres.resume();
    await vi.waitFor(async () => {
      expect(await server.listFiles()).toEqual(before);
    });
    await expectAllWell(server, id);
  });

  test("only answers questions is 503 to writers, and readers are answered", async () => {
    const { postgres, server, id } = await openLibrary();
    const set = async (value: string) => {
      await runScripts(
        postgres.url,
        `SET default_transaction_read_only = off`,
        `ALTER DATABASE postgres SET default_transaction_read_only = ${value}`,
      );
      await terminate(postgres.url, "TRUE");
    };
    await set("on");
    await vi.waitFor(async () => {
      const { status, errors } = await relabel(server, id, "lost");
      expect([status, errors?.[0]?.message]).toEqual([
        503,
        "the database only answers questions now: it is a standby, or set to read only",
      ]);
    });
    expect((await tryUpload(server, await makeJpeg())).outcome).toBe("UNAVAILABLE");
    expect((await getEntity(server, id)).label).toBe("before");
    expect(await server.listFiles()).toHaveLength(1);
    await set("off");
    await expectAllWell(server, id);
  });

  test.skipIf(!canMount)(
    "has a full disk is 507 to writers, answers readers, and works when there is room again",
    async () => {
      const disk = await mount("size=128m,mode=0777");
      onTestFinished(() => unmount(disk));
      const { server, id } = await openLibrary({
        below: disk,
        settings: { max_wal_size: "32MB", min_wal_size: "32MB" },
      });
      await fillBut(disk, 0);
      // What cannot be made smaller.
      const long = () => randomBytes(25_000).toString("hex");
      const until = async (fits: string, change: () => Promise<string>) => {
        for (let index = 0; index < 2000; index++) {
          const outcome = await change();
          if (outcome !== fits) return outcome;
        }
        return fits;
      };
      const update = async () => codesOf(await server.ask(UPDATE, { id, input: { description: long() } }));
      expect(await until("200", update)).toBe("507 STORAGE_FULL");
      const upload = async () =>
        (await tryUpload(server, await makeJpeg(), { description: long() })).outcome as string;
      expect(await until("CREATED", upload)).toBe("STORAGE_FULL");
      await expectConsistent(server);
      expect((await getEntity(server, id)).label).toBe("before");
      await rm(join(disk, "filler"));
      await expectAllWell(server, id);
    },
  );
});

describe.skipIf(postgresUrl == null || programs == null)("a session that is ended", () => {
  test("in the middle of a query is a 503, and the next query is answered", async () => {
    const { postgres, server, id } = await openLibrary();
    const holder = new pg.Client({ connectionString: postgres.url });
    await holder.connect();
    await holder.query(`BEGIN; LOCK TABLE "Entity" IN ACCESS EXCLUSIVE MODE`);
    const asking = server.ask(ENTITIES);
    await terminate(postgres.url, "wait_event_type = 'Lock'");
    expect(codesOf(await asking)).toBe("503 UNAVAILABLE");
    await holder.end();
    await expectAllWell(server, id);
  });

  test("in the middle of a change leaves nothing of it", async () => {
    const { postgres, server, id } = await openLibrary();
    const holder = new pg.Client({ connectionString: postgres.url });
    await holder.connect();
    await holder.query(`BEGIN; SELECT 1 FROM "Entity" FOR UPDATE`);
    const writing = relabel(server, id, "lost");
    await terminate(postgres.url, "wait_event_type = 'Lock'");
    expect(codesOf(await writing)).toBe("503 UNAVAILABLE");
    await holder.end();
    const { label, version } = await getEntity(server, id);
    expect([label, version]).toEqual(["before", 1]);
    await expectAllWell(server, id);
  });

  test("in the middle of a COMMIT is found not to be written, and says so", async () => {
    const { postgres, server, id } = await openLibrary();
    // What is deferred is done by the COMMIT.
    await runScripts(
      postgres.url,
      `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
       CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON "Transaction" DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION wait()`,
    );
    const writing = relabel(server, id, "lost");
    await terminate(postgres.url, "query = 'COMMIT' AND state = 'active'");
    const answer = await writing;
    expect([codesOf(answer), answer.errors?.[0]?.message]).toEqual([
      "503 UNAVAILABLE",
      "the connection to the database was lost, and nothing was written",
    ]);
    await runScripts(postgres.url, `DROP TRIGGER slow ON "Transaction"`);
    expect((await getEntity(server, id)).version).toBe(1);
    await expectAllWell(server, id);
  });

  test("while it waits for another writer leaves nothing", async () => {
    const { postgres, server, id } = await openLibrary();
    const holder = new pg.Client({ connectionString: postgres.url });
    await holder.connect();
    await holder.query(`SELECT pg_advisory_lock(${locks.writers})`);
    const writing = server.ask(CREATE_COLLECTION, { input: { label: "waits" } });
    await terminate(postgres.url, "wait_event = 'advisory'");
    expect(codesOf(await writing)).toBe("503 UNAVAILABLE");
    await holder.end();
    expect((await server.run(ENTITIES)).entities.pagination.totalItems).toBe(1);
    await expectAllWell(server, id);
  });
});
