import pg from "pg";
import {
  ForeignDatabaseError,
  UnusableDatabaseError,
  type DatabaseLook,
  type LibraryRow,
  type SampledFile,
} from "../engine.ts";
import { UnavailableError } from "../../errors.ts";
import { configOf } from "./connections.ts";
import { isLost, known } from "./errors.ts";
import { hasTable } from "./migrations.ts";

const nothing: DatabaseLook = { library: undefined, hasFiles: false, sample: () => Promise.resolve([]) };

/** PostgreSQL's `server_version_num` of the first version that has all that is asked. */
const versionMin = 150_000;
const lookMs = 10_000;

/** A URL as messages may show it. */
export function shown(url: string): string {
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

/** The driver's word for a password that it lacks says nothing of one. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return reason.includes("client password must be a") ? "it asks for a password, and there is none" : reason;
}

/** Opens one connection. @throws {UnavailableError} @throws {UnusableDatabaseError} */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(configOf(url, false, 0));
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    // The driver keeps the socket when a password is missing, and PostgreSQL waits a minute for it.
    void client.end().catch(() => undefined);
    const reason = reasonOf(error);
    if (isLost(error))
      throw new UnavailableError(
        `The database ${shown(url)} cannot be reached: ${reason}; start it, or correct DATABASE_URL`,
        { cause: error },
      );
    throw new UnusableDatabaseError(
      `The database ${shown(url)} cannot be opened: ${reason}; correct DATABASE_URL`,
      { cause: error },
    );
  }
  return client;
}

/** @throws {UnusableDatabaseError} */
async function checkKind(client: pg.Client, url: string): Promise<void> {
  const { rows } = await client.query<{ number: string; name: string; encoding: string }>(
    `SELECT current_setting('server_version_num') AS "number", current_setting('server_version') AS "name",
       current_setting('server_encoding') AS "encoding"`,
  );
  const encoding = rows[0]?.encoding ?? "?";
  if (encoding !== "UTF8")
    throw new UnusableDatabaseError(
      `The database ${shown(url)} has the encoding ${encoding} and cannot hold every character; make another one with ` +
        `createdb --encoding=UTF8 --template=template0`,
    );
  if (Number(rows[0]?.number) < versionMin)
    throw new UnusableDatabaseError(
      `The database ${shown(url)} is PostgreSQL ${rows[0]?.name ?? "?"}; this program needs 15 or newer`,
    );
}

/**
 * Looks at a database and changes nothing.
 * @throws {ForeignDatabaseError} for another program's.
 */
export async function lookAtDatabase<T>(url: string, look: (found: DatabaseLook) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    await client.query(`SET statement_timeout = ${lookMs}`);
    await checkKind(client, url);
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT tablename AS "name" FROM pg_tables WHERE schemaname = current_schema()`,
    );
    if (tables.length === 0) return await look(nothing);
    if (!(await hasTable(client, "_prisma_migrations")))
      throw new ForeignDatabaseError(
        `${shown(url)} is a database of another program; set DATABASE_URL to this library's, or to an empty database`,
      );
    const row = (await hasTable(client, "Library"))
      ? (await client.query<{ id: string; isPaired: number }>(`SELECT "id", "isPaired" FROM "Library"`))
          .rows[0]
      : undefined;
    const last = (await hasTable(client, "Original"))
      ? (await client.query<{ id: number }>(`SELECT "id" FROM "Original" ORDER BY "id" DESC LIMIT 1`)).rows[0]
      : undefined;
    const sample = async (max: number): Promise<readonly SampledFile[]> => {
      if (last == null) return [];
      const step = Math.max(1, last.id / max);
      const starts = Array.from({ length: Math.ceil(last.id / step) }, (_, at) => Math.floor(1 + at * step));
      const { rows } = await client.query<SampledFile>(
        `SELECT DISTINCT ON (o."id") o."filePath", o."fileSize"
         FROM unnest($1::integer[]) s("id")
         JOIN LATERAL (SELECT * FROM "Original" x WHERE x."id" >= s."id" ORDER BY x."id" LIMIT 1) o ON TRUE`,
        [starts],
      );
      return rows;
    };
    const library = row == null ? undefined : { id: row.id, isPaired: row.isPaired === 1 };
    return await look({ library, hasFiles: last != null, sample });
  } catch (error) {
    throw known(error);
  } finally {
    await client.end();
  }
}

/** Writes which library this is, in a transaction of its own. */
export async function writeLibraryRow(client: pg.ClientBase, { id, isPaired }: LibraryRow): Promise<void> {
  await client.query(
    `INSERT INTO "Library" ("singleton", "id", "isPaired") VALUES (1, $1, $2)
     ON CONFLICT ("singleton") DO UPDATE SET "id" = excluded."id", "isPaired" = excluded."isPaired"`,
    [id, isPaired],
  );
}
