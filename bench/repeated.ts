import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { median } from "./median.ts";
import type { Options } from "./options.ts";
import { firstPage } from "./page.ts";
import { atLeast, atMost, type Figure, type Finding } from "./report.ts";
import { compete, ratioOf } from "./rounds.ts";
import { seedLibrary } from "./seed.ts";
import { cpuMsOf } from "./process-usage.ts";
import { startBareYoga, startStore, type Server } from "./server.ts";

const entities = 10_000;
const followers = 100;
const writes = 300;

/** The same page again and again, which is sent from memory, against bare Yoga. */
async function measureRepeatedPage(bare: Server, server: Server, options: Options): Promise<Figure> {
  const contestants = [
    { name: "bare", server: bare, query: "{ __typename }" },
    { name: "page", server, query: firstPage },
  ];
  const { rounds: count, roundSeconds: seconds } = options;
  const rounds = await compete(contestants, { rounds: count, seconds, connections: 16 });
  const rate = (name: string) => median((rounds.get(name) ?? []).map(({ perSecond }) => perSecond));
  return {
    work: "page of 20 asked again, nothing changed",
    measured: `${rate("page").toFixed(0)}/s`,
    floor: `bare Yoga: ${rate("bare").toFixed(0)}/s`,
    ratio: ratioOf(rounds, "page", "bare", ({ perSecond }) => perSecond),
    goal: atLeast(0.9),
  };
}

/**
 * Opens so many subscriptions and takes what they send, without looking at it: that would be the clients' work, which
 * shares the cores here. @returns what ends them and tells how many bytes came.
 */
async function follow({ url }: Server): Promise<() => number> {
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ query: "subscription { entityChanged { id operation label } }" });
  const head = [
    ...["POST /graphql HTTP/1.1", `host: ${hostname}:${port}`, "accept: text/event-stream"],
    ...["content-type: application/json", `content-length: ${body.length}`],
  ];
  const sockets: Socket[] = [];
  for (let count = 0; count < followers; count++) {
    const socket = connect(Number(port), hostname);
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
    await once(socket, "data");
    sockets.push(socket.resume());
  }
  return () => {
    for (const socket of sockets) socket.destroy();
    return sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  };
}

interface Cost {
  /** From sending one update to its answer. */
  readonly ms: number;
  /** What the server's processors did meanwhile, for each update. */
  readonly cpuMs: number;
}

/** The cost of one update, one after another. */
async function timeWrites({ url, pid }: Server, round: string): Promise<Cost> {
  const headers = { "content-type": "application/json" };
  const cpuBefore = await cpuMsOf(pid);
  const startedAt = performance.now();
  for (let count = 0; count < writes; count++) {
    const query = `mutation { updateEntity(id: ${1 + count}, input: { label: "${round} ${count}" }) { entity { version } } }`;
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
    const answer = await response.text();
    if (answer.includes("errors")) throw new Error(answer);
  }
  const ms = (performance.now() - startedAt) / writes;
  return { ms, cpuMs: ((await cpuMsOf(pid)) - cpuBefore) / writes };
}

async function measureFollowed(server: Server, { rounds }: Options): Promise<Figure[]> {
  const found: { alone: Cost; followed: Cost }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const alone = await timeWrites(server, `alone ${round}`);
    const end = await follow(server);
    const followed = await timeWrites(server, `followed ${round}`);
    if (end() < followers * writes * 50) throw new Error("the subscriptions did not get every change");
    // The first round warms up.
    if (round > 0) found.push({ alone, followed });
  }
  const figure = (work: string, of: keyof Cost, goal: Figure["goal"]): Figure => ({
    work,
    measured: `${median(found.map(({ followed }) => followed[of])).toFixed(2)} ms`,
    floor: `without them: ${median(found.map(({ alone }) => alone[of])).toFixed(2)} ms`,
    ratio: median(found.map(({ alone, followed }) => followed[of] / alone[of])),
    goal,
  });
  return [
    figure(`update while ${followers} subscriptions follow`, "ms", atMost(1.05)),
    figure("the same, processor time of the server", "cpuMs", atMost(1.5)),
  ];
}

/** What the time of the library costs: answers that are still true, and readers of every change. */
export async function measureRepeated(dir: string, options: Options): Promise<Finding> {
  const path = join(dir, "repeated.db");
  await seedLibrary(path, entities);
  const bare = await startBareYoga(dir);
  const server = await startStore(join(dir, "repeated-store"), path);
  try {
    return {
      figures: [
        await measureRepeatedPage(bare, server, options),
        ...(await measureFollowed(server, options)),
      ],
      notes: [
        `Repeated page: ${entities} entities, the query of the page row, 16 connections. Followed updates: ${writes} ` +
          `updates of one entity each, one after another, without and with ${followers} server-sent event streams ` +
          `that each get every change; clients and server share the cores.`,
      ],
    };
  } finally {
    await Promise.all([bare.stop(), server.stop()]);
  }
}
