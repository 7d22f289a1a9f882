import { expect } from "vitest";
import * as dialect from "../../../src/database/dialect.ts";
import { matchOf, parseSearch } from "../../../src/find/search/text.ts";
import { join, sql, type Sql } from "../../../src/database/sql.ts";
import type { Hits } from "../../../src/database/text-search.ts";
import type { Trial } from "./library.ts";

type Promises = Readonly<Record<string, (trial: Trial) => Promise<void>>>;

const hitsOf = (text: string, more: Partial<Hits> = {}): Hits => ({
  ...{ match: matchOf(parseSearch(text))!, trash: "LIVE", filter: null },
  ...more,
});
const page = { limit: 10, offset: 0 };
const labelled = (condition: Sql) => sql`SELECT e."label" FROM "Entity" e WHERE ${condition} ORDER BY e."id"`;

/** The same for the trash: what is there was put there as the program does it. */
async function trash({ db }: Trial, id: number): Promise<void> {
  await db.prisma.entity.update({
    where: { id },
    data: { isDeleted: true, deletedAt: new Date(0), deletedIn: 1 },
  });
}

/** Of `Dialect` and `TextDialect`. */
export const dialectPromises: Promises = {
  "a list has its values, none and very many of them": async ({ column }) => {
    expect(await column(dialect.list([]))).toEqual([]);
    expect(await column(dialect.list([3, 1]))).toEqual([3, 1]);
    expect(await column(dialect.list(["a'b", "ü"]))).toEqual(["a'b", "ü"]);
    expect(await column(dialect.list(Array.from({ length: 20_000 }, (_, at) => at)))).toHaveLength(20_000);
  },
  "rows have their columns": async ({ db }) => {
    const rows = dialect.rowsOf(
      "t",
      ["id", "name"],
      [
        [1, "one"],
        [2, "two"],
      ],
    );
    expect(await db.reader.all(sql`SELECT t."name", t."id" FROM ${rows} ORDER BY t."id" DESC`)).toEqual([
      { name: "two", id: 2 },
      { name: "one", id: 1 },
    ]);
    expect(await db.reader.all(sql`SELECT * FROM ${dialect.rowsOf("t", ["id"], [])}`)).toEqual([]);
  },
  "strings are compared letter by letter": async ({ add, column }) => {
    await add(...["Über_50%", "uber 50", "50% off"].map((label) => ({ label })));
    const label = sql`e."label"`;
    const found = (condition: Sql) => column(labelled(condition));
    expect(await found(dialect.contains(label, "50%"))).toEqual(["Über_50%", "50% off"]);
    expect(await found(dialect.contains(label, "r_5"))).toEqual(["Über_50%"]);
    expect(await found(dialect.contains(label, "UBER"))).toEqual([]);
    expect(await found(dialect.startsWith(label, "Ü"))).toEqual(["Über_50%"]);
    expect(await found(dialect.startsWith(label, "50%"))).toEqual(["50% off"]);
    expect(await found(dialect.endsWith(label, "0%"))).toEqual(["Über_50%"]);
    expect(await found(dialect.isBeyondAscii(label))).toEqual(["Über_50%"]);
  },
  "what is only for the planner changes no answer": async ({ add, column }) => {
    const [first, second] = await add({ label: "a" }, { label: "b" });
    const plain = sql`e."isDeleted" = ${false} AND e."id" > ${first}`;
    const hinted = sql`e."isDeleted" = ${false} AND ${dialect.unindexed(sql`e."id"`)} > ${first}`;
    const walked = sql`SELECT e."id" FROM "Entity" e ${dialect.walking("Entity_isDeleted_addedAt_id_parentId_idx")} WHERE ${plain}`;
    expect(await column(walked)).toEqual([second]);
    expect(await column(labelled(hinted))).toEqual(["b"]);
    const joined = sql`SELECT v."label" FROM "Entity" e ${dialect.thenJoin} "EntityVersion" v ON v."entityId" = e."id" WHERE e."id" = ${first}`;
    expect(await column(joined)).toEqual(["a"]);
  },
  "a row's name leads back to the row": async ({ add, column }) => {
    await add({ label: "a" }, { label: "b" });
    const named = sql`
      SELECT v."label" FROM "EntityVersion" v
      WHERE ${dialect.rowOf("v")} IN (SELECT ${dialect.rowOf("w")} FROM "EntityVersion" w WHERE w."label" = 'b')`;
    expect(await column(named)).toEqual(["b"]);
  },
  "rows that match are counted in groups, or come one by one": async (trial) => {
    const { add, db } = trial;
    const ids = await add(...["jpg", "jpg", "png", "gif"].map((extension) => ({ extension, type: "IMAGE" })));
    await trash(trial, ids[1]!);
    const matching = (groupBy: Sql | null) =>
      dialect.matching({
        ...{ condition: sql`e."extension" <> 'gif'`, columns: sql`e."extension" AS "extension"` },
        ...{ index: "Entity_facets", sides: [0, 1], where: sql`e."type" = 'IMAGE'`, groupBy },
      });
    const counted = sql`SELECT "extension", SUM("n") AS "n" FROM (${matching(sql`e."extension"`)}) m GROUP BY 1 ORDER BY 1`;
    expect(await db.reader.all(counted)).toEqual([
      { extension: "jpg", n: 2 },
      { extension: "png", n: 1 },
    ]);
    expect(await db.reader.all(sql`SELECT * FROM (${matching(null)}) m ORDER BY 1`)).toEqual([
      { extension: "jpg" },
      { extension: "jpg" },
      { extension: "png" },
    ]);
  },
  "boxes have what is in them, edges included": async ({ add, column }) => {
    const ids = await add(
      ...[
        [10, 20],
        [-10, 179],
        [50, 0],
      ].map(([latitude, longitude]) => ({ latitude: latitude!, longitude: longitude! })),
      { label: "nowhere" },
    );
    const boxes = [
      { north: 10, south: 5, east: 25, west: 15 },
      { north: 0, south: -20, east: 180, west: 170 },
    ];
    const found = await column(
      sql`SELECT "id" FROM "Entity" WHERE "id" IN (${dialect.idsInBoxes(boxes)}) ORDER BY "id"`,
    );
    expect(found).toEqual(ids.slice(0, 2));
  },
  "words are found as the analysis reads them, on their side of the trash": async (trial) => {
    const ids = await trial.add(
      ...["Harbour of Łódź", "harbours", "東京タワー", "hafen"].map((label) => ({ label })),
      { originalName: "IMG_harbour_0815.JPG" },
    );
    const found = (text: string, more: Partial<Hits> = {}) =>
      trial.column(dialect.text.hitIds(hitsOf(text, more)));
    const sorted = async (text: string, more?: Partial<Hits>) =>
      ((await found(text, more)) as number[]).sort((a, b) => a - b);
    expect(await sorted("harbour")).toEqual([ids[0], ids[1], ids[4]].filter((id) => id !== ids[1]));
    expect(await sorted("harb*")).toEqual([ids[0], ids[1], ids[4]]);
    expect(await sorted("lodz harbour")).toEqual([ids[0]]);
    expect(await sorted(`"of lodz"`)).toEqual([ids[0]]);
    expect(await sorted("東京")).toEqual([ids[2]]);
    expect(await sorted("g_harb")).toEqual([ids[4]]);
    expect(await sorted("harb* -lodz")).toEqual([ids[1], ids[4]]);
    expect(await sorted("harbour", { within: ["label"] })).toEqual([ids[0]]);
    expect(await sorted("harbour", { beyond: [["label"]] })).toEqual([ids[4]]);
    await trash(trial, ids[0]!);
    expect(await sorted("harbour")).toEqual([ids[4]]);
    expect(await sorted("harbour", { trash: "TRASHED" })).toEqual([ids[0]]);
    expect(await sorted("harbour", { trash: "ANY" })).toEqual([ids[0], ids[4]]);
    expect(((await trial.column(dialect.text.found(hitsOf("harbour")))) as number[]).length).toBe(2);
  },
  "the index of words follows every change": async ({ db, add, column }) => {
    const [id] = await add({ label: "before" });
    await db.prisma.entity.update({ where: { id: id! }, data: { label: "after" } });
    expect(await column(dialect.text.hitIds(hitsOf("before")))).toEqual([]);
    expect(await column(dialect.text.hitIds(hitsOf("after")))).toEqual([id]);
  },
  "a page of hits begins with the newest, and both sides of the trash are merged": async (trial) => {
    const ids = await trial.add(...Array.from({ length: 7 }, (_, at) => ({ label: `sea ${at}` })));
    await trash(trial, ids[5]!);
    const newest = (more: Partial<Hits>, limit: number, offset: number) =>
      trial.column(dialect.text.newest(hitsOf("sea", more), { limit, offset }));
    expect(await newest({}, 3, 1)).toEqual([ids[4], ids[3], ids[2]]);
    expect(await newest({ trash: "ANY" }, 3, 0)).toEqual([ids[6], ids[5], ids[4]]);
    expect(await newest({ filter: sql`e."label" <> 'sea 6'` }, 2, 0)).toEqual([ids[4], ids[3]]);
  },
  "hits are counted exactly, with a filter and up to a limit": async ({ add, column }) => {
    await add(...Array.from({ length: 6 }, (_, at) => ({ label: "sea", fileSize: BigInt(at) })));
    const filter = sql`e."fileSize" >= 2`;
    for (const among of [true, false]) {
      expect(await column(dialect.text.count(hitsOf("sea", { filter }), among))).toEqual([4]);
      expect(await column(dialect.text.count(hitsOf("sea"), among))).toEqual([6]);
    }
    expect(await column(dialect.text.countUpTo(hitsOf("sea", { filter }), 3))).toEqual([3]);
    expect(await column(dialect.text.countUpTo(hitsOf("none"), 3))).toEqual([0]);
  },
  "a word in a heavier column scores more": async ({ db, add }) => {
    const [light, heavy] = await add({ label: "a", description: "sea" }, { label: "sea", description: "a" });
    const weights = {
      label: 10,
      description: 1,
      originalName: 1,
      cameraMake: 1,
      cameraModel: 1,
      cameraLens: 1,
      keywords: 1,
      altText: 3,
      creator: 1,
    };
    const rows = await db.reader.all<{ id: number; score: number }>(
      dialect.text.scored(hitsOf("sea"), weights, page),
    );
    expect(rows.map(({ id }) => id)).toEqual([heavy, light]);
    expect(rows[0]!.score).toBeGreaterThan(rows[1]!.score);
  },
  // Subscriptions of different filters were given each other's events: they are told apart by their conditions' JSON.
  "different questions differ before the engine has written them": ({ column }) => {
    const label = sql`e."label"`;
    const questions = [
      ...["a", "b"].flatMap((word) => [dialect.startsWith(label, word), dialect.contains(label, word)]),
      ...[[1], [2]].map((ids) => dialect.list(ids)),
      ...["a", "b"].map((word) => dialect.text.hitIds(hitsOf(word))),
    ];
    expect(new Set(questions.map(({ sql: said, values }) => JSON.stringify([said, values]))).size).toBe(
      questions.length,
    );
    return column(sql`SELECT 1`).then(() => undefined);
  },
  "parts written by the engine nest in each other": async ({ add, column }) => {
    const ids = await add({ label: "a" }, { label: "b" }, { label: "c" });
    const inner = sql`SELECT e."id" FROM "Entity" e WHERE ${dialect.unindexed(sql`e."id"`)} IN (${dialect.list(ids.slice(1))})`;
    const outer = sql`SELECT "id" FROM "Entity" WHERE ${join([sql`"id" IN (${inner})`, sql`"label" <> ${"c"}`], " AND ")}`;
    expect(await column(outer)).toEqual([ids[1]]);
  },
};
