// Makes both of Prisma's clients: SQLite's from prisma/schema.prisma, PostgreSQL's from the same text.
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { postgresSchema } from "./postgres-schema.ts";

const root = join(import.meta.dirname, "..");
const schemaPath = join(root, "prisma", "schema.prisma");
const postgresPath = join(root, "prisma", "generated", "postgres.prisma");

await mkdir(join(postgresPath, ".."), { recursive: true });
await writeFile(postgresPath, postgresSchema(await readFile(schemaPath, "utf8")));
const generate = (path: string) =>
  promisify(execFile)(join(root, "node_modules/.bin/prisma"), ["generate", "--schema", path], { cwd: root });
await Promise.all([generate(schemaPath), generate(postgresPath)]);
