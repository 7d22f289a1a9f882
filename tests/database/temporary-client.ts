import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { schemaDiff } from "../../scripts/schema-diff.ts";
import { PrismaClient } from "../../src/database/generated/client.ts";
import { prismaAdapter } from "../../src/database/sqlite/adapter.ts";
import type { Database } from "../../src/database/sqlite/database.ts";
import { temporaryDatabase } from "./temporary.ts";

const schemaPath = fileURLToPath(new URL("../../prisma/schema.prisma", import.meta.url));
let tables: Promise<string | null> | undefined;

/** A bare Prisma client over our adapter: the schema's tables, without triggers and without extensions. */
export async function temporaryClient(): Promise<{ client: PrismaClient; database: Database }> {
  tables ??= schemaDiff(null, schemaPath);
  const database = temporaryDatabase((await tables) ?? "");
  const client = new PrismaClient({ adapter: prismaAdapter(database) });
  onTestFinished(() => client.$disconnect());
  return { client, database };
}
