import { randomBytes } from "node:crypto";
import pg from "pg";
import { postgresEngine } from "../../src/database/postgres/engine.ts";

/** Of a database of a server where tests make others; undefined where there is no server. */
export const postgresUrl = process.env["POSTGRES_URL"];

/** The engine that the tests' servers run on. */
export const testEngine = process.env["TEST_ENGINE"] === "postgres" ? "postgres" : "sqlite";

const serverUrl = (): string => {
  if (postgresUrl != null) return postgresUrl;
  throw new Error("TEST_ENGINE=postgres needs POSTGRES_URL; `npm run test:postgres` sets both");
};

/** Runs scripts one after another on one connection. */
export async function runScripts(url: string, ...scripts: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    for (const script of scripts) await client.query(script);
  } finally {
    await client.end();
  }
}

const urlOf = (name: string): string => {
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.href;
};

/** What names of databases of this run of tests begin with, so that the run can drop those that are left. */
const prefix = `colan_${process.env["TEST_RUN"] ?? process.ppid}_`;

/** An empty database of its own. */
export async function makeDatabase(template = "template0"): Promise<string> {
  const name = `${prefix}${randomBytes(8).toString("hex")}`;
  await runScripts(serverUrl(), `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  return urlOf(name);
}

export async function dropDatabase(url: string): Promise<void> {
  await runScripts(serverUrl(), `DROP DATABASE IF EXISTS "${new URL(url).pathname.slice(1)}" WITH (FORCE)`);
}

/** The ids of the next rows by table. A transaction that is taken back leaves a gap here, and none on SQLite. */
export const setNextIds = (url: string, nextIds: Readonly<Record<string, number>>): Promise<void> =>
  runScripts(
    url,
    ...Object.entries(nextIds).map(
      ([table, id]) =>
        `SELECT setval(pg_get_serial_sequence('"${table}"', 'id'), ${Math.max(1, id - 1)}, ${id > 1})`,
    ),
  );

let template: Promise<string> | undefined;

/** A database that has all migrations and nothing else, a second faster than one that is migrated. */
export async function makeMigratedDatabase(): Promise<string> {
  template ??= makeTemplate();
  return makeDatabase(await template);
}

/** Once for all workers: the first that takes the lock makes it, the others find it. */
async function makeTemplate(): Promise<string> {
  const name = `${prefix}template`;
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock(7, 7)");
    const { rows } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (rows.length > 0) return name;
    await client.query(`CREATE DATABASE "${name}" TEMPLATE template0`);
    const database = await postgresEngine.open(urlOf(name), { now: Date.now });
    await database.migrate();
    await database.refreshIndex(() => undefined);
    await database.db.close();
    return name;
  } finally {
    await client.end();
  }
}
