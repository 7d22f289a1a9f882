import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "../src/database/sql.ts";
import { openDatabase } from "../src/database/sqlite/database.ts";
import { listFields } from "./introspection.ts";
import { applyLoad, ask, summary, type Measured } from "./load.ts";
import { median } from "./median.ts";
import type { Options } from "./options.ts";
import { firstPage, pastPage } from "./page.ts";
import { atMost, ms, sizeName, type Figure, type Finding, type Goal } from "./report.ts";
import { startStore, type Server } from "./server.ts";
import { words } from "./shots.ts";

interface Library {
  readonly path: string;
  readonly entities: number;
}

/** A question that is asked again and again, on one connection. */
interface Question {
  readonly work: string;
  readonly query: string;
  /** The field that the schema must have. */
  readonly needs: string;
  /** Against the first page's p50; or a limit for p99 in milliseconds. */
  readonly goal: Goal | number;
}

const facets = `{ entities(limit: 1) { facets(fields: [TYPE, YEAR, CAMERA_MODEL]) { field buckets { value count } } } }`;
const timeline = `{ timeline(unit: MONTH) { key count } }`;
const connection = (args: string) =>
  `{ entitiesConnection(${args}) { edges { cursor node { id label } } pageInfo { hasNextPage endCursor } totalCount } }`;

/** The middle of the seeded years. */
const middle = "2019-04-01T00:00:00Z";

const fixed: readonly Question[] = [
  { work: "first page", query: firstPage, needs: "Query.entities", goal: 20 },
  {
    work: "snapshot of half way, page of 20",
    query: pastPage(middle),
    needs: "Query.snapshot",
    goal: atMost(2),
  },
  {
    work: "snapshot of now, page of 20",
    query: pastPage("2999-01-01T00:00:00Z"),
    needs: "Query.snapshot",
    goal: atMost(2),
  },
  {
    work: "connection, last page",
    query: connection("last: 20"),
    needs: "Query.entitiesConnection",
    goal: atMost(2),
  },
  ...Object.entries(words).map(([word, every]) => ({
    work: `search, word of ${100 / every} %`,
    query: `{ search(text: "${word}") { items { score entity { id label } } pagination { totalItems } } }`,
    needs: "Query.search",
    goal: 20,
  })),
];

const absent = (work: string, goal: Goal): Figure => ({
  ...{ work, goal, measured: "", floor: "", ratio: NaN },
});

const times = ({ p50, p99 }: Measured) => `p50 ${ms(p50)}, p99 ${ms(p99)}`;
const limitGoal = atMost(1);

/** What is dear is asked less often. */
async function amountFor({ url }: Server, query: string, seconds: number): Promise<number> {
  const startedAt = performance.now();
  await ask(url, query);
  return Math.max(
    10,
    Math.min(100 * seconds, Math.round((1000 * seconds) / (performance.now() - startedAt))),
  );
}

async function measureQuestions(
  server: Server,
  { entities }: Library,
  fields: ReadonlySet<string>,
  { rounds, roundSeconds }: Options,
): Promise<Figure[]> {
  const there = fixed.filter(({ needs }) => fields.has(needs));
  const found = new Map<string, Measured[]>(there.map(({ work }) => [work, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { work, query } of there) {
      const until = { amount: await amountFor(server, query, roundSeconds) };
      const measured = await applyLoad({ server, query, connections: 1, until });
      if (round > 0) found.get(work)?.push(measured);
    }
  }
  const first = found.get("first page") ?? [];
  return fixed.map(({ work, goal }) => {
    const title = `${work}, ${sizeName(entities)} entities`;
    const isLimit = typeof goal === "number";
    const mine = found.get(work);
    if (mine == null) return absent(title, isLimit ? limitGoal : goal);
    const ratios = mine.map(({ p50, p99 }, index) => (isLimit ? p99 / goal : p50 / first[index]!.p50));
    return {
      work: title,
      measured: times(summary(mine)),
      floor: isLimit ? `p99 of ${goal} ms` : `first page: ${times(summary(first))}`,
      ratio: median(ratios),
      goal: isLimit ? limitGoal : goal,
      growth: { work, entities, ms: summary(mine).p50 },
    };
  });
}

/** Something that is dear once after each change of the library, and must be cheap from then on. */
interface Costly {
  readonly work: string;
  readonly query: string;
  readonly needs: string;
  /** Milliseconds. */
  readonly firstMax: number;
  readonly againMax: number;
}

const costly: readonly Costly[] = [
  { work: "facets of 3 fields", query: facets, needs: "EntityPage.facets", firstMax: 300, againMax: 5 },
  { work: "timeline by month", query: timeline, needs: "Query.timeline", firstMax: 50, againMax: 5 },
];

const timeOf = async (url: string, query: string): Promise<number> => {
  const startedAt = performance.now();
  await ask(url, query);
  return performance.now() - startedAt;
};

async function measureCostly(
  { url }: Server,
  { entities }: Library,
  fields: ReadonlySet<string>,
  rounds: number,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { work, query, needs, firstMax, againMax } of costly) {
    const parts = { "after a change": [] as number[], "asked again": [] as number[] };
    for (let round = 0; fields.has(needs) && round <= rounds; round++) {
      await ask(
        url,
        `mutation { updateEntity(id: 1, input: { label: "${work} ${round}" }) { entity { id } } }`,
      );
      parts["after a change"].push(await timeOf(url, query));
      for (let count = 0; count < 20; count++) parts["asked again"].push(await timeOf(url, query));
    }
    for (const [part, found] of Object.entries(parts)) {
      const limit = part === "asked again" ? againMax : firstMax;
      const title = `${work}, ${part}, ${sizeName(entities)} entities`;
      figures.push(
        found.length === 0
          ? absent(title, limitGoal)
          : {
              work: title,
              measured: ms(median(found)),
              floor: `${limit} ms`,
              ratio: median(found) / limit,
              goal: limitGoal,
              growth: { work: `${work}, ${part}`, entities, ms: median(found) },
            },
      );
    }
  }
  return figures;
}

/** Bytes of the database for each entity, without what exiftool said of its file. */
async function measureBytes({ path, entities }: Library): Promise<Figure> {
  const { size } = await stat(path);
  const database = openDatabase(path);
  try {
    const row = database.reader.get<{ bytes: number }>(
      sql`SELECT COALESCE(SUM(length("metadata")), 0) AS "bytes" FROM "Original"`,
    );
    const bytes = (size - (row?.bytes ?? 0)) / entities;
    return {
      work: `database beyond metadata, ${sizeName(entities)} entities`,
      measured: `${bytes.toFixed(0)} bytes an entity`,
      floor: "1000 bytes",
      ratio: bytes / 1000,
      goal: limitGoal,
    };
  } finally {
    database.close();
  }
}

/** Questions to libraries of each size, past the cache of answers. */
export async function measureAsking(
  dir: string,
  libraries: readonly Library[],
  options: Options,
): Promise<Finding> {
  const { rounds, roundSeconds } = options;
  const figures: Figure[] = [];
  for (const library of libraries) {
    // Facets are measured after changes, which a library that is kept must not have.
    const path = join(dir, `asking-${library.entities}.db`);
    await copyFile(library.path, path);
    const settings = { RESPONSE_CACHE_BYTES_MAX: "0" };
    const server = await startStore(join(dir, `asking-${library.entities}`), path, settings);
    try {
      const fields = await listFields(server.url);
      figures.push(...(await measureQuestions(server, library, fields, options)));
      figures.push(...(await measureCostly(server, library, fields, rounds)));
    } finally {
      await server.stop();
    }
    figures.push(await measureBytes(library));
  }
  return {
    figures,
    notes: [
      `Asking: one connection, RESPONSE_CACHE_BYTES_MAX=0, ${100 * roundSeconds} requests or ${roundSeconds} s in each of ${rounds} rounds, all ` +
        `questions in turn. Snapshots are pages like the first one, with totals; their floor is the live first page. Words ` +
        `of 0.1, 1 and 10 % are in every thousandth, hundredth and tenth entity's keywords.`,
      `Facets of type, year and camera model, and the timeline: the first answer after an update of one entity, and the next ` +
        `20; medians. "not there" is what this program's schema does not have.`,
    ],
  };
}
