import type { Reading } from "./reading.ts";

interface Rule {
  readonly invariant: string;
  /** Selects a row, with a string named `what`, for each violation. */
  readonly sql: string;
}

const rules: readonly Rule[] = [
  {
    invariant: "I1 an entity says of its file what the original says",
    sql: `SELECT e."id" AS what FROM "Entity" e LEFT JOIN "Original" o ON o."id" = e."originalId"
      WHERE NOT e."isCollection" AND (o."id" IS NULL OR o."md5" IS DISTINCT FROM e."md5" OR o."sha256" IS DISTINCT FROM e."sha256"
        OR o."filePath" IS DISTINCT FROM e."filePath" OR o."fileSize" IS DISTINCT FROM e."fileSize")`,
  },
  {
    invariant: "I2 an original is some version's",
    sql: `SELECT "filePath" AS what FROM "Original" o
      WHERE NOT EXISTS (SELECT 1 FROM "EntityVersion" v WHERE v."originalId" = o."id")`,
  },
  {
    invariant: "I2 an original that a version names is there",
    sql: `SELECT v."entityId" || '.' || v."version" AS what FROM "EntityVersion" v
      WHERE v."originalId" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "Original" o WHERE o."id" = v."originalId")`,
  },
  {
    invariant: "I5 what has a tombstone has nothing else",
    sql: `SELECT t."entityId" AS what FROM "Tombstone" t WHERE t."entityId" IN (SELECT "id" FROM "Entity")
      OR t."entityId" IN (SELECT "entityId" FROM "EntityVersion")`,
  },
  {
    invariant: "I6 no transaction is open",
    sql: `SELECT "transactionId" AS what FROM "OpenTransaction"`,
  },
  {
    invariant: "I6 a transaction has all of its rows",
    sql: `SELECT t."id" AS what FROM "Transaction" t WHERE t."entityCount" <
      (SELECT COUNT(*) FROM "EntityVersion" v WHERE v."transactionId" = t."id")
      + (SELECT COUNT(*) FROM "Tombstone" d WHERE d."transactionId" = t."id")`,
  },
  {
    invariant: "I7 versions have no gaps and end with the entity's",
    sql: `SELECT e."id" AS what FROM "Entity" e LEFT JOIN "EntityVersion" v ON v."entityId" = e."id" GROUP BY e."id"
      HAVING COUNT(v."version") <> e."version" OR MIN(v."version") <> 1 OR MAX(v."version") <> e."version"`,
  },
  {
    invariant: "I7 versions belong to an entity",
    sql: `SELECT DISTINCT "entityId" AS what FROM "EntityVersion" WHERE "entityId" NOT IN (SELECT "id" FROM "Entity")`,
  },
  {
    invariant: "I7 a version holds until the next one",
    sql: `SELECT v."entityId" || '.' || v."version" AS what FROM "EntityVersion" v
      LEFT JOIN "EntityVersion" n ON n."entityId" = v."entityId" AND n."version" = v."version" + 1
      WHERE v."untilTransactionId" IS DISTINCT FROM n."transactionId"`,
  },
  {
    invariant: "I8 totals are counted right",
    sql: `SELECT c."name" || ' ' || c."value" AS what FROM "Counter" c WHERE c."value" <> CASE c."name"
      WHEN 'versions' THEN (SELECT COUNT(*) FROM "EntityVersion")
      WHEN 'transactions' THEN (SELECT COUNT(*) FROM "Transaction")
      WHEN 'originals.bytes' THEN (SELECT COALESCE(SUM("fileSize"), 0) FROM "Original")
      WHEN 'media.live' THEN (SELECT COUNT(*) FROM "Entity" WHERE NOT "isCollection" AND NOT "isDeleted")
      WHEN 'media.trashed' THEN (SELECT COUNT(*) FROM "Entity" WHERE NOT "isCollection" AND "isDeleted")
      WHEN 'collections.live' THEN (SELECT COUNT(*) FROM "Entity" WHERE "isCollection" AND NOT "isDeleted")
      WHEN 'collections.trashed' THEN (SELECT COUNT(*) FROM "Entity" WHERE "isCollection" AND "isDeleted")
      ELSE c."value" END`,
  },
  {
    invariant: "I10 one row for each MD5",
    sql: `SELECT "md5" AS what FROM "Original" GROUP BY "md5" HAVING COUNT(*) > 1
      UNION ALL SELECT "md5" FROM "Entity" WHERE "md5" IS NOT NULL GROUP BY "md5" HAVING COUNT(*) > 1`,
  },
];

/** The last version is the row itself, column by column. */
async function lastVersionRule({ columnsOf }: Reading): Promise<Rule> {
  const versioned = new Set(await columnsOf("EntityVersion"));
  const shared = (await columnsOf("Entity")).filter((name) => versioned.has(name));
  // No more than SQLite's parser can take.
  const [same, differs] = ["e", "v"].map((table) => shared.map((name) => `${table}."${name}"`).join(", "));
  return {
    invariant: "I7 the last version is the row",
    sql: `SELECT e."id" AS what FROM "Entity" e JOIN "EntityVersion" v
      ON v."entityId" = e."id" AND v."version" = e."version" WHERE (${same}) IS DISTINCT FROM (${differs})`,
  };
}

/** @returns what is wrong among the rows, at most ten of each rule. */
export async function checkRows(reading: Reading, isRecovered: boolean): Promise<string[]> {
  const wrong = (await reading.listDamage()).map((line) => `I8 ${line}`);
  const columns = await reading.columnsOf("Entity");
  if (columns.length === 0) return [...wrong, ...(isRecovered ? ["I8 there are no tables"] : [])];
  for (const { invariant, sql } of [...rules, await lastVersionRule(reading)])
    for (const { what } of await reading.query<{ what: unknown }>(`${sql} LIMIT 10`))
      wrong.push(`${invariant}: ${String(what)}`);
  return wrong;
}
