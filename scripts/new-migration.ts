// npm run migration -- <name>: writes the next prisma/migrations/sqlite/<timestamp>_<name>/migration.sql from prisma/schema.prisma.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { schemaDiff } from "./schema-diff.ts";

const prismaDir = fileURLToPath(new URL("../prisma", import.meta.url));
const [name] = process.argv.slice(2);

if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
  console.error(
    "usage: npm run migration -- <name>, in small letters, digits and _ (such as add_entity_rating)",
  );
  process.exitCode = 2;
} else {
  const migrationsDir = join(prismaDir, "migrations", "sqlite");
  const sql = await schemaDiff(
    existsSync(migrationsDir) ? migrationsDir : null,
    join(prismaDir, "schema.prisma"),
  );
  if (sql === null) {
    console.log("no change: the migrations already make what prisma/schema.prisma declares");
  } else {
    const file = join(migrationsDir, `${timestamp(new Date())}_${name}`, "migration.sql");
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, sql, { flag: "wx" });
    console.log(
      `wrote ${file}; read it before you commit it, and add triggers and the full-text index by hand`,
    );
  }
}

/** UTC, as `prisma migrate` names its folders: 20260131235959. */
function timestamp(now: Date): string {
  return now
    .toISOString()
    .slice(0, 19)
    .replace(/[^0-9]/g, "");
}
