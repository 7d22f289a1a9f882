import { ask, summary, type Measured } from "./load.ts";
import type { Options } from "./options.ts";
import { atLeast, atMost, ms, sizeName, type Finding, type Figure, type Goal } from "./report.ts";
import { compete, ratioOf, type Contestant } from "./rounds.ts";
import type { Server } from "./server.ts";
import { commonWord, rareWord } from "./shots.ts";

/** 12 fields of 20 entities, and totals. */
const selection = `{
  items { id label type mimeType originalName fileSize width height duration capturedAt addedAt md5 }
  pagination { totalItems totalPages hasNext }
}`;
export const pageQuery = (args: string) => `{ entities${args} ${selection} }`;
/** The same page of the library as it stood then. */
export const pastPage = (time: string): string =>
  `{ snapshot(at: { time: "${time}" }) { entities ${selection} } }`;

export const firstPage = pageQuery("");

export interface Library {
  readonly entities: number;
  readonly server: Server;
}

const perSecond = ({ perSecond: value, p50, p99, cpu }: Measured) =>
  `${value.toFixed(0)}/s, p50 ${ms(p50)}, p99 ${ms(p99)}, ${cpu.toFixed(2)} ms CPU`;
const times = ({ p50, p99 }: Measured) => `p50 ${ms(p50)}, p99 ${ms(p99)}`;

/** The first page of each library against bare Yoga, and against the first page of the smallest library. */
async function measurePages(
  bare: Server,
  libraries: readonly Library[],
  options: Options,
): Promise<Figure[]> {
  const floor = { name: "bare", server: bare, query: "{ __typename }" };
  const pages = libraries.map(({ entities, server }) => ({
    name: sizeName(entities),
    server,
    query: firstPage,
  }));
  const { rounds: count, roundSeconds: seconds } = options;
  const rounds = await compete([floor, ...pages], { rounds: count, seconds, connections: 16 });
  const measured = (name: string) => perSecond(summary(rounds.get(name)));
  const rate = ({ perSecond: value }: Measured) => value;
  const cost = (one: Measured) => 1 / one.perSecond;

  const [smallest] = pages;
  const against = pages.map(({ name }) => ({
    work: `page of 20, 12 fields, totals, ${name} entities`,
    measured: measured(name),
    floor: `bare Yoga: ${measured("bare")}`,
    ratio: ratioOf(rounds, name, "bare", rate),
    goal: atLeast(0.5),
  }));
  const growth = pages.slice(1).map(({ name }) => ({
    work: `cost of that page, ${smallest!.name} → ${name} entities`,
    measured: measured(name),
    floor: `${smallest!.name}: ${measured(smallest!.name)}`,
    ratio: ratioOf(rounds, name, smallest!.name, cost),
    goal: atMost(1.2),
  }));
  return [...against, ...growth];
}

/** Pages that cost more than the first one, on one connection: a queue would hide which of them is slow. */
async function measureFarPages({ entities, server }: Library, options: Options): Promise<Figure[]> {
  const works: readonly (Contestant & { goal: Goal })[] = [
    {
      name: "page at 90 % depth",
      server,
      query: pageQuery(`(offset: ${Math.floor(entities * 0.9)})`),
      goal: atMost(3),
    },
    { name: "search, rare word", server, query: pageQuery(`(search: "${rareWord}")`), goal: atMost(2) },
    { name: "search, common word", server, query: pageQuery(`(search: "${commonWord}")`), goal: atMost(2) },
  ];
  for (const { query } of works) await ask(server.url, query);
  const first = { name: "first page", server, query: firstPage };
  const { rounds: count, roundSeconds: seconds } = options;
  const rounds = await compete([first, ...works], { rounds: count, seconds, connections: 1 });
  return works.map(({ name, goal }) => ({
    work: `${name}, ${sizeName(entities)} entities`,
    measured: times(summary(rounds.get(name))),
    floor: `first page: ${times(summary(rounds.get(first.name)))}`,
    ratio: ratioOf(rounds, name, first.name, ({ p50 }) => p50),
    goal,
    growth: { work: name, entities, ms: summary(rounds.get(name)).p50 },
  }));
}

/** @param libraries smallest first. */
export async function measurePageRows(
  bare: Server,
  libraries: readonly Library[],
  options: Options,
): Promise<Finding> {
  for (const { server } of libraries) await ask(server.url, firstPage);
  const figures = await measurePages(bare, libraries, options);
  for (const library of libraries) figures.push(...(await measureFarPages(library, options)));
  return {
    figures,
    notes: [
      `Pages: \`{ entities { items { 12 fields } pagination { totalItems totalPages hasNext } } }\` by POST, ` +
        `16 connections of autocannon in the process of the bench, \`node dist/main.js\` with RESPONSE_CACHE_BYTES_MAX=0, so that every page is made; ` +
        `${options.rounds} rounds of ${options.roundSeconds} s, every contestant in turn. ` +
        `Bare Yoga answers \`{ __typename }\` on node:http in a process of its own.`,
      `Depth and search: the same page with totals on one connection, compared by p50. ` +
        `The rare word is in 10 rows, the common one in a fifth of them.`,
      `Libraries are seeded by bench/seed.ts: collections on three levels, 5 % in the trash, years of dates.`,
    ],
  };
}
