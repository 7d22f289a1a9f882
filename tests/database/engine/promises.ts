import { expect, vi } from "vitest";
import { checks, DatabaseTooNewError, ForeignDatabaseError } from "../../../src/database/engine.ts";
import { sql } from "../../../src/database/sql.ts";
import { QueryTooComplexError } from "../../../src/errors.ts";
import { LockedError } from "../../../src/file-lock.ts";
import { opening, type Trial } from "./library.ts";

type Promises = Readonly<Record<string, (trial: Trial) => Promise<void>>>;

const entityIds = sql`SELECT "id" FROM "Entity" ORDER BY "id"`;
const transactionIds = sql`SELECT "id" FROM "Transaction" ORDER BY "id"`;
const failing = new Error("the work fails");

/** Of `Engine` and what it opens. */
const enginePromises: Promises = {
  "a database that is not there is new, and looking does not make it": async ({ engine, another }) => {
    const url = await another();
    const look = () =>
      engine.look(url, async ({ library, hasFiles, sample }) => ({
        library,
        hasFiles,
        files: await sample(5),
      }));
    expect(await look()).toEqual({ library: undefined, hasFiles: false, files: [] });
    expect(await look()).toEqual({ library: undefined, hasFiles: false, files: [] });
  },
  "another program's database is refused": async ({ engine, another, member }) => {
    const url = await another();
    await member.makeForeign(url);
    await expect(engine.look(url, () => Promise.resolve())).rejects.toThrow(ForeignDatabaseError);
  },
  "the library's row is seen as it was written last": async ({ engine, url, database }) => {
    await database.writeLibraryRow({ id: "a".repeat(32), isPaired: false });
    await database.writeLibraryRow({ id: "b".repeat(32), isPaired: true });
    expect(await engine.look(url, ({ library }) => Promise.resolve(library))).toEqual({
      id: "b".repeat(32),
      isPaired: true,
    });
  },
  "a sample of files is spread over all of them": async ({ engine, url, db }) => {
    await db.prisma.original.createMany({
      data: Array.from({ length: 50 }, (_, at) => ({
        ...{ md5: `${at}`.padStart(32, "0"), sha256: `${at}`.padStart(64, "0"), filePath: `p/${at}.jpg` },
        ...{ fileSize: at, metadata: "{}", mimeType: "image/jpeg", extension: "jpg", storedAt: new Date(0) },
      })),
    });
    const files = await engine.look(url, async ({ hasFiles, sample }) => (hasFiles ? await sample(10) : []));
    expect(files.length).toBeGreaterThanOrEqual(10);
    expect(files.length).toBeLessThan(20);
    expect(files.some(({ fileSize }) => fileSize > 40)).toBe(true);
  },
  "a second server is refused until the first lets go": async ({ engine, url }) => {
    const release = await engine.lock(url);
    await expect(engine.lock(url)).rejects.toThrow(LockedError);
    await expect(engine.checkUnlocked(url)).rejects.toThrow(LockedError);
    await release();
    await engine.checkUnlocked(url);
    await (
      await engine.lock(url)
    )();
  },
  "migrations are applied once": async ({ engine, another, sweep }) => {
    const database = await engine.open(await another(), { now: Date.now });
    sweep(() => database.db.close());
    expect((await database.migrate()).length).toBeGreaterThan(0);
    expect(await database.migrate()).toEqual([]);
  },
  "a database of a newer program is refused": async ({ database, db }) => {
    await db.transaction(opening, (tx) =>
      tx.write(sql`INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
        VALUES ('x', 'x', '99991231235959_later', CURRENT_TIMESTAMP, 1)`),
    );
    await expect(database.migrate()).rejects.toThrow(DatabaseTooNewError);
  },
  "a reading database sees commits made since it was opened, and lacks no migration": async (trial) => {
    const reading = await trial.engine.openReading(trial.url);
    trial.sweep(() => reading.close());
    expect(await reading.listPending()).toEqual([]);
    const [id] = await trial.add({ label: "new", isCollection: true });
    expect(await trial.column(entityIds, reading.reader)).toEqual([id]);
  },
  "every check of a sound library finds nothing": async ({ engine, db, add }) => {
    const [top] = await add({ label: "top", isCollection: true });
    const [inner] = await add({
      label: "inner",
      isCollection: true,
      parentId: top!,
      latitude: 1,
      longitude: 2,
    });
    await db.prisma.entity.update({ where: { id: inner! }, data: { label: "東京 Tokyo" } });
    for (const check of checks) expect(await engine.consistency.run(db.reader, check), check).toEqual([]);
    for await (const id of engine.consistency.findMisindexed(db.reader)) expect(id).toBeUndefined();
  },
  "a check finds what was changed past the guards": async ({ engine, url, db, add, member }) => {
    const [id] = await add({ label: "right", isCollection: true });
    await member.damage(url, `UPDATE "Entity" SET "label" = 'wrong'`);
    const found = await engine.consistency.run(db.reader, "ENTITY_AND_VERSION");
    expect(found).toMatchObject([{ entityId: id }]);
  },
};

/** Of `Db` and `Tx`. */
const dbPromises: Promises = {
  "a transaction that throws leaves nothing": async ({ db, column }) => {
    const work = db.transaction(opening, async ({ prisma }) => {
      await prisma.entity.create({ data: { label: "lost" } });
      throw failing;
    });
    await expect(work).rejects.toBe(failing);
    expect(await column(entityIds)).toEqual([]);
    expect(await column(transactionIds)).toEqual([]);
  },
  "transactions run one after another, in the order asked": async ({ db }) => {
    const order: string[] = [];
    const works = ["a", "b", "c"].map((name) =>
      db.transaction(opening, async ({ prisma }) => {
        order.push(`${name} begins`);
        await prisma.entity.create({ data: { label: name } });
        order.push(`${name} ends`);
      }),
    );
    await Promise.all(works);
    expect(order).toEqual(["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]));
  },
  "a transaction that writes nothing leaves no trace, unless it is recorded": async ({ db, column }) => {
    await db.transaction(opening, () => Promise.resolve());
    expect(await column(transactionIds)).toEqual([]);
    const id = await db.transaction(opening, (tx) => tx.record());
    expect(await column(transactionIds)).toEqual([id]);
  },
  "ids of transactions grow in the order of commits": async ({ db, column }) => {
    const ids = await Promise.all(
      Array.from({ length: 5 }, () => db.transaction(opening, (tx) => tx.record())),
    );
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(await column(transactionIds)).toEqual(ids);
  },
  "a transaction reads what it has written, and others do not before it commits": async (trial) => {
    await trial.db.transaction(opening, async (tx) => {
      expect(tx.transactionId).toBeNull();
      const { id } = await tx.prisma.entity.create({ data: { label: "mine" } });
      expect(tx.transactionId).toBeGreaterThan(0);
      expect(await trial.column(entityIds, tx.reader)).toEqual([id]);
      expect(await trial.column(entityIds)).toEqual([]);
    });
    expect(await trial.column(entityIds)).toHaveLength(1);
  },
  "a write outside a transaction is one of its own, with a version": async ({ db, column }) => {
    const { id } = await db.prisma.entity.create({ data: { label: "a" } });
    await db.prisma.entity.update({ where: { id }, data: { label: "b" } });
    expect(await column(sql`SELECT "label" FROM "EntityVersion" ORDER BY "version"`)).toEqual(["a", "b"]);
    expect(await column(transactionIds)).toHaveLength(2);
  },
  "earlier states come back as the next versions": async ({ db, add, column }) => {
    const [id] = await add({ label: "a", isCollection: true });
    await db.prisma.entity.update({ where: { id: id! }, data: { label: "b" } });
    await db.transaction(opening, (tx) => tx.restore([{ id: id!, version: 1 }], "then"));
    expect(await column(sql`SELECT "label" FROM "EntityVersion" ORDER BY "version"`)).toEqual([
      "a",
      "b",
      "a",
    ]);
    expect(await column(sql`SELECT "label" FROM "Entity"`)).toEqual(["a"]);
  },
  "a statement says how many rows it changed": async ({ db, add }) => {
    await add({ label: "a" }, { label: "b" });
    const { changes } = await db.transaction(opening, (tx) =>
      tx.write(sql`DELETE FROM "Counter" WHERE "name" IN ('none', 'neither')`),
    );
    expect(changes).toBe(0);
  },
  "an entity changed past the client is refused, and nothing is left of it": async ({ db, add, column }) => {
    await add({ label: "right" });
    await expect(
      db.transaction(opening, (tx) => tx.write(sql`UPDATE "Entity" SET "label" = 'wrong'`)),
    ).rejects.toThrow();
    expect(await column(sql`SELECT "label" FROM "Entity"`)).toEqual(["right"]);
  },
  "a revision changes with a commit and with nothing else": async ({ db, add }) => {
    const before = db.revision();
    await db.reader.all(entityIds);
    expect(db.revision()).toBe(before);
    await add({ label: "a" });
    expect(db.revision()).not.toBe(before);
    const { revision, transactionId } = db.now();
    expect({ revision, transactionId }).toEqual({ revision: db.revision(), transactionId: 1 });
  },
  "a revision changes soon after another process's commit": async ({ engine, url, db, sweep }) => {
    const before = db.revision();
    const other = await engine.open(url, { now: Date.now });
    sweep(() => other.db.close());
    await other.db.prisma.entity.create({ data: { label: "theirs" } });
    await vi.waitFor(
      () => {
        expect(db.revision()).not.toBe(before);
      },
      { timeout: 5_000, interval: 5 },
    );
  },
  "an operation reads one commit, although this process makes others meanwhile": async ({ db, add }) => {
    await add({ label: "first" });
    let isWritten = false;
    const seen = await db.readAtOneMoment(
      {},
      async (view) => {
        const before = await view.db.reader.all(entityIds);
        if (!isWritten) await add({ label: "second" });
        isWritten = true;
        return [before.length, (await view.db.reader.all(entityIds)).length];
      },
      () => false,
    );
    expect(seen.result[0]).toBe(seen.result[1]);
    expect(seen.transactionId).toBe(seen.result[0]);
  },
  "an operation reads one commit, although another process makes others meanwhile": async (library) => {
    const { engine, url, db, sweep, add } = library;
    await add({ label: "mine" });
    const other = await engine.open(url, { now: Date.now });
    sweep(() => other.db.close());
    for (let round = 0; round < 3; round++) {
      let isWritten = false;
      const seen = await db.readAtOneMoment(
        {},
        async (view) => {
          const before = await view.db.reader.all(entityIds);
          if (!isWritten) await other.db.prisma.entity.create({ data: { label: "theirs" } });
          isWritten = true;
          return [before.length, (await view.db.reader.all(entityIds)).length];
        },
        () => false,
      );
      expect(seen.result[0]).toBe(seen.result[1]);
      expect(seen.transactionId).toBe(seen.result[0]);
    }
  },
  "a pinned moment stays while others write": async ({ db, add, column }) => {
    const [first] = await add({ label: "first" });
    const moment = await db.openMoment();
    try {
      await add({ label: "second" });
      expect(await column(entityIds, moment.db.reader)).toEqual([first]);
      const aside = await moment.db.reader.all<{ id: number }>(entityIds, { cost: "scan" });
      expect(aside.map(({ id }) => id)).toEqual([first]);
      expect(moment.transactionId).toBe(1);
      expect(await column(entityIds)).toHaveLength(2);
    } finally {
      await moment.close();
    }
  },
  "the next commit is heard, and waiting ends with the signal": async ({ db, add }) => {
    const heard = db.nextCommit(new AbortController().signal);
    await add({ label: "a" });
    await heard;
    const ending = new AbortController();
    const waiting = db.nextCommit(ending.signal);
    ending.abort();
    await waiting;
  },
  "every class of cost gives the same rows": async ({ db, add }) => {
    await add({ label: "a", latitude: -1.5 }, { label: null, fileSize: 2n ** 40n });
    const query = sql`SELECT "id", "label", "latitude", "fileSize", "addedAt" FROM "Entity" ORDER BY "id"`;
    const point = await db.reader.all(query);
    for (const cost of ["scan", "repeated", "repeated"] as const)
      expect(await db.reader.all(query, { cost })).toEqual(point);
    expect(await db.reader.get(query, { cost: "scan" })).toEqual(point[0]);
    expect(await db.reader.get(sql`${entityIds} LIMIT 0`)).toBeUndefined();
  },
  "what is repeated is true again after a commit": async ({ db, add }) => {
    const read = async () => (await db.reader.all(entityIds, { cost: "repeated" })).length;
    expect(await read()).toBe(0);
    await add({ label: "a" });
    expect(await read()).toBe(1);
  },
  "questions that differ in a list alone are not mistaken for each other": async ({ db, add }) => {
    const ids = await add({ label: "a" }, { label: "b" });
    const { list } = await import("../../../src/database/dialect.ts");
    for (const id of ids) {
      const query = sql`SELECT "id" FROM "Entity" WHERE "id" IN (${list([id])})`;
      expect(await db.reader.all(query, { cost: "repeated" })).toEqual([{ id }]);
    }
  },
  "a query ends with its signal": async ({ db }) => {
    const ending = new AbortController();
    ending.abort();
    await expect(db.reader.all(entityIds, { cost: "scan", signal: ending.signal })).rejects.toThrow(
      QueryTooComplexError,
    );
  },
  "a query ends at the limit of its time": async ({ engine, url, sweep }) => {
    const { db } = await engine.open(url, {
      ...{ now: Date.now, limits: { connections: 1, waitingMax: 10, timeoutMs: 200 } },
    });
    sweep(() => db.close());
    const endless = sql`WITH RECURSIVE n("i") AS (SELECT 1 UNION ALL SELECT "i" + 1 FROM n) SELECT MAX("i") FROM n`;
    await expect(db.reader.all(endless, { cost: "scan" })).rejects.toThrow(QueryTooComplexError);
  },
  "it can be written to, and says so without changing anything": async ({ db }) => {
    const before = db.revision();
    await db.tryWriting();
    expect(db.revision()).toBe(before);
  },
  "rebuilding what is derived leaves a sound library": async ({ engine, db, add }) => {
    await add(
      { label: "harbour", latitude: 3, longitude: 4, isCollection: true },
      { label: "harbour too", isCollection: true },
    );
    await db.rebuild();
    for (const check of checks) expect(await engine.consistency.run(db.reader, check), check).toEqual([]);
  },
  "times of transactions never go back with the clock": async ({ engine, another, sweep }) => {
    let time = 1_000_000;
    const database = await engine.open(await another(), { now: () => time });
    sweep(() => database.db.close());
    await database.migrate();
    for (const step of [0, -500, 250]) {
      time += step;
      await database.db.transaction(opening, (tx) => tx.record());
    }
    const rows = await database.db.reader.all<{ at: number }>(
      sql`SELECT "at" FROM "Transaction" ORDER BY "id"`,
    );
    const times = rows.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  },
};

export const promises: Promises = { ...enginePromises, ...dbPromises };
