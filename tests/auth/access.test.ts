import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKey, revokeKey } from "../../src/auth/keys.ts";
import { scopeOf } from "../../src/auth/viewer.ts";
import { schema } from "../../src/app/schema.ts";
import { graphql } from "../generated/index.ts";
import { ample } from "../support/budget.ts";
import { clientOf, type Client } from "../support/client.ts";
import { CREATE_COLLECTION, HARD_DELETE, SOFT_DELETE } from "../support/documents.ts";
import { startSharedServer, startServer, type TestServer } from "../support/server.ts";
import { tryUpload } from "../support/uploading.ts";
import { makeJpeg } from "../support/pictures.ts";
import { claims, sign, trusting } from "./issuer.ts";

const READ = graphql(`
  query AccessRead {
    stats {
      entities
    }
  }
`);

const UNDO = graphql(`
  mutation AccessUndo($id: ID!) {
    undoTransaction(id: $id) {
      ids
    }
  }
`);

const WHO = graphql(`
  query AccessWho($id: ID!) {
    transaction(id: $id) {
      actor
    }
  }
`);

const MIXED = graphql(`
  mutation AccessMixed($label: String!) {
    createCollection(input: { label: $label }) {
      entity {
        id
      }
    }
    emptyTrash {
      freedBytes
    }
  }
`);

const reader = ["media_store_read"];
const writer = ["media_store_read", "media_store_write"];
const admin = ["media_store_admin"];

const as = async (
  server: TestServer,
  sub: string,
  permissions: readonly string[],
  own = {},
): Promise<Client> => clientOf(server.url, await sign(claims({ sub, permissions, ...own })));

const make = (client: Client, label = "made") => client.ask(CREATE_COLLECTION, { input: { label } });
const statusOf = async (answer: Promise<{ status: number }>) => (await answer).status;

test("every field at the root asks for a permission, and what destroys asks for admin", () => {
  // What the budget looks at before anybody is asked for permissions: a field without a selection.
  const info = { fieldNodes: [], fragments: {} } as never;
  const nobody = { actor: null, permissions: new Set<never>(), expiresAt: null };
  const asked = (type: keyof typeof roots) =>
    Object.values(roots[type]!.getFields()).map((field) => {
      const guarded = type === "Subscription" ? field.subscribe : field.resolve;
      try {
        void guarded?.(undefined, {}, { viewer: nobody, budget: ample() }, info);
        return `${field.name}: nothing`;
      } catch (error) {
        const [, what = ""] = /^(Reading|Changing|Destroying)/.exec((error as Error).message) ?? [];
        return `${field.name}: ${what}`;
      }
    });
  const roots = {
    Query: schema.getQueryType(),
    Mutation: schema.getMutationType(),
    Subscription: schema.getSubscriptionType(),
  } as const;
  const queries = asked("Query");
  expect(queries.filter((field) => !field.endsWith(": Reading")).sort()).toEqual([
    "service: nothing",
    "viewer: nothing",
  ]);
  for (const field of asked("Subscription")) expect(field).toMatch(/: Reading$/);
  const mutations = asked("Mutation");
  expect(mutations.filter((field) => field.endsWith("Destroying")).sort()).toEqual([
    "emptyTrash: Destroying",
    "hardDeleteEntities: Destroying",
    "hardDeleteEntity: Destroying",
  ]);
  for (const field of mutations) expect(field).toMatch(/: (Changing|Destroying)$/);
});

describe.each(["write", "all"] as const)("AUTH_MODE=%s", (mode) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startSharedServer({ env: trusting(mode) });
  });
  afterAll(() => server.stop());

  test(`reading needs ${mode === "all" ? "the permission" : "nothing"}`, async () => {
    expect(await statusOf(server.ask(READ))).toBe(mode === "all" ? 401 : 200);
    expect(await statusOf((await as(server, "ada", [])).ask(READ))).toBe(mode === "all" ? 403 : 200);
    expect(await statusOf((await as(server, "ada", reader)).ask(READ))).toBe(200);
    // Asked again, it comes from what is kept of answers.
    expect(await statusOf((await as(server, "ada", reader)).ask(READ))).toBe(200);
    expect(await statusOf(server.ask(READ))).toBe(mode === "all" ? 401 : 200);
  });

  test("writing needs the permission, and its transaction names the viewer", async () => {
    expect(await make(server)).toMatchObject({ status: 401 });
    expect(await make(await as(server, "ada", reader))).toMatchObject({ status: 403 });
    const ada = await as(server, "ada", writer);
    const { createCollection } = await ada.run(CREATE_COLLECTION, { input: { label: "made" } });
    expect(await ada.run(WHO, { id: createCollection.transaction!.id })).toEqual({
      transaction: { actor: "ada" },
    });
  });

  test("a claim is_admin is every permission; permissions of another form are none", async () => {
    expect(await make(await as(server, "root", [], { is_admin: true }))).toMatchObject({ status: 200 });
    expect(await make(await as(server, "root", [], { is_admin: "yes" }))).toMatchObject({ status: 403 });
    const odd = { permissions: "media_store_write" };
    expect(await make(await as(server, "ada", [], odd))).toMatchObject({ status: 403 });
  });

  test("an upload is refused before the first byte of its file is asked for", async () => {
    const bytes = await makeJpeg();
    expect(await tryUpload(server, bytes)).toMatchObject({ status: 401 });
    expect(await tryUpload(await as(server, "ada", reader), bytes)).toMatchObject({ status: 403 });
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write(
      "POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-graphql-yoga-csrf: 1\r\n" +
        "content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000000000\r\n\r\n",
    );
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
    expect(await server.listFiles()).toEqual([]);
    expect(await tryUpload(await as(server, "ada", writer), bytes)).toMatchObject({ status: 200 });
  });

  test("destroying needs admin, one field of an operation at a time", async () => {
    const ada = await as(server, "ada", writer);
    const { createCollection } = await ada.run(CREATE_COLLECTION, { input: { label: "gone soon" } });
    const { id } = createCollection.entity;
    await ada.run(SOFT_DELETE, { id });
    expect(await ada.fail(HARD_DELETE, { id })).toMatchObject({ extensions: { code: "FORBIDDEN" } });
    const mixed = await ada.ask(MIXED, { label: "kept" });
    expect(mixed.errors).toMatchObject([{ path: ["emptyTrash"], extensions: { code: "FORBIDDEN" } }]);
    const root = await as(server, "root", admin);
    expect(await statusOf(root.ask(HARD_DELETE, { id }))).toBe(200);
  });

  test("what others did is undone by admins only", async () => {
    const [ada, grace] = [await as(server, "ada", writer), await as(server, "grace", writer)];
    const by = async (client: Client) =>
      (await client.run(CREATE_COLLECTION, { input: { label: "mine" } })).createCollection.transaction!.id;
    const [first, second] = [await by(ada), await by(ada)];
    expect(await grace.fail(UNDO, { id: first })).toMatchObject({ extensions: { code: "FORBIDDEN" } });
    expect(await statusOf(ada.ask(UNDO, { id: first }))).toBe(200);
    expect(await statusOf((await as(server, "root", admin)).ask(UNDO, { id: second }))).toBe(200);
  });
});

test("ADMIN_FOR_DESTRUCTION=false lets writers destroy", async () => {
  const server = await startServer({ env: { ...trusting(), ADMIN_FOR_DESTRUCTION: "false" } });
  const ada = await as(server, "ada", writer);
  const { createCollection } = await ada.run(CREATE_COLLECTION, { input: { label: "gone soon" } });
  await ada.run(SOFT_DELETE, { id: createCollection.entity.id });
  expect(await statusOf(ada.ask(HARD_DELETE, { id: createCollection.entity.id }))).toBe(200);
});

test("what was done before there were viewers is undone by admins only", async () => {
  const before = await startServer();
  const { createCollection } = await before.run(CREATE_COLLECTION, { input: { label: "old" } });
  const { id } = createCollection.transaction!;
  const server = await before.restart(trusting("write"));
  expect(await (await as(server, "ada", writer)).fail(UNDO, { id })).toMatchObject({
    extensions: { code: "FORBIDDEN" },
  });
});

describe("API keys", () => {
  let server: TestServer;
  let now = Date.now();
  beforeAll(async () => {
    server = await startSharedServer({ env: { AUTH_MODE: "all" }, clock: { now: () => now } });
  });
  afterAll(() => server.stop());

  test("are enough by themselves, name the actor, and are kept as a hash only", async () => {
    const given = { name: "uploader", permissions: ["read", "write"], expiresAt: null } as const;
    const { key } = await createKey(server.app.deps, given);
    expect(key).toMatch(/^colan_[\w-]{43}_[0-9a-f]{8}$/);
    const client = clientOf(server.url, key);
    const { createCollection } = await client.run(CREATE_COLLECTION, { input: { label: "made" } });
    const { transaction } = await client.run(WHO, { id: createCollection.transaction!.id });
    expect(transaction).toEqual({ actor: "key:uploader" });
    const rows = await server.app.deps.db.reader.all({ sql: 'SELECT * FROM "ApiKey"', values: [] });
    expect(JSON.stringify(rows)).not.toContain(key.slice(6, 30));
    expect(server.log.join()).not.toContain(key.slice(6, 30));
  });

  test("are refused when one letter is wrong, when they have expired, and at once when they are revoked", async () => {
    const { revokeKey, listKeys } = await import("../../src/auth/keys.ts");
    const { id, key } = await createKey(server.app.deps, {
      ...{ name: "short", permissions: ["read"], expiresAt: now + 60_000 },
    });
    const ask = (token: string) => clientOf(server.url, token).ask(READ);
    expect(await ask(key)).toMatchObject({ status: 200 });
    expect(await ask(`${key.slice(0, -1)}x`)).toMatchObject({ status: 401 });
    expect(await ask(key.replace(/_.{5}/, "_AAAAA"))).toMatchObject({ status: 401 });
    const before = now;
    now += 60_000;
    expect(await ask(key)).toMatchObject({ status: 401 });
    now = before;
    expect(await ask(key)).toMatchObject({ status: 200 });
    await revokeKey(server.app.deps, id);
    expect(await ask(key)).toMatchObject({ status: 401 });
    await expect(revokeKey(server.app.deps, id)).rejects.toThrow("does not exist");
    expect((await listKeys(server.app.deps)).find((known) => known.id === id)).toMatchObject({
      name: "short",
      revokedAt: now,
    });
  });

  test("need a name and a permission", async () => {
    const wrong = (name: string, own: readonly "read"[]) =>
      createKey(server.app.deps, { name, permissions: own, expiresAt: null });
    await expect(wrong(" ", ["read"])).rejects.toThrow("expected 1 to 100 characters");
    await expect(wrong("x", [])).rejects.toThrow("expected some of read, write, admin");
  });

  // Seen: a name of 51 emoji was "102 characters" long.
  test("have names of 100 characters, however many bytes those take", async () => {
    const make = (name: string) =>
      createKey(server.app.deps, { name, permissions: ["read"], expiresAt: null });
    await expect(make("📷".repeat(100))).resolves.toHaveProperty("key");
    await expect(make("📷".repeat(101))).rejects.toThrow("expected 1 to 100 characters, got 101");
  });

  test("a token is refused with the hint that this server takes keys only", async () => {
    const { errors } = await clientOf(server.url, await sign()).ask(READ);
    expect(errors![0]!.message).toContain("API keys only");
  });
});

test("guessing is slowed down, also for those who guess right in the end", async () => {
  const server = await startServer({ env: { ...trusting(), FAILED_LOGINS_PER_MINUTE_MAX: "3" } });
  for (let attempt = 0; attempt < 3; attempt++)
    expect(await statusOf(clientOf(server.url, "guess").ask(READ))).toBe(401);
  const right = await (await as(server, "ada", reader)).ask(READ);
  expect(right.status).toBe(429);
  expect(right.headers.get("retry-after")).toMatch(/^\d+$/);
});

test("a token that was good once is no guess", async () => {
  const server = await startServer({ env: { ...trusting(), FAILED_LOGINS_PER_MINUTE_MAX: "3" } });
  const old = await as(server, "ada", reader, { exp: Math.floor(Date.now() / 1000) - 3600 });
  for (let attempt = 0; attempt < 5; attempt++) expect(await statusOf(old.ask(READ))).toBe(401);
  expect(await statusOf((await as(server, "ada", reader)).ask(READ))).toBe(200);
});

test("what viewers may do decides what they are shown, not who they are", () => {
  const viewer = (own: readonly ("read" | "write")[]) => ({
    actor: "a",
    permissions: new Set(own),
    expiresAt: null,
  });
  expect(scopeOf(viewer(["write", "read"]))).toBe(scopeOf({ ...viewer(["read", "write"]), actor: "b" }));
  expect(scopeOf(viewer(["read"]))).not.toBe(scopeOf(viewer([])));
});

test("a server without keys and issuers warns at its start, until there is a key", async () => {
  const server = await startServer({ env: { AUTH_MODE: "write" } });
  expect(server.log.join()).toContain("nobody can sign in");
  const { db, clock } = server.app.deps;
  const { id } = await createKey({ db, clock }, { name: "one", permissions: ["read"], expiresAt: null });
  const withKey = await server.restart();
  expect(withKey.log.join()).not.toContain("nobody can sign in");
  await revokeKey(withKey.app.deps, id);
  expect((await withKey.restart()).log.join()).toContain("nobody can sign in");
});
