import { randomBytes } from "node:crypto";
import { fold } from "../src/database/model/fold.ts";
import { writeLibraryRow } from "../src/database/sqlite/library-row.ts";
import { applyMigrations } from "../src/database/sqlite/migrations.ts";
import { sql } from "../src/database/sql.ts";
import type { Connection } from "../src/database/sqlite/connection.ts";
import { openDatabase } from "../src/database/sqlite/database.ts";
import { openSyncRecorder } from "../src/database/sqlite/recorder.ts";
import { fillFast } from "./fast-path.ts";
import { checkLibrary } from "./library-check.ts";
import { seededRandom, type Random } from "./random.ts";
import { makeShot, shotColumns, towns, type Shot, type Town } from "./shots.ts";
import { type Stamp } from "../src/database/versioning/past-state.ts";

/**
 * Fills a new library fast: raw SQL instead of Prisma, but inside recorded transactions on the program's own
 * connection, so that every row has its versions, as after as many uploads; `fillFast` says how totals and indexes
 * are kept. What is left out: no originals lie on the disk, and `metadata` holds four tags.
 *
 * One import is a trip of 500 entities: its collection, four days in it, their pictures; three levels with the
 * year's collection. Then every tenth picture is described, and every twentieth one goes to the trash, each in
 * a transaction of its own.
 * @param say is told what took how long.
 */
export async function seedLibrary(
  databasePath: string,
  entities: number,
  say: (line: string) => void = () => undefined,
): Promise<void> {
  const database = openDatabase(databasePath);
  try {
    await applyMigrations(database);
    await database.exclusive((writer) => {
      const plan: Plan = { writer, entities, random: seededRandom(entities), made: 0, yearId: null, year: 0 };
      const fill = () => {
        while (plan.made < entities) addTrip(plan);
      };
      fillFast(writer, fill, say);
      checkLibrary(writer, entities);
      // It has no files, so the first media directory that it is served with is its own.
      writeLibraryRow(writer, { id: randomBytes(16).toString("hex"), isPaired: false });
    });
  } finally {
    database.close();
  }
}

interface Plan {
  readonly writer: Connection;
  readonly entities: number;
  readonly random: Random;
  /** Rows written so far. */
  made: number;
  year: number;
  yearId: number | null;
}

const tripEntities = 500;
const rareRows = 10;
const first = Date.UTC(2012, 0, 1);
const last = Date.UTC(2026, 5, 30);
const metadata = JSON.stringify({
  EXIF: { Orientation: "Horizontal (normal)", ColorSpace: "sRGB", Flash: "No Flash", WhiteBalance: "Auto" },
});

/** `fillFast` makes the whole index at its end. */
const indexLater = () => undefined;

/** One recorded transaction, as `Db.transaction` runs it: nothing of it is left when the work throws. */
function record<T>(writer: Connection, operation: string, at: number, work: (stamp: Stamp) => T): T {
  writer.exec("BEGIN IMMEDIATE");
  try {
    const recorder = openSyncRecorder(
      writer,
      { operation, actor: "bench", reason: null },
      () => at,
      indexLater,
    );
    const result = work(recorder.stamp());
    recorder.seal();
    recorder.close();
    writer.exec("COMMIT");
    return result;
  } catch (error) {
    writer.exec("ROLLBACK");
    throw error;
  }
}

type Value = string | number | boolean | null;

/** A statement that is written out once: building its text for each row costs as much as a tenth of the run. */
function insertion(table: string, names: readonly string[]) {
  const text = `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join()}) VALUES (${names.map(() => "?").join()})`;
  /** @returns the new row's id. */
  return (writer: Connection, values: readonly Value[]) => writer.run({ sql: text, values }).lastInsertId;
}

const birth = ["transactionId", "addedAt", "updatedAt"];
const born = ({ transactionId, at }: Stamp) => [transactionId, at, at];
const insertCollection = insertion("Entity", [...birth, "isCollection", "label", "labelFolded", "parentId"]);
const insertMedia = insertion("Entity", [...birth, "parentId", "originalId", ...shotColumns]);
const originalColumns = ["md5", "sha256", "fileSize", "mimeType", "extension", "filePath"] as const;
const insertOriginal = insertion("Original", [...originalColumns, "storedAt", "metadata"]);

function addCollection(plan: Plan, stamp: Stamp, label: string, parentId: number | null): number {
  plan.made++;
  return insertCollection(plan.writer, [...born(stamp), true, label, fold(label), parentId]);
}

function addMedia({ writer }: Plan, stamp: Stamp, shot: Shot, parentId: number): number {
  const original = originalColumns.map((column) => shot[column]);
  const originalId = insertOriginal(writer, [...original, stamp.at, metadata]);
  return insertMedia(writer, [...born(stamp), parentId, originalId, ...Object.values(shot)]);
}

function addTrip(plan: Plan): void {
  const { writer, entities, random } = plan;
  const at = Math.round(first + ((last - first) * plan.made) / entities);
  const town = random.pick(towns);
  const ids = record(writer, "uploadEntities", at, (stamp) => addPictures(plan, stamp, town));
  const every = (nth: number) => JSON.stringify(ids.filter((_id, index) => index % nth === 0));
  const description = `Day by day in ${town.name}`;
  record(writer, "updateEntities", at, ({ transactionId }) =>
    writer.run(sql`
      UPDATE "Entity" SET "description" = ${description}, "descriptionFolded" = ${fold(description)},
        "version" = "version" + 1, "transactionId" = ${transactionId}, "updatedAt" = ${at}
      WHERE "id" IN (SELECT value FROM json_each(${every(10)})) AND "description" IS NULL`),
  );
  record(writer, "softDeleteEntities", at, ({ transactionId }) =>
    writer.run(sql`
      UPDATE "Entity" SET "isDeleted" = 1, "deletedAt" = ${at}, "deletedIn" = ${transactionId},
        "version" = "version" + 1, "transactionId" = ${transactionId}, "updatedAt" = ${at}
      WHERE "id" IN (SELECT value FROM json_each(${every(20)}))`),
  );
}

/** @returns the pictures' ids. */
function addPictures(plan: Plan, stamp: Stamp, town: Town): number[] {
  const { at } = stamp;
  const end = Math.min(plan.entities, plan.made + tripEntities);
  const date = new Date(at).toISOString().slice(0, 10);
  const year = Number(date.slice(0, 4));
  if (plan.yearId == null || plan.year !== year) plan.yearId = addCollection(plan, stamp, String(year), null);
  plan.year = year;
  const tripId = addCollection(plan, stamp, `${date} ${town.name}`, plan.yearId);
  const days = [1, 2, 3, 4].map((day) => addCollection(plan, stamp, `${town.name}, day ${day}`, tripId));
  const ids: number[] = [];
  const rareEvery = Math.floor(plan.entities / rareRows);
  for (; plan.made < end; plan.made++) {
    const isRare = plan.made % rareEvery === rareEvery - 1;
    const shot = makeShot(plan.random, { number: plan.made, at, town, isRare });
    ids.push(addMedia(plan, stamp, shot, days[plan.made % days.length]!));
  }
  return ids;
}
