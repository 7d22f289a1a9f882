import { parseTransactionId } from "../../src/database/model/ids.ts";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { startSharedServer, type TestServer } from "../support/server.ts";

// With a steady writer, a page of transactions had another total than its newest id in 18 of 48 answers, and an entity
// was at version 57 in one field and at 58 in the next: each statement saw the newest commit of its own moment.

let server: TestServer & { stop(): Promise<void> };
let id: string;

interface Answer {
  readonly data: Read;
  readonly errors?: unknown;
  readonly extensions: { readonly transactionId: string };
}
interface Version {
  readonly version: number;
  readonly label: string;
}
interface Read {
  readonly entity: Version & { readonly versions: { items: Version[]; pagination: { totalItems: number } } };
  readonly found: { readonly items: Version[] };
  readonly words: { readonly items: { readonly entity: Version }[] };
  readonly transactions: { items: { id: string }[]; pagination: { totalItems: number } };
  readonly stats: { transactions: number; versions: number; entities: number };
  readonly timeline: { count: number }[];
  readonly all: { pagination: { totalItems: number }; facets: { buckets: { count: number }[] }[] };
}

const query = /* GraphQL */ `
  query Moment($id: ID!) {
    entity(id: $id) {
      version
      label
      versions(limit: 1) {
        items {
          version
          label
        }
        pagination {
          totalItems
        }
      }
    }
    words: search(text: "steady") {
      items {
        entity {
          version
          label
        }
      }
    }
    found: entities(filter: { id: { equals: $id }, label: { startsWith: "steady" } }) {
      items {
        version
        label
      }
    }
    all: entities(filter: { label: { contains: "e" } }) {
      pagination {
        totalItems
      }
      facets(fields: [PARENT]) {
        buckets {
          count
        }
      }
    }
    stats {
      transactions
      versions
      entities
    }
    transactions(limit: 1) {
      items {
        id
      }
      pagination {
        totalItems
      }
    }
  }
`;

const post = async (body: object): Promise<Answer> => {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Answer;
};

beforeAll(async () => {
  server = await startSharedServer({ env: { OPERATIONS_PER_MINUTE_MAX: "0" } });
  const made = (await post({
    query: `mutation { createCollection(input: { label: "steady 1" }) { entity { id } } }`,
  })) as unknown as { data: { createCollection: { entity: { id: string } } } };
  id = made.data.createCollection.entity.id;
});
afterAll(() => server.stop());

let written = 1;

/** Writes until it is told to stop; each transaction is one version of the entity, so all its numbers go together. */
function startWriter() {
  let isOver = false as boolean;
  const writing = (async () => {
    while (!isOver) {
      const n = ++written;
      await post({
        query: `mutation { updateEntity(id: ${id}, input: { label: "steady ${n}" }) { transaction { id } } }`,
      });
    }
  })();
  return async () => {
    isOver = true;
    await writing;
  };
}

/** What an answer says of the number of transactions, everywhere the same when it was read at one moment. */
const momentsOf = ({ data, extensions }: Answer) => ({
  told: parseTransactionId(extensions.transactionId),
  newest: parseTransactionId(data.transactions.items[0]!.id),
  total: data.transactions.pagination.totalItems,
  stats: data.stats.transactions,
  versions: data.stats.versions,
  version: data.entity.version,
  label: Number(data.entity.label.split(" ")[1]),
  kept: data.entity.versions.pagination.totalItems,
  latest: data.entity.versions.items[0]!.version,
  found: data.found.items[0]!.version,
  word: data.words.items[0]!.entity.version,
});

const contradictions = (answers: readonly Answer[]) =>
  answers.map(momentsOf).filter((moments) => new Set(Object.values(moments)).size > 1);

const variables = () => ({ id });
const asked = 60;

test("over HTTP, everything that an operation reads is of the moment that the response names", async () => {
  const stop = startWriter();
  const answers: Answer[] = [];
  for (let round = 0; round < asked / 3; round++)
    answers.push(...(await Promise.all([1, 2, 3].map(() => post({ query, variables: variables() })))));
  await stop();
  expect(answers.filter(({ errors }) => errors != null)).toEqual([]);
  expect(contradictions(answers)).toEqual([]);
  const told = new Set(answers.map(({ extensions }) => extensions.transactionId));
  expect(told.size, "somebody wrote meanwhile").toBeGreaterThan(asked / 6);
});

test("over WebSocket as well", async () => {
  const client = createClient({
    url: `${server.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
  });
  const ask = () =>
    new Promise<Answer>((resolve, reject) => {
      client.subscribe(
        { query, variables: variables() },
        {
          next: (answer) => {
            resolve(answer as unknown as Answer);
          },
          error: reject,
          complete: () => undefined,
        },
      );
    });
  const stop = startWriter();
  const answers: Answer[] = [];
  for (let round = 0; round < asked / 3; round++) answers.push(...(await Promise.all([ask(), ask(), ask()])));
  await stop();
  await client.dispose();
  expect(contradictions(answers)).toEqual([]);
});

test("a GET, an event stream and a mutation tell it, the mutation its own", async () => {
  const url = `${server.url}/graphql`;
  const now = (await post({ query: "{ __typename }" })).extensions.transactionId;
  const got = await fetch(`${url}?query=%7B__typename%7D`, { headers: { "apollo-require-preflight": "1" } });
  expect(((await got.json()) as Answer).extensions.transactionId).toBe(now);
  const stream = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  expect(await stream.text()).toContain(`"transactionId":"${now}"`);
  const missing = await post({ query: `{ snapshot(at: { transactionId: "999999" }) { at } }` });
  expect(missing).toMatchObject({ errors: [{}], extensions: { transactionId: now } });
  const written = await post({
    query: `mutation { a: createCollection(input: { label: "a" }) { transaction { id } }
                       b: createCollection(input: { label: "b" }) { transaction { id } } }`,
  });
  const { b } = written.data as unknown as { b: { transaction: { id: string } } };
  expect(written.extensions.transactionId).toBe(b.transaction.id);
  expect((await post({ query: "{ __typename }" })).extensions.transactionId).toBe(b.transaction.id);
});
