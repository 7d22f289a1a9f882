import type { ApolloClient } from "@apollo/client";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  EntitiesDocument,
  EntityChangesDocument,
  followChanges,
  moveEntities,
  softDeleteEntities,
  type EntityChange,
} from "../../apollo/index.ts";
import { addCollection } from "../support/library.ts";
import { freePort } from "../../scripts/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openClient } from "./support.ts";

const labelsOf = async (client: ApolloClient, isFresh = false) => {
  const fetchPolicy = isFresh ? "no-cache" : "cache-first";
  const { data } = await client.query({ query: EntitiesDocument, variables: { limit: 50 }, fetchPolicy });
  return data!.entities.items.map(({ label }) => label);
};

/** What a client that shows the list has on its screen, and what it heard of. */
async function follow(server: TestServer, transport: "sse" | "websocket") {
  const { client, requests } = openClient(server, { transport });
  let shown: (string | null)[] = [];
  const watching = client
    .watchQuery({ query: EntitiesDocument, variables: { limit: 50 } })
    .subscribe(({ data, dataState }) => {
      if (dataState === "complete") shown = data.entities.items.map(({ label }) => label);
    });
  await client.query({ query: EntitiesDocument, variables: { limit: 50 } });
  const heard: EntityChange[] = [];
  const errors: Error[] = [];
  let stop = () => {};
  await new Promise<void>((resolve) => {
    stop = followChanges(client, {
      groupMs: 1,
      onBegin: resolve,
      onChanges: (changes) => heard.push(...changes),
      onError: (error) => errors.push(error),
    });
  });
  const end = () => {
    stop();
    watching.unsubscribe();
  };
  onTestFinished(end);
  return { client, requests, shown: () => shown, heard, errors, end };
}

describe.each(["sse", "websocket"] as const)("over %s", (transport) => {
  test("what others change is shown, without asking for the list again where it can be judged", async () => {
    const server = await startServer();
    const ids: string[] = [];
    for (const label of ["a", "b", "c"]) ids.push(await addCollection(server, label));
    const here = await follow(server, transport);
    const there = openClient(server).client;
    await softDeleteEntities(there, [ids[1]!]);
    await expect.poll(() => here.heard.length).toBeGreaterThan(0);
    await expect.poll(here.shown).toEqual(["c", "a"]);
    const before = here.requests();
    await softDeleteEntities(there, [ids[0]!]);
    await expect.poll(here.shown).toEqual(["c"]);
    expect(here.requests()).toBe(before);
    await moveEntities(there, [ids[2]!], null);
    await addCollection(server, "d");
    await expect.poll(here.shown).toEqual(["d", "c"]);
    expect(here.errors).toEqual([]);
  });

  test("after an interruption it goes on with what was missed", async () => {
    const port = String(await freePort());
    const server = await startServer({ env: { PORT: port } });
    const first = await addCollection(server, "first");
    const here = await follow(server, transport);
    await addCollection(server, "one more");
    await expect.poll(() => here.heard.length).toBeGreaterThan(0);
    const again = await server.restart();
    await softDeleteEntities(openClient(again).client, [first]);
    await addCollection(again, "missed");
    await expect.poll(here.shown).toContain("missed");
    expect(here.shown()).not.toContain("first");
    expect(here.shown()).toEqual(await labelsOf(here.client, true));
    expect(here.errors.length).toBeGreaterThan(0);
    // None twice, none left out.
    const versions = here.heard.map(({ id }) => id);
    expect(versions.filter((id) => id.startsWith(`${first}@`))).toEqual([`${first}@2`]);
  });

  test("ends when it is closed, and reports nothing more", async () => {
    const server = await startServer();
    const here = await follow(server, transport);
    await addCollection(server, "a");
    await expect.poll(() => here.heard.length).toBeGreaterThan(0);
    here.end();
    const before = here.heard.length;
    const other = await follow(server, transport);
    await addCollection(server, "b");
    await expect.poll(() => other.heard.length).toBeGreaterThan(0);
    expect(here.heard).toHaveLength(before);
  });

  test("a subscription of anybody's own ends with an error that has its code", async () => {
    const server = await startServer();
    const { client } = openClient(server, { transport });
    const variables = { afterTransactionId: "never" };
    const failure = await new Promise<unknown>((resolve) => {
      client.subscribe({ query: EntityChangesDocument, variables }).subscribe(({ error }) => {
        resolve(error);
      });
    });
    expect(failure).toMatchObject({ errors: [{ extensions: { code: expect.any(String) as string } }] });
  });
});

test("one's own changes, heard again by the subscription, are not made twice", async () => {
  const server = await startServer();
  const ids: string[] = [];
  for (const label of ["a", "b", "c"]) ids.push(await addCollection(server, label));
  const { client, heard, shown, requests } = await follow(server, "sse");
  await addCollection(server, "x");
  await expect.poll(shown).toEqual(["x", "c", "b", "a"]);
  const before = requests();
  await softDeleteEntities(client, [ids[0]!, ids[2]!]);
  await expect.poll(() => heard.filter(({ operation }) => operation === "SOFT_DELETE").length).toBe(2);
  const { data } = await client.query({ query: EntitiesDocument, variables: { limit: 50 } });
  expect(data!.entities.pagination.totalItems).toBe(shown().length);
  expect(shown()).not.toContain("a");
  expect(requests()).toBe(before + 1);
});
