// npm run test:postgres [-- files]: the tests that touch the database, on PostgreSQL: a server of their own, or the one
// that POSTGRES_URL names.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import pg from "pg";
import { findPrograms, startPostgres } from "./postgres-server.ts";

const root = join(import.meta.dirname, "..");
const run = `${process.pid}x${Date.now().toString(36)}`;

async function runTests(url: string): Promise<number> {
  const vitest = join(root, "node_modules/.bin/vitest");
  const args = ["run", "--config", "vitest.postgres.config.ts", ...process.argv.slice(2)];
  const env = { ...process.env, POSTGRES_URL: url, TEST_RUN: run };
  const child = spawn(vitest, args, { cwd: root, stdio: "inherit", env });
  // The terminal's Ctrl-C reaches vitest as well; this process waits for it, and then stops the server.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

/** Databases of tests that were interrupted, and the template, in a server that goes on. */
async function dropDatabases(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE starts_with(datname, $1)",
      [`colan_${run}_`],
    );
    for (const { datname } of rows) await client.query(`DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`);
  } finally {
    await client.end();
  }
}

const { POSTGRES_URL: given, CI: ci, COLAN_REQUIRE_POSTGRES: required } = process.env;
const programs = findPrograms();
if (given != null && given !== "") {
  process.exitCode = await runTests(given);
  await dropDatabases(given);
} else if (programs != null) {
  const server = await startPostgres(programs);
  try {
    process.exitCode = await runTests(server.url);
  } finally {
    await server.stop();
  }
} else {
  const isFailure = [ci, required].some((value) => value != null && !["", "0", "false"].includes(value));
  console.log(
    `${isFailure ? "failed" : "skipped"}: the tests on PostgreSQL need a server; ` +
      "install one (apt-get install postgresql), or set POSTGRES_URL to a database of one where they may make others",
  );
  process.exitCode = isFailure ? 1 : 0;
}
