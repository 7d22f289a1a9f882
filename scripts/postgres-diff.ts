import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
} from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import { loadEngine } from "./schema-diff.ts";

/** What the schema engine asks of a server before it compares two schemas, neither of which is in a database. */
const greeting = {
  columnNames: ["exists", "version", "numeric_version"],
  columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
  rows: [[true, "PostgreSQL 15.0", 150_000]],
};

const refuse = () => Promise.reject(new Error("No server is asked to compare two schemas"));

const adapter: SqlDriverAdapter = {
  provider: "postgres",
  adapterName: "none",
  queryRaw: () => Promise.resolve(greeting),
  executeRaw: () => Promise.resolve(0),
  executeScript: () => Promise.resolve(),
  startTransaction: refuse,
  dispose: () => Promise.resolve(),
  getConnectionInfo: () => ({ schemaName: "public", supportsRelationJoins: true }),
};

/**
 * SQL that leads from the tables of one Prisma schema for PostgreSQL to those of another, without a server.
 * @param from null for no tables.
 * @returns null when they are equal. Strings are in the order of code points, as on SQLite.
 */
export async function postgresDiff(from: string | null, to: string): Promise<string | null> {
  await loadEngine();
  const file = (content: string) => ({ path: "schema.prisma", content });
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [["schema.prisma", to]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory({
      provider: "postgres",
      adapterName: "none",
      connect: () => Promise.resolve(adapter),
      connectToShadowDb: () => Promise.resolve(adapter),
    }),
  );
  try {
    const { exitCode, stdout } = await engine.diff({
      from: from == null ? { tag: "empty" } : { tag: "schemaDatamodel", files: [file(from)] },
      to: { tag: "schemaDatamodel", files: [file(to)] },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0
      ? null
      : (stdout ?? "").replace(/^(\s.*?"\w+" TEXT\b|.*ADD COLUMN\s+"\w+" TEXT\b)/gm, '$1 COLLATE "C"');
  } finally {
    engine.free();
  }
}
