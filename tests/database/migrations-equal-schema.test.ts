import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { schemaDiff } from "../../scripts/schema-diff.ts";
import { versionGuard } from "../../scripts/version-guard.ts";
import { stateColumns } from "../../src/database/model/entity-state.ts";
import { applyMigrations } from "../../src/database/sqlite/migrations.ts";
import { sql, temporaryDatabase, temporaryFolder } from "./temporary.ts";

const prismaDir = fileURLToPath(new URL("../../prisma", import.meta.url));

test("all migrations together make exactly what prisma/schema.prisma declares", async () => {
  const missing = await schemaDiff(join(prismaDir, "migrations", "sqlite"), join(prismaDir, "schema.prisma"));
  expect(missing, "run `npm run migration -- <name>` to write the migration that is missing").toBeNull();
});

describe("the guard of versions", () => {
  const schemaText = readFileSync(join(prismaDir, "schema.prisma"), "utf8");
  const words = (text: string | undefined) => text?.replace(/;\s*$/, "").split(/\s+/).join(" ");

  test("in the database is the one with every column of a version", async () => {
    const database = temporaryDatabase();
    await applyMigrations(database, join(prismaDir, "migrations", "sqlite"));
    const [guard] = database.reader.all<{ sql: string }>(
      sql`SELECT "sql" FROM sqlite_schema WHERE "name" = 'EntityVersion_stays'`,
    );
    expect(
      words(guard?.sql),
      "run `npm run migration -- <name>` after the change of prisma/schema.prisma",
    ).toBe(words(versionGuard(schemaText)));
  });

  test("names every column of the state, and not the end of the interval", () => {
    const guard = versionGuard(schemaText);
    for (const column of stateColumns) expect(guard).toContain(`"${column}"`);
    for (const column of ["entityId", "version", "operation", "transactionId"])
      expect(guard).toContain(`"${column}"`);
    expect(guard).not.toContain("untilTransactionId");
  });
});

const schema = (fields: string) => `
  datasource db {
    provider = "sqlite"
  }
  model Bird {
    id   Int    @id @default(autoincrement())
    name String @unique
    ${fields}
  }
  model Egg {
    id     Int  @id
    birdId Int
    ${fields === "" ? "" : "bird   Bird @relation(fields: [birdId], references: [id], onDelete: Cascade)"}
  }`;
const handwritten = `
  CREATE VIRTUAL TABLE Bird_fts USING fts5(name, content='Bird', content_rowid='id');
  CREATE TRIGGER Bird_indexed AFTER INSERT ON Bird BEGIN
    INSERT INTO Bird_fts (rowid, name) VALUES (new.id, new.name);
  END;
  CREATE TRIGGER Egg_counted AFTER INSERT ON Egg BEGIN
    UPDATE Bird SET name = name || '!' WHERE id = new.birdId;
  END;`;

function write(folder: string, path: string, text: string): string {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
}

describe("the diff", () => {
  test("from nothing is the first migration, and then there is none", async () => {
    const folder = temporaryFolder();
    const schemaPath = write(folder, "schema.prisma", schema(""));
    const first = await schemaDiff(null, schemaPath);
    expect(first).toContain('CREATE UNIQUE INDEX "Bird_name_key" ON "Bird"("name")');
    write(folder, "migrations/1_init/migration.sql", first!);
    expect(await schemaDiff(join(folder, "migrations"), schemaPath)).toBeNull();
  });

  test("finds a column, an index and a type that differ", async () => {
    const folder = temporaryFolder();
    const schemaPath = write(folder, "schema.prisma", schema(""));
    const first = (await schemaDiff(null, schemaPath))!;
    const diffOf = (sqlText: string) => {
      write(folder, "migrations/1_init/migration.sql", sqlText);
      return schemaDiff(join(folder, "migrations"), schemaPath);
    };
    expect(await diffOf(`${first}; ALTER TABLE Bird ADD COLUMN extra TEXT`)).toContain("RedefineTables");
    expect(await diffOf(`${first}; DROP INDEX Bird_name_key`)).toContain("CREATE UNIQUE INDEX");
    expect(await diffOf(`${first}; CREATE TABLE Stray (n)`)).toContain('DROP TABLE "Stray"');
    expect(await diffOf(first.replace('"birdId" INTEGER', '"birdId" TEXT'))).toContain('"birdId" INTEGER');
  });

  test("knows nothing of the full-text index and the triggers, which therefore stay", async () => {
    const folder = temporaryFolder();
    const schemaPath = write(folder, "schema.prisma", schema(""));
    write(
      folder,
      "migrations/1_init/migration.sql",
      `${(await schemaDiff(null, schemaPath))!}${handwritten}`,
    );
    expect(await schemaDiff(join(folder, "migrations"), schemaPath)).toBeNull();
  });

  test("to a table made again keeps rows, triggers, the full-text index and the count of ids given out", async () => {
    const folder = temporaryFolder();
    const migrations = join(folder, "migrations");
    const schemaPath = write(folder, "schema.prisma", schema(""));
    write(migrations, "1_init/migration.sql", `${(await schemaDiff(null, schemaPath))!}${handwritten}`);
    const database = temporaryDatabase();
    await applyMigrations(database, migrations);
    database.writer
      .exec(`INSERT INTO Bird (name) VALUES ('heron'), ('tern'), ('auk'); DELETE FROM Bird WHERE id > 1;
      INSERT INTO Egg VALUES (1, 1)`);

    write(
      folder,
      "schema.prisma",
      schema("wings Int\n eggs Egg[]").replace("wings Int", "wings Int @default(2)"),
    );
    write(migrations, "2_wings/migration.sql", (await schemaDiff(migrations, schemaPath))!);
    expect(await schemaDiff(migrations, schemaPath)).toBeNull();
    await applyMigrations(database, migrations);

    database.writer.run(sql`INSERT INTO Bird (name) VALUES ('rail')`);
    database.writer.run(sql`INSERT INTO Egg (id, birdId) VALUES (2, 4)`);
    expect(database.reader.all(sql`SELECT * FROM Bird`)).toEqual([
      { id: 1, name: "heron!", wings: 2 },
      { id: 4, name: "rail!", wings: 2 },
    ]);
    expect(database.reader.all(sql`SELECT rowid FROM Bird_fts WHERE Bird_fts MATCH 'rail'`)).toEqual([
      { rowid: 4 },
    ]);
    expect(database.reader.all(sql`SELECT count(*) AS n FROM Egg`)).toEqual([{ n: 2 }]);
  });
});
