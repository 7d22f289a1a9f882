import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, isProgram, programFolders } from "./programs.ts";

const programs = ["ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool", "ceph", "radosgw", "radosgw-admin"];
const startMsMax = 120_000;

export interface CephServer {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Ends it by its pids, and removes all its files. */
  stop(): Promise<void>;
}

/** Whether this machine has Ceph (Debian: radosgw, ceph-mon and ceph-osd). */
export function hasCeph(env: NodeJS.ProcessEnv = process.env): boolean {
  const folders = programFolders(env);
  return programs.every((program) => folders.some((folder) => isProgram(join(folder, program))));
}

/** One monitor and one object store in memory, which nobody but this machine can reach; objects need no manager. */
const configOf = (dir: string, fsid: string, monitorPort: number): string => `[global]
fsid = ${fsid}
mon host = v2:127.0.0.1:${monitorPort}/0
mon initial members = a
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
auth cluster required = none
auth service required = none
auth client required = none
# A gateway would insist on a secret with the monitor otherwise, and wait for ever.
ms mon client mode = crc
ms bind msgr1 = false
run dir = ${dir}
# The path of a socket may have 107 bytes at most, and a temporary folder has more.
admin socket =
log file = ${dir}/$name.log
mon cluster log file = ${dir}/cluster.log
log to stderr = false
debug rgw = 0/0
debug mon = 0/0
debug osd = 0/0
debug paxos = 0/0
debug rocksdb = 0/0
crash dir = ${dir}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon osd crush smoke test = false
[mon]
mon data = ${dir}/mon
mon data avail crit = 0
mon data avail warn = 0
mon max pg per osd = 1000
[osd]
osd data = ${dir}/osd
osd objectstore = memstore
osd op num shards = 2
osd op num threads per shard = 1
memstore device bytes = ${4 * 1024 ** 3}
osd class update on start = false
[client]
rgw data = ${dir}
rgw thread pool size = 64
rgw rados pool pg num min = 4
rgw enable usage log = false
rgw enable ops log = false
`;

class Cluster {
  readonly #dir: string;
  readonly #config: string;
  readonly #servers: ChildProcess[] = [];

  constructor(dir: string) {
    this.#dir = dir;
    this.#config = join(dir, "ceph.conf");
  }

  #spawn(program: string, ...args: string[]): ChildProcess {
    const output = openSync(join(this.#dir, `${program}.out`), "a");
    const stdio: ["ignore", number, number] = ["ignore", output, output];
    // A group of its own: Ctrl-C reaches the tests and not the servers, which stop after them.
    const server = spawn(program, [...args, "-f", "-c", this.#config], { cwd: "/", stdio, detached: true });
    this.#servers.push(server);
    return server;
  }

  #run(program: string, ...args: string[]): string {
    const env = { ...process.env, CEPH_CONF: this.#config, CEPH_ARGS: "" };
    return execFileSync(program, args, {
      ...{ cwd: "/", env, encoding: "utf8", timeout: startMsMax },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async start(keys: Pick<CephServer, "accessKeyId" | "secretAccessKey">): Promise<string> {
    const [fsid, monitorPort] = [randomUUID(), await freePort()];
    writeFileSync(this.#config, configOf(this.#dir, fsid, monitorPort));
    const at = (name: string) => join(this.#dir, name);
    this.#run(
      ...["monmaptool", "--create", "--fsid", fsid, "--addv", "a", `[v2:127.0.0.1:${monitorPort}/0]`],
      ...["--set-min-mon-release", "16", "--clobber", at("monmap")],
    );
    this.#run(
      "ceph-authtool",
      "--create-keyring",
      at("keyring"),
      "--gen-key",
      "-n",
      "mon.",
      "--cap",
      "mon",
      "allow *",
    );
    this.#run(
      "ceph-mon",
      "--mkfs",
      "-i",
      "a",
      "-c",
      this.#config,
      "--monmap",
      at("monmap"),
      "--keyring",
      at("keyring"),
    );
    this.#spawn("ceph-mon", "-i", "a");
    const store = randomUUID();
    this.#run("ceph", "osd", "new", store);
    mkdirSync(at("osd"));
    this.#run("ceph-osd", "-i", "0", "-c", this.#config, "--mkfs", "--osd-uuid", store, "--no-mon-config");
    this.#spawn("ceph-osd", "-i", "0");
    // Makes the gateway's pools too, and waits for the object store.
    this.#run(
      ...["radosgw-admin", "--no-mon-config", "-c", this.#config, "user", "create", "--uid=colan"],
      ...["--display-name=colan", `--access-key=${keys.accessKeyId}`, `--secret-key=${keys.secretAccessKey}`],
    );
    return this.#startGateway();
  }

  async #startGateway(): Promise<string> {
    const port = await freePort();
    const gateway = this.#spawn(
      ...["radosgw", "--no-mon-config", "-n", "client.rgw"],
      `--rgw-frontends=beast endpoint=127.0.0.1:${port} tcp_nodelay=1`,
    );
    const giveUpAt = Date.now() + startMsMax;
    while (!(await listens(port))) {
      if (gateway.exitCode != null || Date.now() > giveUpAt)
        throw new Error(`the gateway of Ceph in ${this.#dir} does not answer`);
      await delay(50);
    }
    return `http://127.0.0.1:${port}`;
  }

  /** All of it is in memory and goes: nothing is to be saved. */
  async stop(): Promise<void> {
    for (const server of this.#servers.reverse()) {
      if (server.exitCode != null || server.signalCode != null) continue;
      server.kill("SIGKILL");
      await once(server, "exit");
    }
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Starts a real S3 store for tests: Ceph, with everything in memory, on free ports of the loopback interface. */
export async function startCeph(): Promise<CephServer> {
  const dir = mkdtempSync(join(tmpdir(), "colan-ceph-"));
  const cluster = new Cluster(dir);
  const keys = {
    accessKeyId: randomBytes(10).toString("hex").toUpperCase(),
    secretAccessKey: randomBytes(20).toString("hex"),
  };
  const stop = async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    return { endpoint: await cluster.start(keys), ...keys, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
