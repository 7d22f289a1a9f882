import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check } from "./checker.ts";
import { makeLibrary, withPlanted, type Planter, type StillLibrary } from "./planted-library.ts";

let library: StillLibrary;
beforeAll(async () => {
  library = await makeLibrary();
});
afterAll(() => {
  rmSync(library.dir, { recursive: true });
});

const find = (plant: (planter: Planter) => unknown) =>
  withPlanted(library, plant, (paths) => check({ ...paths, isRecovered: true }));

const fileOf = ({ mediaDir, pathOf, ids }: Planter) => join(mediaDir, pathOf(ids.picture));

const put = (mediaDir: string, path: string, bytes = "x") => {
  mkdirSync(dirname(join(mediaDir, path)), { recursive: true });
  writeFileSync(join(mediaDir, path), bytes);
};

/** Columns of a row copied, some of them replaced by SQL. */
function copyRow(
  { database, run }: Planter,
  table: string,
  where: string,
  replaced: Readonly<Record<string, string>>,
): void {
  const columns = database.prepare(`SELECT name FROM pragma_table_info(?)`).all(table) as { name: string }[];
  const names = columns.map(({ name }) => `"${name}"`).join();
  const values = columns.map(({ name }) => replaced[name] ?? `"${name}"`).join();
  run(`INSERT INTO "${table}" (${names}) SELECT ${values} FROM "${table}" WHERE ${where}`);
}

function dropUniqueIndexes({ database }: Planter, table: string): void {
  const indexes = database
    .prepare(`SELECT name FROM pragma_index_list(?) WHERE "unique" AND origin = 'c'`)
    .all(table) as { name: string }[];
  for (const { name } of indexes) database.exec(`DROP INDEX "${name}"`);
}

test("an untouched library is whole", async () => {
  expect(await find(() => undefined)).toEqual([]);
});

const faults: readonly [complaint: string, fault: string, plant: (planter: Planter) => unknown][] = [
  [
    "I1 an entity says of its file",
    "an entity with another size than its original",
    ({ run, ids }) => {
      run(`UPDATE "Entity" SET "fileSize" = "fileSize" + 1 WHERE "id" = ?`, ids.picture);
    },
  ],
  [
    "I1 .*: missing",
    "a file that is gone",
    (planter) => {
      rmSync(fileOf(planter));
    },
  ],
  [
    "I1 .*: other bytes",
    "a bit that flipped",
    (planter) => {
      const bytes = readFileSync(fileOf(planter));
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(fileOf(planter), bytes);
    },
  ],
  [
    "I1 .* bytes instead of",
    "a file that was cut off",
    (planter) => {
      truncateSync(fileOf(planter), 10);
    },
  ],
  [
    "I1 .*: no regular file",
    "a link to the very bytes",
    (planter) => {
      cpSync(fileOf(planter), join(planter.mediaDir, "../elsewhere"));
      rmSync(fileOf(planter));
      symlinkSync(join(planter.mediaDir, "../elsewhere"), fileOf(planter));
    },
  ],
  [
    "I1 .*: no such name",
    "a file by another name than its checksum",
    ({ run, ids }) => {
      run(
        `UPDATE "Original" SET "filePath" = '../elsewhere' WHERE "id" = (SELECT "originalId" FROM "Entity" WHERE "id" = ?)`,
        ids.picture,
      );
    },
  ],
  [
    "I2 .*: no row has it",
    "a stranger",
    ({ mediaDir }) => {
      put(mediaDir, `2020/01/01/${"0".repeat(32)}.jpg`);
    },
  ],
  [
    "I2 an original is some version's",
    "an original that no version names",
    (planter) => {
      copyRow(planter, "Original", `"id" = (SELECT MIN("id") FROM "Original")`, {
        ...{ id: "1000", md5: `'${"0".repeat(32)}'`, sha256: `'${"0".repeat(64)}'`, filePath: "'x'" },
      });
    },
  ],
  [
    "I2 an original that a version names is there",
    "a version of an original that is gone",
    ({ run, ids }) => {
      run(
        `UPDATE "EntityVersion" SET "originalId" = 1000 WHERE "entityId" = ? AND "version" = 1`,
        ids.picture,
      );
    },
  ],
  [
    "I3 .staging/",
    "a staged file",
    ({ mediaDir }) => {
      put(mediaDir, ".staging/left");
    },
  ],
  [
    "I3 .derivatives/.drafts/",
    "a draft of a thumbnail",
    ({ mediaDir }) => {
      put(mediaDir, ".derivatives/.drafts/left");
    },
  ],
  [
    "I3 the removal of",
    "a removal that was noted and not done",
    ({ run }) => {
      run(`INSERT INTO "FileRemoval" ("filePath") VALUES ('2020/01/01/x.jpg')`);
    },
  ],
  [
    "I5 what has a tombstone has nothing else",
    "a destroyed entity that is back",
    (planter) => {
      copyRow(planter, "Entity", `"id" = ${planter.ids.shelf}`, { id: String(planter.ids.destroyed) });
    },
  ],
  [
    "I6 no transaction is open",
    "a transaction that was never closed",
    ({ run }) => {
      run(`INSERT INTO "OpenTransaction" ("transactionId") VALUES (1)`);
    },
  ],
  [
    "I6 a transaction has all of its rows",
    "a transaction that counted less than it wrote",
    ({ run }) => {
      run(`UPDATE "Transaction" SET "entityCount" = 0`);
    },
  ],
  [
    "I7 versions have no gaps",
    "a version that is missing",
    ({ run, ids }) => {
      run(`DELETE FROM "EntityVersion" WHERE "entityId" = ? AND "version" = 1`, ids.picture);
    },
  ],
  [
    "I7 versions belong to an entity",
    "versions of an entity that is gone",
    ({ run, ids }) => {
      run(`DELETE FROM "Entity" WHERE "id" = ?`, ids.picture);
    },
  ],
  [
    "I7 a version holds until the next one",
    "a version that holds forever although another followed",
    ({ run, ids }) => {
      run(`UPDATE "EntityVersion" SET "untilTransactionId" = NULL WHERE "entityId" = ?`, ids.picture);
    },
  ],
  [
    "I7 the last version is the row",
    "a row that was changed without a version",
    ({ run, ids }) => {
      run(`UPDATE "Entity" SET "label" = 'by hand' WHERE "id" = ?`, ids.picture);
    },
  ],
  [
    "I8 [^]*never used",
    "pages of the database that belong to nothing",
    ({ database }) => {
      database.exec("PRAGMA writable_schema = ON");
      database.exec(`DELETE FROM sqlite_master WHERE type = 'index' AND name = 'EntityVersion_order_idx'`);
    },
  ],
  [
    "I8 a row of Entity refers",
    "a parent that is not there",
    ({ run, ids }) => {
      run(`UPDATE "Entity" SET "parentId" = 1000 WHERE "id" = ?`, ids.picture);
    },
  ],
  [
    "I8 totals are counted right",
    "a total that is one too many",
    ({ run }) => {
      run(`UPDATE "Counter" SET "value" = "value" + 1 WHERE "name" = 'media.live'`);
    },
  ],
  [
    "I9 .derivatives/",
    "a thumbnail of no file",
    ({ mediaDir }) => {
      put(mediaDir, `.derivatives/00/${"0".repeat(32)}/${"0".repeat(64)}/thumbnail.1.w320.webp`);
    },
  ],
  [
    "I10 one row for each MD5",
    "two rows of one file",
    (planter) => {
      dropUniqueIndexes(planter, "Entity");
      copyRow(planter, "Entity", `"id" = ${planter.ids.picture}`, { id: "1000" });
    },
  ],
];

test.each(faults)("%s: finds %s", async (complaint, _fault, plant) => {
  const found = await find(plant);
  expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${complaint}`)));
});
