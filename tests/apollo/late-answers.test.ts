import { gql, type ApolloClient, type DocumentNode, type TypedDocumentNode } from "@apollo/client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  createCollection,
  EntitiesByCursorDocument,
  EntitiesDocument,
  followChanges,
  updateEntity,
} from "../../apollo/index.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { openClient } from "./support.ts";

// Seen: a query's answer that came after a change which the client had heard of, and was read before it, was written
// over the newer state: five of five lists stayed without what their own user had created.

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

/** Lets an answer through when it is told to. */
class Gate {
  readonly #isHeld: (body: string) => boolean;
  #waiting: (() => void)[] = [];
  #told: (() => void)[] = [];
  held = 0;

  constructor(isHeld: (body: string) => boolean) {
    this.#isHeld = isHeld;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (typeof init?.body !== "string" || !this.#isHeld(init.body)) return response;
    // The answer has been read by the server, and is on its way.
    const text = await response.text();
    this.held++;
    for (const tell of this.#told.splice(0)) tell();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return new Response(text, response);
  };

  /** Settles when an answer waits. */
  async arrived(): Promise<void> {
    if (this.#waiting.length === 0) await new Promise<void>((resolve) => this.#told.push(resolve));
  }

  open(): void {
    for (const pass of this.#waiting.splice(0)) pass();
  }
}

const isQuery = (body: string) => !body.includes("mutation ");

/** A client whose first answer to a query waits. */
function openLate() {
  const gate: Gate = new Gate((body) => isQuery(body) && gate.held === 0);
  return { gate, ...openClient(server, { fetch: gate.fetch }) };
}

const TOTALS = gql`
  query {
    stats {
      collections
    }
    entities(limit: 1) {
      pagination {
        totalItems
      }
      facets(fields: [TYPE]) {
        field
      }
    }
  }
`;

const LISTS: Readonly<Record<string, readonly [DocumentNode, Record<string, unknown>]>> = {
  "in the usual order": [EntitiesDocument, {}],
  "by label": [EntitiesDocument, { orderBy: [{ label: "ASC" }] }],
  "of a filter": [EntitiesDocument, { filter: { label: { contains: "late" } } }],
  "by cursors": [EntitiesByCursorDocument, { orderBy: [{ label: "ASC" }] }],
  "with totals of one's own": [TOTALS, {}],
};

async function sameAsServer(client: ApolloClient, query: DocumentNode, variables: Record<string, unknown>) {
  const shown = await client.query({ query, variables });
  const said = await client.query({ query, variables, fetchPolicy: "no-cache" });
  expect(shown.data).toEqual(said.data);
}

describe.each(Object.keys(LISTS))(
  "an answer of a list %s that is older than what the client did meanwhile",
  (name) => {
    const [query, variables] = LISTS[name]!;

    test("is asked for again, once", async () => {
      const { client, gate } = openLate();
      const answer = client.query({ query, variables });
      await gate.arrived();
      await createCollection(client, { label: `late ${name}` });
      gate.open();
      await answer;
      await sameAsServer(client, query, variables);
    });
  },
);

test("an answer that is older than what others did is asked for again too", async () => {
  const { client, gate } = openLate();
  const mine = openClient(server).client;
  const heard = new Promise<void>((resolve) => {
    const stop = followChanges(client, {
      after: "T0",
      onChanges: (changes) => {
        if (changes.some(({ label }) => label === "by another")) resolve();
      },
    });
    onTestFinished(stop);
  });
  const answer = client.query({ query: EntitiesDocument });
  await gate.arrived();
  await createCollection(mine, { label: "by another" });
  await heard;
  gate.open();
  await answer;
  await sameAsServer(client, EntitiesDocument, {});
});

test("an answer that is not older is taken as it is", async () => {
  const { client, requests } = openClient(server);
  await createCollection(client, { label: "before" });
  const before = requests();
  await client.query({ query: EntitiesDocument });
  expect(requests()).toBe(before + 1);
});

test("where every response is too old, the last one is shown, and corrected when the writes pause", async () => {
  const gate: Gate = new Gate(isQuery);
  const { client } = openClient(server, { fetch: gate.fetch });
  const shown: number[] = [];
  const watching = client.watchQuery({ query: EntitiesDocument }).subscribe(({ data, dataState }) => {
    if (dataState === "complete") shown.push(data.entities.pagination.totalItems);
  });
  onTestFinished(() => {
    watching.unsubscribe();
  });
  for (let attempt = 1; attempt <= 4; attempt++) {
    await expect.poll(() => gate.held, { timeout: 30_000 }).toBe(attempt);
    await createCollection(client, { label: `again ${attempt}` });
    gate.open();
  }
  await expect.poll(() => shown.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await expect.poll(() => gate.held, { timeout: 30_000 }).toBe(5);
  gate.open();
  const total = await totalOf();
  await expect.poll(() => shown.at(-1), { timeout: 30_000 }).toBe(total);
});

async function totalOf(): Promise<number> {
  const { data } = await openClient(server).client.query({ query: EntitiesDocument });
  return data!.entities.pagination.totalItems;
}

test("a mutation's answer that a later change has overtaken does not bring the earlier state back", async () => {
  const other = openClient(server).client;
  const { entity } = await createCollection(other, { label: "first" });
  const gate: Gate = new Gate((body) => body.includes("mutation ") && gate.held === 0);
  const { client } = openClient(server, { fetch: gate.fetch });
  const LABEL = gql`
    query ($id: ID!) {
      entity(id: $id) {
        id
        version
        label
      }
    }
  ` as TypedDocumentNode<{ entity: { label: string } }, { id: string }>;
  await client.query({ query: LABEL, variables: { id: entity.id } });
  const heard = new Promise<void>((resolve) => {
    const stop = followChanges(client, {
      after: "T0",
      onChanges: (changes) => {
        if (changes.some(({ label }) => label === "third")) resolve();
      },
    });
    onTestFinished(stop);
  });
  const mine = updateEntity(client, entity.id, { label: "second" });
  await gate.arrived();
  await updateEntity(other, entity.id, { label: "third" });
  await heard;
  gate.open();
  await mine;
  const { data } = await client.query({ query: LABEL, variables: { id: entity.id } });
  expect(data?.entity.label).toBe("third");
});
