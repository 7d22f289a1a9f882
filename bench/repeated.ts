import { join } from "node:path";
import { median } from "./median.ts";
import type { Options } from "./options.ts";
import { firstPage } from "./page.ts";
import { atLeast, atMost, type Figure, type Finding } from "./report.ts";
import { compete, ratioOf } from "./rounds.ts";
import { seedLibrary } from "./seed.ts";
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

/** Opens so many subscriptions and reads what they send. @returns what ends them. */
async function follow({ url }: Server): Promise<() => void> {
  const ending = new AbortController();
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const body = JSON.stringify({ query: "subscription { entityChanged { id operation label } }" });
  for (let count = 0; count < followers; count++) {
    const response = await fetch(url, { method: "POST", headers, body, signal: ending.signal });
    void response.text().catch(() => undefined);
  }
  return () => {
    ending.abort();
  };
}

/** @returns milliseconds of one update, one after another. */
async function timeWrites({ url }: Server, round: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const startedAt = performance.now();
  for (let count = 0; count < writes; count++) {
    const query = `mutation { updateEntity(id: ${1 + count}, input: { label: "${round} ${count}" }) { entity { version } } }`;
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
    const answer = await response.text();
    if (answer.includes("errors")) throw new Error(answer);
  }
  return (performance.now() - startedAt) / writes;
}

async function measureFollowed(server: Server, { rounds }: Options): Promise<Figure> {
  const found = { alone: [] as number[], followed: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const alone = await timeWrites(server, `alone ${round}`);
    const end = await follow(server);
    const followed = await timeWrites(server, `followed ${round}`);
    end();
    if (round === 0) continue;
    found.alone.push(alone);
    found.followed.push(followed);
  }
  return {
    work: `update while ${followers} subscriptions follow`,
    measured: `${median(found.followed).toFixed(2)} ms`,
    floor: `without them: ${median(found.alone).toFixed(2)} ms`,
    ratio: median(found.followed.map((ms, index) => ms / found.alone[index]!)),
    goal: atMost(1.05),
  };
}

/** What the time of the library costs: answers that are still true, and readers of every change. */
export async function measureRepeated(dir: string, options: Options): Promise<Finding> {
  const path = join(dir, "repeated.db");
  await seedLibrary(path, entities);
  const bare = await startBareYoga(dir);
  const server = await startStore(join(dir, "repeated-store"), path);
  try {
    return {
      figures: [await measureRepeatedPage(bare, server, options), await measureFollowed(server, options)],
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
