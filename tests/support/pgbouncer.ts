import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { freePort } from "../../scripts/programs.ts";
import { runScripts } from "./postgres.ts";

/** Debian's, or that of the PATH; undefined where there is none. */
export const pgbouncer = ["/usr/sbin", ...(process.env["PATH"] ?? "").split(delimiter)]
  .map((folder) => join(folder, "pgbouncer"))
  .find((path) => existsSync(path));

/** The way to a database through pgbouncer, which gives each transaction another connection, until the test ends. */
export async function openPooler(program: string, databaseUrl: string): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const dir = await mkdtemp(join(tmpdir(), "colan-pgbouncer-"));
  const listenPort = await freePort();
  const name = pathname.slice(1);
  const settings = [
    "[databases]",
    `${name} = host=${hostname} port=${port} dbname=${name} user=${username} password=${password}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${listenPort}`,
    "unix_socket_dir =",
    "auth_type = any",
    "pool_mode = transaction",
    "default_pool_size = 8",
  ];
  await writeFile(join(dir, "pgbouncer.ini"), settings.join("\n"));
  await chmod(dir, 0o755);
  // It refuses to run as root.
  const asUser = userInfo().uid === 0 ? ["--user=postgres"] : [];
  const child = spawn(program, ["--quiet", ...asUser, join(dir, "pgbouncer.ini")], { stdio: "ignore" });
  onTestFinished(async () => {
    const ended = once(child, "exit");
    if (child.exitCode == null && child.kill("SIGINT")) await ended;
    await rm(dir, { recursive: true });
  });
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${listenPort}`;
  await vi.waitFor(() => runScripts(url.href, "SELECT 1"), { timeout: 30_000 });
  return url.href;
}
