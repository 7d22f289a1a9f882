import pg from "pg";
import { indexRevision, textColumns, type Texts } from "../model/search-terms.ts";
import { identifier, join, sql, type Query } from "../sql.ts";
import { configOf, runOn, type Run } from "./connections.ts";
import { countCounters } from "../row-checks.ts";
import { countTallies } from "./derived.ts";
import { refoldEarlierKeywords } from "./earlier-keywords.ts";
import { writtenKeywords, writeTexts } from "./recorder.ts";
import { locks } from "./writer-pool.ts";

/** Rows in one transaction while the index is made again. */
const lotRows = 2_000;
const revisionName = "search.revision";
const texts = join(textColumns.map(identifier));

interface Row extends Texts {
  readonly id: number;
  readonly isDeleted: number;
}

const forever = 0;

/** Runs the work on a connection of its own, with the writers' lock for the session: no other writer comes between. */
export async function alone<T>(url: string, work: (client: pg.Client, run: Run) => Promise<T>): Promise<T> {
  const client = new pg.Client(configOf(url, false, forever));
  // The statement under way is told of a lost connection; one between two statements tells the next.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(${locks.writers})`);
    const run: Run = async <R>(query: Query) =>
      // The caller names the shape of the rows its SQL selects.
      (await runOn(client, query, {}, () => undefined, forever)).rows as R[];
    return await work(client, run);
  } finally {
    await client.end();
  }
}

/** Makes what is searched again unless it is of this program's revision. @param progress entities done so far. */
export async function refreshIndex(url: string, progress: (done: number) => void): Promise<void> {
  await alone(url, async (_, run) => {
    const [row] = await run<{ value: number }>(
      sql`SELECT "value" FROM "Counter" WHERE "name" = ${revisionName}`,
    );
    if (row?.value === indexRevision) return;
    await refoldEarlierKeywords(run);
    await rebuildIndex(run, progress);
  });
}

export async function rebuildIndex(run: Run, progress: (done: number) => void): Promise<void> {
  await run(sql`DELETE FROM "Counter" WHERE "name" = ${revisionName}`);
  await run(sql`DELETE FROM "EntityText"`);
  await run(sql`DELETE FROM "EntityKeyword"`);
  let above = 0;
  let done = 0;
  let lot: Row[];
  do {
    lot = await run<Row>(sql`
      SELECT "id", "isDeleted", ${texts} FROM "Entity" WHERE "id" > ${above} ORDER BY "id" LIMIT ${lotRows}`);
    if (lot.length > 0) await writeTexts(run, lot);
    const keywords = writtenKeywords(lot);
    if (keywords != null) await run(keywords);
    above = lot.at(-1)?.id ?? above;
    done += lot.length;
    progress(done);
  } while (lot.length === lotRows);
  await run(sql`INSERT INTO "Counter" ("name", "value") VALUES (${revisionName}, ${indexRevision})`);
}

/** Recomputes everything that is derived from the rows: totals, tallies, and what is searched. */
export async function rebuildDerived(url: string): Promise<void> {
  await alone(url, async (client, run) => {
    await client.query("BEGIN");
    await run(sql`DELETE FROM "Tally"`);
    await run(sql`INSERT INTO "Tally" ("isDeleted", "field", "value", "count") ${countTallies}`);
    await run(sql`
      INSERT INTO "Counter" ("name", "value") SELECT n."name", n."value" FROM (${countCounters}) n
      ON CONFLICT ("name") DO UPDATE SET "value" = excluded."value"`);
    await client.query("COMMIT");
    await rebuildIndex(run, () => undefined);
  });
}
