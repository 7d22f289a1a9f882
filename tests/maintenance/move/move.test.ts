import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { engineOf } from "../../../src/database/engines.ts";
import { stillTrue } from "../../../src/database/model/album-members.ts";
import { keptTables, tables } from "../../../src/database/model/tables.ts";
import { sql } from "../../../src/database/sql.ts";
import { digestOf } from "../../../src/database/transfer.ts";
import { LockedError } from "../../../src/file-lock.ts";
import { moveDatabase, MoveError, type Moving } from "../../../src/maintenance/move/database.ts";
import { makeDatabase, dropDatabase, postgresUrl } from "../../support/postgres.ts";

const opening = { operation: "test", actor: "somebody", reason: "the move" };
const quietly: Moving = { signal: new AbortController().signal, onProgress: () => undefined };
const placeOf = (url: string) => ({ engine: engineOf(url), url });

async function makeSqlite(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "colan-move-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return `file:${join(dir, "library.db")}`;
}

async function makePostgres(): Promise<string> {
  const url = await makeDatabase();
  onTestFinished(() => dropDatabase(url));
  return url;
}

/** Children before their parents, versions, a trash, a destroyed one of the highest id, times, bytes, signs. */
async function fill(url: string): Promise<void> {
  const database = await engineOf(url).open(url, { now: Date.now });
  const { db } = database;
  try {
    await database.migrate();
    await database.refreshIndex(() => undefined);
    await database.writeLibraryRow({ id: "a".repeat(32), isPaired: true });
    await db.prisma.secret.create({ data: { name: "urls", value: Uint8Array.from([0, 39, 92, 255]) } });
    await db.prisma.apiKey.create({
      data: { name: "żółw", hash: "h", permissions: "read", createdAt: new Date(1_700_000_000_123) },
    });
    const file = await db.transaction(opening, async ({ prisma }) => {
      const original = await prisma.original.create({
        data: {
          ...{ md5: "1".repeat(32), sha256: "2".repeat(64), fileSize: 2n ** 40n, mimeType: "image/jpeg" },
          ...{ extension: "jpg", filePath: `2026/01/02/${"1".repeat(32)}.jpg`, storedAt: new Date(5) },
          metadata: `{"EXIF":{"Note":"it's a \\\\ 'quote'\\n東京"}}`,
        },
      });
      const { id } = await prisma.entity.create({
        data: {
          ...{
            label: `it's "quoted", {braced} and \\ 東京`,
            latitude: -0.1,
            longitude: 179.999_999,
            duration: 1 / 3,
          },
          ...{
            originalId: original.id,
            md5: original.md5,
            sha256: original.sha256,
            filePath: original.filePath,
          },
          ...{ fileSize: original.fileSize, type: "IMAGE", mimeType: "image/jpeg", extension: "jpg" },
          ...{
            capturedAt: new Date(-1),
            capturedLocal: "1969-12-31T23:59:59.999",
            capturedIsInferred: false,
          },
        },
      });
      return id;
    });
    const parent = await db.prisma.entity.create({ data: { label: "parent", isCollection: true } });
    await db.prisma.entity.update({ where: { id: file }, data: { parentId: parent.id } });
    await db.prisma.entity.update({ where: { id: parent.id }, data: { label: "Parent", isDeleted: true } });
    const album = await db.prisma.entity.create({
      data: { label: "album", isCollection: true, kind: "ALBUM" },
    });
    for (const isIn of [true, false, true])
      await db.transaction(opening, async (tx) => {
        const membersChangedIn = await tx.record();
        await tx.prisma.entity.update({ where: { id: album.id }, data: { membersChangedIn } });
        const places = { albumId: album.id, untilTransactionId: stillTrue };
        if (isIn)
          await tx.prisma.albumMember.create({
            data: { ...places, entityId: file, position: "a0", transactionId: membersChangedIn },
          });
        else
          await tx.prisma.albumMember.updateMany({
            where: places,
            data: { untilTransactionId: membersChangedIn },
          });
      });
    const gone = await db.prisma.entity.create({ data: { label: "gone", isCollection: true } });
    await db.prisma.entity.delete({ where: { id: gone.id } });
  } finally {
    await db.close();
  }
}

async function digests(url: string): Promise<Record<string, string>> {
  const reading = await engineOf(url).openReading(url);
  try {
    const found: Record<string, string> = {};
    for (const table of [...tables, ...keptTables])
      found[table.name] = (
        await digestOf(reading.reader, table, (values) => !values.includes("search.revision"))
      ).hash;
    return found;
  } finally {
    await reading.close();
  }
}

describe.skipIf(postgresUrl == null)("a library that is moved", () => {
  test("to PostgreSQL and back says the same, word for word, and no id is used again", async () => {
    const [from, middle, to] = [await makeSqlite(), await makePostgres(), await makeSqlite()];
    await fill(from);
    const before = await digests(from);
    const moved = await moveDatabase(placeOf(from), placeOf(middle), quietly);
    expect(moved.rows).toMatchObject({ Entity: 3, EntityVersion: 8, AlbumMember: 2, Tombstone: 1 });
    expect(await digests(middle)).toEqual(before);
    await moveDatabase(placeOf(middle), placeOf(to), quietly);
    expect(await digests(to)).toEqual(before);
    expect(await digests(from)).toEqual(before);
    for (const url of [middle, to]) {
      const { db } = await engineOf(url).open(url, { now: Date.now });
      try {
        const { id } = await db.prisma.entity.create({ data: { label: "new", isCollection: true } });
        expect(id).toBe(5);
        const { consistency } = engineOf(url);
        for (const check of [
          "ENTITY_AND_VERSION",
          "ALBUM_MEMBER",
          "TOTAL",
          "TALLY",
          "SEARCH_INDEX",
          "PLACE_INDEX",
          "KEYWORD_INDEX",
        ] as const)
          expect(await consistency.run(db.reader, check), check).toEqual([]);
        await expect(
          db.transaction(opening, (tx) => tx.write(sql`UPDATE "Entity" SET "label" = 'wrong'`)),
        ).rejects.toThrow();
      } finally {
        await db.close();
      }
    }
  });

  test("from PostgreSQL, when that is where it began", async () => {
    const [from, to] = [await makePostgres(), await makeSqlite()];
    await fill(from);
    await moveDatabase(placeOf(from), placeOf(to), quietly);
    expect(await digests(to)).toEqual(await digests(from));
  });

  test("does not go where a library is, and leaves both as they were", async () => {
    const [from, to] = [await makeSqlite(), await makePostgres()];
    await fill(from);
    await fill(to);
    const before = await digests(to);
    await expect(moveDatabase(placeOf(from), placeOf(to), quietly)).rejects.toThrow(MoveError);
    expect(await digests(to)).toEqual(before);
  });

  test("is not moved while a server has it", async () => {
    const [from, to] = [await makeSqlite(), await makePostgres()];
    await fill(from);
    const release = await engineOf(from).lock(from);
    try {
      await expect(moveDatabase(placeOf(from), placeOf(to), quietly)).rejects.toThrow(LockedError);
    } finally {
      await release();
    }
  });

  test("and stopped leaves nothing behind, so that it can be begun again", async () => {
    const [from, to] = [await makeSqlite(), await makePostgres()];
    await fill(from);
    const ending = new AbortController();
    const stopped = {
      signal: ending.signal,
      onProgress: () => {
        ending.abort();
      },
    };
    await expect(moveDatabase(placeOf(from), placeOf(to), stopped)).rejects.toThrow();
    await moveDatabase(placeOf(from), placeOf(to), quietly);
    expect(await digests(to)).toEqual(await digests(from));
  });
});
