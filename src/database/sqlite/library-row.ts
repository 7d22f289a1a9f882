import Libsql from "libsql";
import { ForeignDatabaseError, type DatabaseLook, type LibraryRow, type SampledFile } from "../engine.ts";
import { sql } from "../sql.ts";
import { openConnection, type Connection } from "./connection.ts";
import { databaseBytes } from "./database.ts";

const nothing: DatabaseLook = { library: undefined, hasFiles: false, sample: () => Promise.resolve([]) };

/**
 * Looks at a database without changing a byte of it: neither journal mode nor schema.
 * @throws {ForeignDatabaseError} for another program's
 * @throws {Error} of SQLite for a file that is no database.
 */
export async function lookAtDatabase<T>(path: string, look: (found: DatabaseLook) => Promise<T>): Promise<T> {
  if (databaseBytes(path) === 0) return await look(nothing);
  const database = new Libsql(path);
  try {
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON");
    // libsql types no row; each query names its columns.
    const all = <Row>(text: string) => database.prepare(text).all() as Row[];
    const tables = new Set(
      all<{ name: string }>(`SELECT "name" FROM sqlite_master WHERE "type" = 'table'`).map(
        ({ name }) => name,
      ),
    );
    if (tables.size === 0) return await look(nothing);
    if (!tables.has("_prisma_migrations"))
      throw new ForeignDatabaseError(
        `${path} is a database of another program; set DATABASE_URL to this library's, or to a path where nothing is`,
      );
    const [row] = tables.has("Library")
      ? all<{ id: string; isPaired: number }>(`SELECT "id", "isPaired" FROM "Library"`)
      : [];
    const [last] = tables.has("Original")
      ? all<{ id: number }>(`SELECT "id" FROM "Original" ORDER BY "id" DESC LIMIT 1`)
      : [];
    // eslint-disable-next-line @typescript-eslint/require-await -- what SQLite throws is a rejection
    const sample = async (max: number) => {
      if (last == null) return [];
      const next = database.prepare(
        `SELECT "id", "filePath", "fileSize" FROM "Original" WHERE "id" >= ? ORDER BY "id" LIMIT 1`,
      );
      const found = new Map<number, SampledFile>();
      for (let id = 1; id <= last.id; id += Math.max(1, last.id / max))
        for (const file of next.all(Math.floor(id)) as (SampledFile & { id: number })[])
          found.set(file.id, file);
      return [...found.values()];
    };
    const library = row == null ? undefined : { id: row.id, isPaired: row.isPaired === 1 };
    return await look({ library, hasFiles: last != null, sample });
  } finally {
    database.close();
  }
}

/** Writes which library this is, in a transaction of its own. */
export function writeLibraryRow(writer: Connection, { id, isPaired }: LibraryRow): void {
  writer.run(sql`
    INSERT INTO "Library" ("singleton", "id", "isPaired") VALUES (1, ${id}, ${isPaired ? 1 : 0})
    ON CONFLICT ("singleton") DO UPDATE SET "id" = excluded."id", "isPaired" = excluded."isPaired"`);
}

/**
 * Gives a database that no process has open another id, paired, and leaves all of it in the one file. One of a version that
 * had no ids keeps none: it takes the id of its media directory when it is brought up to date.
 */
export function renameLibrary(path: string, id: string): void {
  const connection = openConnection(path, { readOnly: false });
  try {
    const [table] = connection.all(sql`SELECT 1 AS "is" FROM sqlite_master WHERE "name" = 'Library'`);
    if (table != null) writeLibraryRow(connection, { id, isPaired: true });
    connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    connection.close();
  }
}
