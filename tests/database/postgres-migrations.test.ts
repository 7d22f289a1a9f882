import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { postgresDiff } from "../../scripts/postgres-diff.ts";
import { postgresSchema } from "../../scripts/postgres-schema.ts";
import {
  dropDatabase,
  makeDatabase,
  makeMigratedDatabase,
  postgresUrl,
  runScripts,
} from "../support/postgres.ts";

const prismaDir = join(import.meta.dirname, "../../prisma");
const readModels = async () => postgresSchema(await readFile(join(prismaDir, "schema.prisma"), "utf8"));

test("the record of what the migrations for PostgreSQL make has the models of prisma/schema.prisma", async () => {
  const record = await readFile(join(prismaDir, "migrations/postgres/schema.prisma"), "utf8");
  const missing = await postgresDiff(record, await readModels());
  expect(missing, "run `npm run migration -- <name>` to write the migration that is missing").toBeNull();
});

describe("the diff for PostgreSQL", () => {
  const models = (fields: string) => `
    datasource db {
      provider = "postgresql"
    }
    model Bird {
      id   Int @id @default(autoincrement())
      ${fields}
    }`;

  test("is nothing between equal models", async () => {
    expect(await postgresDiff(models("name String"), models("name String"))).toBeNull();
  });

  test("keeps strings in the order of code points, in tables and columns that are new", async () => {
    expect(await postgresDiff(null, models("name String"))).toContain('"name" TEXT COLLATE "C" NOT NULL');
    expect(await postgresDiff(models(""), models("name String?"))).toMatch(
      /ADD COLUMN +"name" TEXT COLLATE "C"/,
    );
  });
});

/** Rows of the catalogue as lines that compare. */
const catalogue = {
  columns: `
    SELECT concat_ws(' ', table_name, column_name, data_type, datetime_precision, is_nullable, column_default, collation_name)
      AS line
    FROM information_schema.columns WHERE table_schema = 'public'`,
  constraints: `
    SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS line
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 't'`,
  indexes: `SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'`,
};

async function linesOf(url: string, query: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ line: string }>(query);
    return rows.map(({ line }) => line).sort();
  } finally {
    await client.end();
  }
}

/** What no Prisma schema can declare: Prisma's own table, the table of what is searched, places, conditions. */
const undeclared =
  /"?_prisma_migrations|EntityText|"Tally_ended"|"Entity_place"|"Entity_collections"|"Entity_long_/;

/** An index entry has at most 2,704 bytes, so that indexes leave long strings out. */
const shortened: Readonly<Record<string, (declared: string) => string>> = {
  Entity_isDeleted_labelFolded_id_parentId_idx: (line) =>
    `${line} WHERE (COALESCE(octet_length("labelFolded"), 0) <= 2400)`,
  Entity_isDeleted_originalNameFolded_id_parentId_idx: (line) =>
    `${line} WHERE (COALESCE(octet_length("originalNameFolded"), 0) <= 2400)`,
  EntityVersion_order_idx: (line) => line.replace(/, type, .*\)$/, ")"),
};

const asMade = (line: string): string => {
  const name = Object.keys(shortened).find((one) => line.includes(`"${one}"`));
  return name == null ? line : shortened[name]!(line);
};

describe.skipIf(postgresUrl == null)(
  "a database that all migrations made has what the models declare",
  () => {
    async function compare(query: string): Promise<{ made: string[]; declared: string[] }> {
      const [made, declared] = await Promise.all([makeMigratedDatabase(), makeDatabase()]);
      onTestFinished(async () => {
        await dropDatabase(made);
        await dropDatabase(declared);
      });
      await runScripts(declared, (await postgresDiff(null, await readModels())) ?? "");
      return {
        made: (await linesOf(made, query)).filter((line) => !undeclared.test(line)),
        declared: (await linesOf(declared, query)).map(asMade).sort(),
      };
    }

    test.each(Object.entries(catalogue))("%s", async (_kind, query) => {
      const { made, declared } = await compare(query);
      expect(made.length).toBeGreaterThan(10);
      expect(made).toEqual(declared);
    });
  },
);
