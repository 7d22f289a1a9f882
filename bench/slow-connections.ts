/**
 * What many slow clients cost the others: `npm run build && npx tsx bench/slow-connections.ts [--connections 1000]
 * [--rounds 5] [--seconds 8] [--way header|body|upload|reading]`. Rounds with and without them take turns.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as settle } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { applyLoad, type Measured } from "./load.ts";
import { median } from "./median.ts";
import { firstPage } from "./page.ts";
import { seedLibrary } from "./seed.ts";
import { startStore, type Server } from "./server.ts";

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "1000" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "8" },
    way: { type: "string", default: "" },
  },
});

/** In a process of its own, so that it takes no time from those who measure. */
async function startCrowd(server: Server) {
  const script = fileURLToPath(new URL("slow-crowd.ts", import.meta.url));
  const args = ["--import", "tsx", script, new URL(server.url).port, values.connections, values.way];
  const crowd = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(crowd, "exit");
  process.once("exit", () => crowd.kill());
  let cut = 0;
  await new Promise<void>((resolve) => {
    createInterface(crowd.stdout).on("line", (line) => {
      if (line === "ready") resolve();
      else cut++;
    });
  });
  const stop = async () => {
    crowd.kill();
    await exited;
    return cut;
  };
  return { stop };
}

async function memoryOf(pid: number): Promise<number> {
  const kB = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kB) / 1024;
}

const show = ({ perSecond, p50, p99 }: Measured) =>
  `${perSecond.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;

const dir = await mkdtemp(join(tmpdir(), "colan-slow-"));
try {
  const databasePath = join(dir, "store.db");
  await seedLibrary(databasePath, 10_000);
  const server = await startStore(dir, databasePath);
  const load = () =>
    applyLoad({ server, query: firstPage, connections: 16, until: { duration: Number(values.seconds) } });
  await load();
  const ratios: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const before = await memoryOf(server.pid);
    const quiet = await load();
    const crowd = await startCrowd(server);
    // What the readers asked for is made by then, as far as they take it; from here on they are slow.
    await settle(5_000);
    const crowded = await load();
    const memory = (await memoryOf(server.pid)) - before;
    const cut = await crowd.stop();
    ratios.push(crowded.p99 / quiet.p99);
    process.stdout.write(
      `alone ${show(quiet)}; beside ${values.connections} slow ones ${show(crowded)}, ` +
        `${cut} of them cut, ${memory.toFixed(0)} MB more\n`,
    );
  }
  process.stdout.write(
    `p99 beside them, median of the rounds: ${median(ratios).toFixed(2)} × that without\n`,
  );
  await server.stop();
} finally {
  await rm(dir, { recursive: true, force: true });
}
