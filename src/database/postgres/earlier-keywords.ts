import { refoldedKeywords } from "../keyword-rows.ts";
import { identifier, raw, sql } from "../sql.ts";
import type { Run } from "./connections.ts";

const lotRows = 5_000;

interface Row {
  readonly id: number;
  readonly version: number;
  readonly keywords: string;
}

async function refold(run: Run, table: "Entity" | "EntityVersion", id: "id" | "entityId"): Promise<void> {
  let above: readonly [number, number] = [0, 0];
  let lot: Row[];
  do {
    lot = await run<Row>(sql`
      SELECT ${identifier(id)} AS "id", "version", "keywords" FROM ${identifier(table)}
      WHERE (${identifier(id)}, "version") > (${above[0]}, ${above[1]}) AND "keywords" IS NOT NULL AND "keywordsFolded" IS NULL
      ORDER BY ${identifier(id)}, "version" LIMIT ${lotRows}`);
    const next = lot.map(({ keywords }) => refoldedKeywords(keywords));
    await run(sql`
      UPDATE ${identifier(table)} x SET "keywords" = t."keywords", "keywordsFolded" = t."folded"
      FROM unnest(CAST(${lot.map((row) => row.id)} AS integer[]), CAST(${lot.map(({ version }) => version)} AS integer[]),
        CAST(${next.map(({ keywords }) => keywords)} AS text[]), CAST(${next.map(({ keywordsFolded }) => keywordsFolded)} AS text[]))
        t ("id", "version", "keywords", "folded")
      WHERE x.${identifier(id)} = t."id" AND x."version" = t."version"`);
    const last = lot.at(-1);
    if (last != null) above = [last.id, last.version];
  } while (lot.length === lotRows);
}

/**
 * Programs before this one wrote keywords in the order of the file, and not folded: SQL cannot fold them, so this finishes
 * the migration. The guards step aside within one transaction.
 */
export async function refoldEarlierKeywords(run: Run): Promise<void> {
  const guards = async (state: "ENABLE" | "DISABLE") => {
    for (const table of ["Entity", "EntityVersion"])
      await run(sql`ALTER TABLE ${identifier(table)} ${raw(state)} TRIGGER USER`);
  };
  await run(sql`BEGIN`);
  try {
    await guards("DISABLE");
    await refold(run, "Entity", "id");
    await refold(run, "EntityVersion", "entityId");
    await guards("ENABLE");
    await run(sql`COMMIT`);
  } catch (error) {
    await run(sql`ROLLBACK`).catch(() => undefined);
    throw error;
  }
}
