import { createClient } from "graphql-ws";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type { ReadOptions } from "../../src/database/reader.ts";
import type { Query } from "../../src/database/sql.ts";
import { addCollection } from "../support/library.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";

// Seen: a client that said `complete` got no answer, and the query went on to its end all the same.

let server: TestServer;
beforeAll(async () => {
  // Only the client ends a query here, not the limit of its time.
  server = await startSharedServer({ env: { ANSWER_TIMEOUT_MS: "600000" } });
  await addCollection(server, "one");
});
afterAll(() => server.stop());

const query = "{ transactions { items { id changes { items { id } } } } }";

/** Lets the query's first reading wait until its signal ends it, or it is let go. */
function holdReading() {
  const { reader } = server.app.deps.db;
  const read = reader.all.bind(reader);
  const queries: string[] = [];
  let began: (signal: AbortSignal) => void;
  let go: () => void;
  const begun = new Promise<AbortSignal>((resolve) => (began = resolve));
  const going = new Promise<void>((resolve) => (go = resolve));
  let done: () => void;
  const over = new Promise<void>((resolve) => (done = resolve));
  const spy = vi
    .spyOn(reader, "all")
    .mockImplementation(async <Row>(query: Query, options: ReadOptions = {}): Promise<Row[]> => {
      queries.push(query.sql);
      if (options.cost !== "scan") return read(query, options);
      began(options.signal!);
      await going;
      try {
        return await read(query);
      } finally {
        done();
      }
    });
  /** Settles when it has read. */
  const letGo = async () => {
    go();
    await over;
  };
  return {
    begun,
    queries,
    go: letGo,
    restore: () => {
      spy.mockRestore();
    },
  };
}

// Not lazy: a lazy client closes its connection with its last operation, which would end the query as well.
const open = () =>
  createClient({ url: `${server.url.replace("http", "ws")}/graphql`, webSocketImpl: WebSocket, lazy: false });

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        "abort",
        () => {
          resolve();
        },
        { once: true },
      );
  });

/** The answer of a query, on a connection of which others know. */
const ask = (client: ReturnType<typeof open>, text: string) =>
  new Promise<unknown>((resolve, reject) => {
    client.subscribe({ query: text }, { next: resolve, error: reject, complete: () => undefined });
  });

test("a query over WebSocket that its client completes stops reading, and resolves nothing more", async () => {
  const held = holdReading();
  const client = open();
  try {
    const never = () => expect.unreachable("nobody waits for an answer");
    const cancel = client.subscribe({ query }, { next: never, error: never, complete: () => undefined });
    const signal = await held.begun;
    expect(signal.aborted).toBe(false);
    cancel();
    await aborted(signal);
    const before = held.queries.length;
    await held.go();
    // The connection stays, and answers what comes after.
    expect(await ask(client, "{ stats { transactions } }")).toMatchObject({
      data: { stats: { transactions: 1 } },
    });
    expect(held.queries.slice(before).filter((statement) => statement.includes('"EntityVersion" v'))).toEqual(
      [],
    );
  } finally {
    held.restore();
    await client.dispose();
  }
});

test("a query over WebSocket ends with its connection", async () => {
  const held = holdReading();
  const client = open();
  try {
    client.subscribe({ query }, { next: () => undefined, error: () => undefined, complete: () => undefined });
    const signal = await held.begun;
    expect(signal.aborted).toBe(false);
    client.terminate();
    await aborted(signal);
    await held.go();
  } finally {
    held.restore();
    await client.dispose();
  }
});

test("only the operation that was completed ends, not another one of the connection", async () => {
  const held = holdReading();
  const client = open();
  try {
    const answer = ask(client, query);
    const signal = await held.begun;
    const cancel = client.subscribe(
      { query: "subscription { entityChanged { id } }" },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    await ask(client, "{ __typename }");
    cancel();
    await ask(client, "{ __typename }");
    expect(signal.aborted).toBe(false);
    await held.go();
    expect(await answer).toMatchObject({ data: { transactions: { items: [{ id: "T1" }] } } });
  } finally {
    held.restore();
    await client.dispose();
  }
});

test("a mutation that its client completes is carried out to its end", async () => {
  const client = open();
  try {
    const mutation = `mutation {
      a: createCollection(input: { label: "first" }) { entity { id } }
      b: createCollection(input: { label: "second" }) { entity { id } }
    }`;
    const cancel = client.subscribe(
      { query: mutation },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    const find = `{ entities(filter: { label: { in: ["first", "second"] } }) { pagination { totalItems } } }`;
    const total = async () =>
      ((await ask(client, find)) as { data: { entities: { pagination: { totalItems: number } } } }).data
        .entities.pagination.totalItems;
    await expect.poll(total, { timeout: 30_000 }).toBeGreaterThan(0);
    cancel();
    await expect.poll(total, { timeout: 30_000 }).toBe(2);
  } finally {
    await client.dispose();
  }
});
