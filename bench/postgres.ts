import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { findPrograms, startPostgres } from "../scripts/postgres-server.ts";
import { ask, summary, type Measured } from "./load.ts";
import type { Options } from "./options.ts";
import { firstPage, pageQuery, pastPage } from "./page.ts";
import { atLeast, atMost, ms, sizeName, type Figure, type Finding } from "./report.ts";
import { compete, ratioOf, type Rounds } from "./rounds.ts";
import { seedPostgres } from "./seed-postgres.ts";
import { startStore, type Server } from "./server.ts";
import { commonWord, rareWord } from "./shots.ts";

/** One size of the same rows in both engines. */
interface Pair {
  readonly entities: number;
  readonly sqlite: Server;
  readonly postgres: Server;
  readonly fillSeconds: number;
  readonly url: string;
}

/** A server of the docs' settings: docs/postgresql.md. */
const settings = { shared_buffers: "2GB", autovacuum_vacuum_insert_scale_factor: "0.02" };
const store = { RESPONSE_CACHE_BYTES_MAX: "0" };
/** For a million; smaller libraries are held to their share of it. */
const fillSecondsMax = 300;
/** Connections that nobody needs are closed after ten seconds. */
const idleMs = 15_000;

const works = (entities: number): Readonly<Record<string, string>> => ({
  "first page": firstPage,
  "one entity": `{ entity(id: "${Math.floor(entities / 2)}") { id label type mimeType md5 } }`,
  "page at 90 % depth": pageQuery(`(offset: ${Math.floor(entities * 0.9)})`),
  "search, rare word": pageQuery(`(search: "${rareWord}")`),
  "search, common word": pageQuery(`(search: "${commonWord}")`),
  "page of a past moment": pastPage("2020-06-30T12:00:00Z"),
});

const times = ({ p50, p99 }: Measured) => `p50 ${ms(p50)}, p99 ${ms(p99)}`;
const rate = ({ perSecond, p50 }: Measured) => `${perSecond.toFixed(0)}/s, p50 ${ms(p50)}`;
const median = ({ p50 }: Measured) => p50;

async function pairOf(path: string, entities: number, dir: string, postgresUrl: string): Promise<Pair> {
  const url = new URL(postgresUrl);
  url.pathname = `/bench_${entities}`;
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  await client.query(`CREATE DATABASE "bench_${entities}" TEMPLATE template0`);
  await client.end();
  const startedAt = performance.now();
  await seedPostgres(path, url.href);
  const fillSeconds = (performance.now() - startedAt) / 1000;
  const sqlite = await startStore(join(dir, `sqlite-${entities}`), path, store);
  const postgres = await startStore(join(dir, `postgres-${entities}`), path, {
    ...store,
    DATABASE_URL: url.href,
  });
  return { entities, sqlite, postgres, fillSeconds, url: url.href };
}

/** Both engines in turn, one connection, work by work. */
async function beside({ entities, sqlite, postgres }: Pair, { rounds, roundSeconds }: Options) {
  const contestants = Object.entries(works(entities)).flatMap(([name, query]) => [
    { name: `sqlite ${name}`, server: sqlite, query },
    { name: `postgres ${name}`, server: postgres, query },
  ]);
  for (const { server, query } of contestants) await ask(server.url, query);
  return compete(contestants, { rounds, seconds: roundSeconds, connections: 1 });
}

const besides = (entities: number, rounds: Rounds): Figure[] =>
  Object.keys(works(entities)).map((name) => ({
    work: `PostgreSQL: ${name}, ${sizeName(entities)} entities`,
    measured: times(summary(rounds.get(`postgres ${name}`))),
    floor: `SQLite: ${times(summary(rounds.get(`sqlite ${name}`)))}`,
    ratio: ratioOf(rounds, `postgres ${name}`, `sqlite ${name}`, median),
    goal: atMost(3),
    growth: { work: `PostgreSQL: ${name}`, entities, ms: summary(rounds.get(`postgres ${name}`)).p50 },
  }));

async function throughput({ entities, sqlite, postgres }: Pair, options: Options): Promise<Figure> {
  const rounds = await compete(
    [
      { name: "sqlite", server: sqlite, query: firstPage },
      { name: "postgres", server: postgres, query: firstPage },
    ],
    { rounds: options.rounds, seconds: options.roundSeconds, connections: 16 },
  );
  return {
    work: `PostgreSQL: requests for a page of 20, ${sizeName(entities)} entities`,
    measured: rate(summary(rounds.get("postgres"))),
    floor: `SQLite: ${rate(summary(rounds.get("sqlite")))}`,
    ratio: ratioOf(rounds, "postgres", "sqlite", ({ perSecond }) => perSecond),
    goal: atLeast(0.4),
  };
}

async function idleConnections(url: string): Promise<Figure> {
  await delay(idleMs);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ count: number }>(
    `SELECT COUNT(*)::integer AS "count" FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'colan'`,
  );
  await client.end();
  const count = rows[0]?.count ?? NaN;
  return {
    work: "PostgreSQL: connections of a server that does nothing",
    measured: String(count),
    floor: "4",
    ratio: count / 4,
    goal: atMost(1),
  };
}

const filling = ({ entities, fillSeconds }: Pair): Figure => {
  const limit = (fillSecondsMax * entities) / 1e6;
  return {
    work: `PostgreSQL: filling it with ${sizeName(entities)} entities`,
    measured: `${fillSeconds.toFixed(1)} s`,
    floor: `${limit.toFixed(1)} s`,
    ratio: fillSeconds / limit,
    goal: atMost(1),
  };
};

/** What a request costs more in the largest library than in the smallest. */
function growths(pairs: readonly Pair[], all: ReadonlyMap<Pair, Rounds>): Figure[] {
  const [small, large] = [pairs[0], pairs.at(-1)];
  if (small == null || large == null || small === large) return [];
  return Object.keys(works(1)).map((name) => {
    const [before, after] = [small, large].map((pair) => summary(all.get(pair)?.get(`postgres ${name}`)));
    return {
      work: `PostgreSQL: growth of ${name}, ${sizeName(small.entities)} → ${sizeName(large.entities)}`,
      measured: times(after!),
      floor: times(before!),
      ratio: after!.p50 / before!.p50,
      goal: atMost(1.3),
    };
  });
}

/** @param libraries files of SQLite, smallest first, whose rows both engines are measured with. */
export async function measurePostgres(
  dir: string,
  libraries: readonly { readonly path: string; readonly entities: number }[],
  options: Options,
): Promise<Finding> {
  const programs = findPrograms();
  if (programs == null)
    return { figures: [], notes: ["PostgreSQL: not measured, its programs are missing."] };
  const server = await startPostgres(programs, { settings });
  const pairs: Pair[] = [];
  try {
    for (const { path, entities } of libraries) pairs.push(await pairOf(path, entities, dir, server.url));
    const figures = pairs.map(filling);
    const all = new Map<Pair, Rounds>();
    for (const pair of pairs) {
      figures.push(await throughput(pair, options));
      const rounds = await beside(pair, options);
      all.set(pair, rounds);
      figures.push(...besides(pair.entities, rounds));
    }
    figures.push(...growths(pairs, all));
    const [first] = pairs;
    if (first != null) figures.push(await idleConnections(first.url));
    return {
      figures,
      notes: [
        `PostgreSQL: a server of the bench's own on the same machine, with the rows of the SQLite libraries and VACUUM ANALYZE; both ` +
          `programs with RESPONSE_CACHE_BYTES_MAX=0, each work in turn on one connection, compared by p50; requests by 16 connections.`,
      ],
    };
  } finally {
    await Promise.all(pairs.flatMap(({ sqlite, postgres }) => [sqlite.stop(), postgres.stop()]));
    await server.stop();
  }
}
