import { joinSignals } from "../src/signals.ts";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";

/** Requests of one kind, all of them within the limits that are told before an operation is answered. */
export interface Attack {
  readonly name: string;
  /** @returns how it ended: a code, or the bytes of the answer. */
  run(url: string, signal: AbortSignal): Promise<string>;
}

const chainDepth = 256;

/** Sends an operation; the answer's text. */
export async function ask(
  url: string,
  query: string,
  variables: object = {},
  signal?: AbortSignal,
): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, variables }),
    ...(signal == null ? {} : { signal }),
  });
  return await response.text();
}

/** Collections in one another, the lowest of which is the newest. */
export async function makeChain(url: string): Promise<void> {
  let parentId: string | null = null;
  for (let level = 0; level < chainDepth; level++) {
    const create = `mutation ($parentId: ID) { createCollection(input: { label: "deep", parentId: $parentId }) { entity { id } } }`;
    // The mutation's own selection.
    const { data } = JSON.parse(await ask(url, create, { parentId })) as {
      data: { createCollection: { entity: { id: string } } };
    };
    parentId = data.createCollection.entity.id;
  }
}

/** The first code of the errors, else how long the answer is. */
function outcomeOf(text: string): string {
  const { errors } = JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] };
  return errors?.[0]?.extensions?.code ?? `answered, ${(text.length / 1024 ** 2).toFixed(1)} MiB`;
}

const newest = async (url: string): Promise<string> => {
  const { data } = JSON.parse(await ask(url, `{ entities(limit: 1) { items { id } } }`)) as {
    data: { entities: { items: { id: string }[] } };
  };
  return data.entities.items[0]!.id;
};

const fields =
  "id label originalName md5 sha256 fileUrl mimeType addedAt updatedAt capturedAt filePath description extension " +
  "fileSize width height entityId version isDeleted parentId type captured { local instant offset } " +
  "camera { make model } location { latitude longitude } thumbnail { url width height }";

const query =
  (text: string): Attack["run"] =>
  async (url, signal) =>
    outcomeOf(await ask(url, text, {}, signal));

const circles = (count: number) => ({
  OR: Array.from({ length: count }, (_, at) => ({
    location: { near: { latitude: -80 + at / 50, longitude: -170 + at / 100, radiusMetres: 1 } },
  })),
});

/** A feed from the beginning, with a filter that nothing meets: it ends when the first event or error comes, or at rest. */
async function replay(url: string, signal: AbortSignal): Promise<string> {
  const client = createClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
  const subscription = `subscription ($filter: EntityFilter) { entityChanged(afterTransactionId: "0", filter: $filter) { entityId } }`;
  const variables = { filter: circles(490) };
  const first = (async () => {
    for await (const result of client.iterate({ query: subscription, variables }))
      return outcomeOf(JSON.stringify(result));
    return "ended";
  })().catch((error: unknown) => `refused: ${JSON.stringify(error).slice(0, 60)}`);
  const aborted = new Promise<string>((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      reject(new Error("aborted"));
    });
  });
  // A change that meets the filter nowhere comes last: others are answered meanwhile, and then the feed is at rest.
  const quiet = (async () => {
    for (let still = 0; still < 5 && !signal.aborted;) {
      const begunAt = performance.now();
      await fetch(url.replace("/graphql", "/livez"), { signal });
      still = performance.now() - begunAt < 400 ? still + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    return "goes on";
  })();
  try {
    return await Promise.race([first, aborted, quiet]);
  } finally {
    void client.dispose();
  }
}

/** Six requests of 199 slow filters each; what another waits for its search. */
async function starve(url: string, signal: AbortSignal): Promise<string> {
  const ending = new AbortController();
  const aliases = Array.from(
    { length: 199 },
    (_, at) => `a${at}: entities(filter: $filter, offset: ${at + 1}, limit: 1) { items { id } }`,
  ).join(" ");
  const greedy = Array.from({ length: 6 }, (_, one) => {
    const filter = {
      OR: Array.from({ length: 400 }, (_none, at) => ({ originalName: { contains: `zq${one}x${at}` } })),
    };
    const signals = joinSignals([signal, ending.signal]).signal;
    return ask(url, `query ($filter: EntityFilter) { ${aliases} }`, { filter }, signals).catch(() => "");
  });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const begunAt = performance.now();
  const other = await ask(
    url,
    `{ entities(search: "porto", filter: { label: { contains: "q" } }) { pagination { totalItems } } }`,
    {},
    signal,
  );
  const waited = performance.now() - begunAt;
  ending.abort();
  await Promise.all(greedy);
  return `another waited ${(waited / 1000).toFixed(1)} s: ${outcomeOf(other)}`;
}

export const attacks: readonly Attack[] = [
  {
    name: "ids of the pages below every day",
    run: query(`{ timeline(unit: DAY) { cover { parent { children(limit: 100) { items { id } } } } } }`),
  },
  {
    name: "pages below 1000 known hashes",
    run: async (url, signal) => {
      const md5: string[] = [];
      for (let offset = 0; md5.length < 1_000; offset += 100) {
        const page = `{ entities(limit: 100, offset: ${offset}, filter: { isCollection: false }) { items { md5 } } }`;
        const { data } = JSON.parse(await ask(url, page)) as {
          data: { entities: { items: { md5: string }[] } };
        };
        md5.push(...data.entities.items.map((item) => item.md5));
      }
      const known = `query ($md5: [String!]!) { knownHashes(md5: $md5) { entity { parent { children(limit: 100) { items { id label originalName } } } } } }`;
      return outcomeOf(await ask(url, known, { md5 }, signal));
    },
  },
  {
    name: "ancestors of ancestors of ancestors",
    run: async (url, signal) => {
      const nested = `query ($id: ID!) { entity(id: $id) { ancestors { ancestors { ancestors { id } } } } }`;
      return outcomeOf(await ask(url, nested, { id: await newest(url) }, signal));
    },
  },
  { name: "a page's ancestors", run: query(`{ entities(limit: 100) { items { ancestors { id } } } }`) },
  { name: "a feed by 490 circles", run: replay },
  { name: "six requests of 199 slow filters", run: starve },
  {
    name: "all fields of the pages below every day",
    run: query(
      `{ timeline(unit: DAY) { cover { parent { children(limit: 100) { items { ${fields} } } } } } }`,
    ),
  },
];
