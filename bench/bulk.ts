import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "../src/database/sql.ts";
import { openDatabase } from "../src/database/sqlite/database.ts";
import { median } from "./median.ts";
import { atMost, sizeName, type Figure, type Finding } from "./report.ts";
import { startStore } from "./server.ts";

const updated = 10_000;
const undone = 5_000;

/** Sends one mutation, which must succeed; @returns its data and how many seconds it took. */
async function run(
  url: string,
  query: string,
  variables: object,
): Promise<{ data: unknown; seconds: number }> {
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  // Every GraphQL answer has this shape.
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  const seconds = (performance.now() - startedAt) / 1000;
  if (errors != null) throw new Error(JSON.stringify(errors));
  return { data, seconds };
}

const update = `mutation ($ids: [ID!]!, $label: String) {
  updateEntities(ids: $ids, input: { label: $label }) { ids transaction { id entityCount } }
}`;
const undo = `mutation ($id: ID!) { undoTransaction(id: $id) { ids transaction { id entityCount } } }`;

interface Updated {
  readonly updateEntities: { readonly transaction: { readonly id: string } };
}

/** Live entities of the library, oldest first. */
function listIds(path: string): string[] {
  const database = openDatabase(path);
  try {
    return database.reader
      .all<{ id: number }>(
        sql`SELECT "id" FROM "Entity" WHERE NOT "isDeleted" ORDER BY "id" LIMIT ${updated}`,
      )
      .map(({ id }) => String(id));
  } finally {
    database.close();
  }
}

/** One mutation over thousands of entities, each with its version, on a copy of the library. */
export async function measureBulk(
  dir: string,
  library: { readonly path: string; readonly entities: number },
  rounds: number,
): Promise<Finding> {
  const path = join(dir, "bulk.db");
  await copyFile(library.path, path);
  const ids = listIds(path);
  const server = await startStore(join(dir, "bulk"), path);
  const times = { update: [] as number[], undo: [] as number[] };
  try {
    for (let round = 0; round < rounds; round++) {
      const many = await run(server.url, update, { ids, label: `many ${round}` });
      const fewer = await run(server.url, update, {
        ids: ids.slice(0, undone),
        label: `fewer ${round}`,
      });
      // As the mutation above asks for it.
      const { id } = (fewer.data as Updated).updateEntities.transaction;
      times.update.push(many.seconds);
      times.undo.push((await run(server.url, undo, { id })).seconds);
    }
  } finally {
    await server.stop();
  }
  const figure = (work: string, seconds: number, limit: number): Figure => ({
    work,
    measured: `${seconds.toFixed(2)} s`,
    floor: `${limit} s`,
    ratio: seconds / limit,
    goal: atMost(1),
  });
  return {
    figures: [
      figure(`update of ${sizeName(ids.length)} entities at once`, median(times.update), 3),
      figure(
        `undo of a transaction of ${sizeName(Math.min(undone, ids.length))} entities`,
        median(times.undo),
        2,
      ),
    ],
    notes: [
      `Bulk: \`updateEntities\` with another label, and \`undoTransaction\` of the same over half of them; one request ` +
        `each, medians of ${rounds} on a library of ${sizeName(library.entities)}. The floor is a limit.`,
    ],
  };
}
