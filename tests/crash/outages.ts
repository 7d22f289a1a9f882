import type { Random } from "../../bench/random.ts";
import type { PostgresServer } from "../../scripts/postgres-server.ts";
import { runScripts } from "../support/postgres.ts";
import { endSessions, postgresLibrary, type CrashLibrary } from "./crash-library.ts";
import { reading } from "./reading.ts";

/** The ways in which a database goes away under a server that goes on. */
const outages = {
  "its sessions are ended": ({ databaseUrl }) => endSessions(databaseUrl),
  "it is stopped at once and started again": (_, server) => server.crash(),
  // PostgreSQL then ends all others too and recovers from its log, since their memory is shared.
  "one of its processes is killed": async ({ databaseUrl }) => {
    const sql = `SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'colan' ORDER BY (state = 'active') DESC LIMIT 1`;
    const [session] = await reading(databaseUrl, ({ query }) => query<{ pid: number }>(sql));
    if (session != null) process.kill(session.pid, "SIGKILL");
  },
} satisfies Readonly<Record<string, (library: CrashLibrary, server: PostgresServer) => Promise<void>>>;

/** How often each came. */
export type Struck = Record<keyof typeof outages, number>;

/** One outage or another, each as often as the others in the long run. */
export function striking(library: CrashLibrary, server: PostgresServer | undefined) {
  const names = Object.keys(outages) as (keyof typeof outages)[];
  const struck = Object.fromEntries(names.map((name) => [name, 0])) as Struck;
  const strike = async (random: Random) => {
    const name = random.pick(names);
    struck[name]++;
    if (server != null) await outages[name](library, server);
  };
  return { struck, strike };
}

/** A library on a database server of its own, which the test may stop. */
export async function libraryOn(server: PostgresServer, dir: string): Promise<CrashLibrary> {
  const url = new URL(server.url);
  url.pathname = "/crash";
  await runScripts(server.url, `CREATE DATABASE crash TEMPLATE template0`);
  return postgresLibrary(dir, url.href);
}
