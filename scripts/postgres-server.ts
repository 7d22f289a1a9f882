import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { freePort, isProgram, programFolders } from "./programs.ts";

/** Where Debian keeps each major version's programs. */
const debianDir = "/usr/lib/postgresql";
const startMsMax = 60_000;
const portsTried = 5;

export interface PostgresServer {
  /** Of the database `postgres`, as a superuser. */
  readonly url: string;
  /** Another one after each crash. */
  readonly pid: number;
  /** Ends it as it is, with whatever it has not written, and starts it again on the same port: it recovers from its log. */
  crash(): Promise<void>;
  /** Ends it in order, its files stay. */
  pause(): Promise<void>;
  /** Starts it again on the same port. */
  resume(): Promise<void>;
  /** Ends it by its pid, waits for its end, and removes all its files. */
  stop(): Promise<void>;
}

const versionsOf = (dir: string): string[] => {
  try {
    return readdirSync(dir).sort((one, other) => Number(other) - Number(one));
  } catch {
    return [];
  }
};

/** The folder of PostgreSQL's programs, the newest version first; undefined where there is no server. PGBIN names another. */
export function findPrograms(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = env["PGBIN"];
  const folders =
    given == null
      ? [...versionsOf(debianDir).map((version) => join(debianDir, version, "bin")), ...programFolders(env)]
      : [given];
  return folders.find((folder) => isProgram(join(folder, "initdb")) && isProgram(join(folder, "postgres")));
}

/** PostgreSQL refuses to run as root: its own user runs it then. */
function findUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Cluster {
  readonly programs: string;
  readonly dir: string;
  readonly password: string;
  readonly user: { uid: number; gid: number } | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

interface Options {
  /** The folder in which the cluster gets one of its own. */
  readonly below?: string;
  /** PostgreSQL's, besides those that every test's server has. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** C.UTF-8 compares code points, as SQLite does. */
function makeCluster({ programs, dir, password, user }: Cluster): void {
  const passwordFile = join(dir, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user != null) for (const path of [dir, passwordFile]) chownSync(path, user.uid, user.gid);
  const args = [
    "-D",
    join(dir, "data"),
    "-U",
    "postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
  ];
  args.push("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions");
  execFileSync(join(programs, "initdb"), args, { cwd: "/", stdio: ["ignore", "ignore", "pipe"], ...user });
}

/** Undefined when it ended before it answered, as it does where another program has taken the port. */
async function startOn(port: number, cluster: Cluster): Promise<{ url: string; pid: number } | undefined> {
  const { programs, dir, password, user } = cluster;
  const settings: Readonly<Record<string, string>> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    // The cluster does not outlive the machine: a crash of PostgreSQL alone loses what its processes hold in memory, and
    // nothing that the kernel has. What is to be there after it has to be asked for at the commit.
    fsync: "off",
    full_page_writes: "off",
    synchronous_commit: "off",
    max_connections: "200",
    random_page_cost: "1.1",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    ...cluster.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // A group of its own: Ctrl-C reaches the tests and not the server, which stops after them.
  const server = spawn(join(programs, "postgres"), ["-D", join(dir, "data"), "-p", String(port), ...args], {
    cwd: "/",
    stdio: "ignore",
    detached: true,
    ...user,
  });
  const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
  const giveUpAt = Date.now() + startMsMax;
  while (server.exitCode == null && server.signalCode == null) {
    if (server.pid != null && (await answers(url))) return { url, pid: server.pid };
    if (Date.now() > giveUpAt) throw new Error(`PostgreSQL in ${dir} did not answer on port ${port}`);
    await delay(50);
  }
  return undefined;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A folder that PostgreSQL's user may write to. */
function makeClusterIn(
  programs: string,
  password: string,
  { below = tmpdir(), settings = {} }: Options,
): Cluster {
  const dir = mkdtempSync(join(below, "colan-postgres-"));
  return { programs, dir, password, user: findUser(), settings };
}

/**
 * Starts a PostgreSQL server for tests: a new cluster in a temporary folder, on a free port of the loopback interface.
 * @param programs folder of initdb and postgres. @see {findPrograms}
 */
export function startPostgres(programs: string, options: Options = {}): Promise<PostgresServer> {
  const cluster = makeClusterIn(programs, randomBytes(18).toString("hex"), options);
  return serve(cluster, () => {
    makeCluster(cluster);
  });
}

/** Starts a standby of another such server, which follows it and answers questions only. */
export function startStandby(programs: string, { url }: PostgresServer): Promise<PostgresServer> {
  const cluster = makeClusterIn(programs, new URL(url).password, {});
  const { dir, user } = cluster;
  return serve(cluster, () => {
    if (user != null) chownSync(dir, user.uid, user.gid);
    const args = [
      "-D",
      join(dir, "data"),
      "-d",
      url,
      "--write-recovery-conf",
      "--checkpoint=fast",
      "--no-sync",
    ];
    execFileSync(join(programs, "pg_basebackup"), args, {
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe"],
      ...user,
    });
  });
}

/** Fills the cluster's folder, which is removed in the end, and starts its server. */
async function serve(cluster: Cluster, fill: () => void): Promise<PostgresServer> {
  const remove = () => {
    rmSync(cluster.dir, { recursive: true, force: true });
  };
  try {
    fill();
    for (let tried = 0; tried < portsTried; tried++) {
      const port = await freePort();
      const started = await startOn(port, cluster);
      if (started != null) return running(port, cluster, started, remove);
    }
    throw new Error(`PostgreSQL ends as soon as it is started; see ${cluster.programs}/postgres`);
  } catch (error) {
    remove();
    throw error;
  }
}

function running(
  port: number,
  cluster: Cluster,
  { url, ...started }: { readonly url: string; readonly pid: number },
  remove: () => void,
): PostgresServer {
  let { pid } = started;
  const end = async (signal: NodeJS.Signals) => {
    if (isAlive(pid)) process.kill(pid, signal);
    while (isAlive(pid)) await delay(20);
  };
  // SIGINT asks for a fast shutdown: open transactions are rolled back.
  const pause = () => end("SIGINT");
  const resume = async () => {
    const again = await startOn(port, cluster);
    if (again == null) throw new Error(`PostgreSQL in ${cluster.dir} did not start again on port ${port}`);
    ({ pid } = again);
  };
  return {
    url,
    get pid() {
      return pid;
    },
    pause,
    resume,
    // SIGQUIT is the immediate shutdown.
    crash: async () => {
      await end("SIGQUIT");
      await resume();
    },
    stop: async () => {
      await pause();
      remove();
    },
  };
}
