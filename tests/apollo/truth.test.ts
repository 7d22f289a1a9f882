import type { ApolloClient, OperationVariables, TypedDocumentNode } from "@apollo/client";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  ChildrenDocument,
  EntitiesByCursorDocument,
  EntitiesDocument,
  EntityVersionsDocument,
  SearchDocument,
  createCollection,
  followChanges,
  hardDeleteEntities,
  moveEntities,
  replaceFile,
  restoreEntities,
  revertEntity,
  softDeleteEntities,
  undoTransaction,
  updateEntity,
  uploadEntity,
  type EntitiesQueryVariables,
  type EntityChange,
} from "../../apollo/index.ts";
import { makeJpeg } from "../support/pictures.ts";
import { readSeed } from "../support/seed.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { openClient } from "./support.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

/** Mulberry32. */
function randomFrom(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof randomFrom>;
const pick = <T>(random: Random, list: readonly T[]): T | undefined => list[random(list.length)];

interface Written {
  readonly id: string;
  readonly entityCount: number;
}

interface Library {
  readonly files: Set<string>;
  readonly collections: Set<string>;
  readonly transactions: Written[];
  readonly versions: Map<string, number>;
}

const blobOf = async () => new Blob([new Uint8Array(await makeJpeg())], { type: "image/jpeg" });

/** One change by the kit, of a kind that may be refused. @returns its name. */
async function changeSomething(client: ApolloClient, library: Library, random: Random): Promise<string> {
  const { files, collections, transactions, versions } = library;
  const all = [...files, ...collections];
  const id = pick(random, all) ?? "1";
  const some = [id, pick(random, all) ?? id];
  const parentId = random(3) === 0 ? null : (pick(random, [...collections]) ?? null);
  const changes: Record<string, () => Promise<{ readonly transaction: Written | null }>> = {
    upload: async () => {
      const uploaded = await uploadEntity(client, await blobOf(), { label: `leaf ${random(9)}`, parentId });
      files.add(uploaded.entity.id);
      return uploaded;
    },
    collect: async () => {
      const created = await createCollection(client, { label: `box ${random(9)}`, parentId });
      collections.add(created.entity.id);
      return created;
    },
    rename: () => updateEntity(client, id, { label: `${pick(random, ["leaf", "box"])} ${random(9)}` }),
    move: () => moveEntities(client, some, parentId),
    replace: async () => replaceFile(client, pick(random, [...files]) ?? id, await blobOf()),
    remove: () => softDeleteEntities(client, some),
    restore: () => restoreEntities(client, some),
    revert: () => revertEntity(client, id, 1 + random(versions.get(id) ?? 1)),
    undo: () => undoTransaction(client, transactions.at(-1 - random(5))?.id ?? "1"),
    destroy: async () => {
      const destroyed = await hardDeleteEntities(client, [id], { recursive: true });
      for (const gone of destroyed.deletedIds) {
        files.delete(gone);
        collections.delete(gone);
      }
      return destroyed;
    },
  };
  const names = Object.keys(changes);
  // Destroyed things teach nothing more.
  const name = random(40) === 0 ? "destroy" : names[random(names.length - 1)]!;
  try {
    const { transaction } = await changes[name]!();
    if (transaction != null) transactions.push(transaction);
    return name;
  } catch (error) {
    return `${name} refused: ${String(error)}`;
  }
}

/** Everything that the two clients look at. */
const lists = (library: Library): EntitiesQueryVariables[] => [
  {},
  { offset: 7, limit: 5 },
  { limit: 100 },
  { trash: "TRASHED", limit: 100 },
  { trash: "ANY", limit: 12 },
  { orderBy: [{ id: "ASC" }], limit: 30 },
  { orderBy: [{ label: "ASC" }], limit: 10 },
  { orderBy: [{ updatedAt: "DESC" }], limit: 5 },
  { filter: { isCollection: true }, limit: 50 },
  { filter: { label: { contains: "leaf" } }, limit: 50 },
  { filter: { parentId: { isNull: true } }, limit: 5 },
  { filter: { OR: [{ type: { equals: "IMAGE" } }, { NOT: [{ parentId: { isNull: true } }] }] }, limit: 100 },
  { filter: { under: [...library.collections][0] ?? "1" }, limit: 50 },
  { search: "box", limit: 20 },
];

async function read<D, V extends OperationVariables>(
  client: ApolloClient,
  query: TypedDocumentNode<D, V>,
  variables: V,
  isFresh: boolean,
) {
  const options = { query, variables, fetchPolicy: isFresh ? "no-cache" : "cache-first" } as const;
  // The types want variables or none by the document; this is one for all of them.
  const { data } = await client.query(options as unknown as ApolloClient.QueryOptions<D, V>);
  return data;
}

/** What the client shows is what the server says, in every list and of every entity. */
async function expectTrue(client: ApolloClient, library: Library, after: string) {
  const parents = [...library.collections].slice(0, 3);
  const reads = [
    ...lists(library).map((variables) => [EntitiesDocument, variables] as const),
    ...parents.flatMap((id) => [
      [ChildrenDocument, { id }] as const,
      [ChildrenDocument, { id, trash: "ANY", limit: 100 }] as const,
    ]),
    ...[...library.files].slice(0, 2).map((id) => [EntityVersionsDocument, { id }] as const),
    [SearchDocument, { text: "leaf" }] as const,
  ];
  for (const [query, variables] of reads) {
    // Documents and variables belong together, which a list of them cannot tell.
    const document = query as TypedDocumentNode<unknown, OperationVariables>;
    const shown = await read(client, document, variables, false);
    const said = await read(client, document, variables, true);
    expect(shown, `after ${after}: ${JSON.stringify(variables)}`).toEqual(said);
  }
  for (const variables of [{ first: 100, filter: { isCollection: true } }, { first: 10 }]) {
    const shown = (await read(client, EntitiesByCursorDocument, variables, false))!.entitiesConnection;
    // Such a list grows by what is asked for, and shrinks by what goes.
    const first = Math.max(shown.edges.length, 1);
    const said = await read(client, EntitiesByCursorDocument, { ...variables, first }, true);
    expect(shown, `after ${after}: by cursors`).toEqual(said!.entitiesConnection);
  }
}

const seed = readSeed();
const steps = Number(process.env["STEPS"] ?? 25);
const newLibrary = (): Library => ({
  files: new Set(),
  collections: new Set(),
  transactions: [],
  versions: new Map(),
});

async function learnVersions(client: ApolloClient, { versions }: Library) {
  const data = await read(client, EntitiesDocument, { trash: "ANY", limit: 100 }, true);
  for (const { id, version } of data!.entities.items) versions.set(id, version);
}

const limit = { timeout: 600_000 };

test(
  `after every change of one's own the cache shows what the server says (SEED=${seed})`,
  limit,
  async () => {
    const random = randomFrom(seed);
    const { client } = openClient(server);
    const library = newLibrary();
    for (let step = 0; step < steps; step++) {
      const name = await changeSomething(client, library, random);
      await learnVersions(client, library);
      await expectTrue(client, library, `${step} ${name}`);
    }
  },
);

test(`after every change by another client too (SEED=${seed})`, limit, async () => {
  const random = randomFrom(seed + 1);
  const { client } = openClient(server);
  const other = openClient(server).client;
  const library = newLibrary();
  const heard: EntityChange[] = [];
  let end = () => {};
  await new Promise<void>((resolve) => {
    end = followChanges(client, {
      groupMs: 0,
      onBegin: resolve,
      onChanges: (changes) => heard.push(...changes),
    });
  });
  onTestFinished(end);
  for (let step = 0; step < steps; step++) {
    // Several at once, as they come when many write.
    const names = [];
    for (let n = random(3); n >= 0; n--) names.push(await changeSomething(other, library, random));
    await learnVersions(other, library);
    const last = library.transactions.at(-1);
    const count = () => heard.filter(({ transaction }) => transaction.id === last?.id).length;
    await expect.poll(count, { interval: 5 }).toBe(last?.entityCount ?? 0);
    await expectTrue(client, library, `${step} ${names.join(", ")}`);
  }
});
