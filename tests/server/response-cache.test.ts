import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { createResponseCache } from "../../src/server/graphql/response-cache.ts";
import { UPDATE } from "../support/documents.ts";
import { addCollection } from "../support/library.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { statementsOf } from "../support/statements.ts";

const QUERY = "query ($id: ID!) { entity(id: $id) { label version } stats { transactions } }";

const post = async ({ url }: TestServer, query: string, variables: object = {}) => {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as { data: { entity: { label: string } | null } };
};

const get = ({ url }: TestServer, query: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
    headers: { "apollo-require-preflight": "1", ...headers },
  });

describe("a query that is asked again", () => {
  test("is answered without a statement for rows, until something is committed", async () => {
    const server = await startServer();
    const id = await addCollection(server, "first");
    const asked = () => post(server, QUERY, { id });
    const before = await asked();
    const statements = await statementsOf(async () => {
      expect(await asked()).toEqual(before);
    });
    expect(statements).toEqual([]);
    await server.run(UPDATE, { id, input: { label: "second" } });
    expect((await asked()).data.entity?.label).toBe("second");
  });

  // Every answer is compared with what was acknowledged before it was asked for: it may be newer, never older.
  test("is never answered with what was true before an acknowledged change, under many readers and writers", async () => {
    const server = await startServer();
    const id = await addCollection(server, "0");
    let acknowledged = 0;
    let isOver = false;
    const read = async () => {
      while (!isOver) {
        const least = acknowledged;
        const { data } = await post(server, QUERY, { id });
        expect(Number(data.entity?.label)).toBeGreaterThanOrEqual(least);
      }
    };
    const readers = Array.from({ length: 8 }, read);
    for (let count = 1; count <= 150; count++) {
      await server.run(UPDATE, { id, input: { label: String(count) } });
      acknowledged = count;
    }
    isOver = true;
    await Promise.all(readers);
  });

  test("sees what another program has written into the database", async () => {
    const server = await startServer();
    const id = await addCollection(server, "here");
    await post(server, "{ stats { collections } }");
    const before = await post(server, "{ stats { collections } }");
    // The kind of write that no trigger refuses.
    execFileSync("sqlite3", [
      server.databasePath,
      `UPDATE "Counter" SET "value" = 41 WHERE "name" = 'collections.live'`,
    ]);
    const after = await post(server, "{ stats { collections } }");
    expect(after).not.toEqual(before);
    expect(JSON.stringify(after)).toContain("41");
    expect(id).toBe("1");
  });

  test("with other variables, or another operation of the document, is another question", async () => {
    const server = await startServer();
    const [one, two] = [await addCollection(server, "one"), await addCollection(server, "two")];
    expect((await post(server, QUERY, { id: one })).data.entity?.label).toBe("one");
    expect((await post(server, QUERY, { id: two })).data.entity?.label).toBe("two");
    const ask = async (operationName: string) => {
      const query = "query A { stats { collections } } query B { stats { versions } }";
      const body = JSON.stringify({ query, operationName });
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${server.url}/graphql`, { method: "POST", headers, body });
      return (await response.json()) as unknown;
    };
    expect(await ask("A")).toMatchObject({ data: { stats: { collections: 2 } } });
    expect(await ask("B")).toMatchObject({ data: { stats: { versions: 2 } } });
  });

  test("keeps no failures: what failed once is tried again", async () => {
    const server = await startServer();
    const query = '{ stats { entities } entities(search: "a:b:c", limit: 1000) { items { id } } }';
    const asked = async () => ((await post(server, query)) as { errors?: unknown }).errors;
    expect(await asked()).toBeDefined();
    const statements = await statementsOf(async () => {
      expect(await asked()).toBeDefined();
    });
    expect(statements.some((sql) => sql.includes('"Counter"'))).toBe(true);
  });
});

describe("a GET query", () => {
  test("has an ETag, and 304 for a client that has the response", async () => {
    const server = await startServer();
    const id = await addCollection(server, "a");
    const query = `{ entity(id: ${id}) { label } }`;
    const first = await get(server, query);
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    expect(first.headers.get("cache-control")).toBe("private, no-cache");
    const second = await get(server, query, { "if-none-match": etag });
    expect({ status: second.status, body: await second.text() }).toEqual({ status: 304, body: "" });
    await server.run(UPDATE, { id, input: { label: "b" } });
    const third = await get(server, query, { "if-none-match": etag });
    expect(third.status).toBe(200);
    expect(third.headers.get("etag")).not.toBe(etag);
  });

  test("has the same ETag after a restart", async () => {
    const first = await startServer();
    await addCollection(first, "a");
    const { headers } = await get(first, "{ stats { collections } }");
    const second = await first.restart();
    const again = await get(second, "{ stats { collections } }", {
      "if-none-match": headers.get("etag") ?? "",
    });
    expect(again.status).toBe(304);
  });

  test("that fails has none", async () => {
    const server = await startServer();
    const { headers } = await get(server, "{ entities(limit: 0) { items { id } } }");
    expect(headers.get("etag")).toBeNull();
  });
});

describe("the cache itself", () => {
  const question = (query: string, actor: string | null = null) => ({
    params: { query },
    scope: actor ?? "",
    mediaType: "application/json",
  });
  const answer = (text: string) => ({ headers: {}, body: Buffer.from(text) });

  test("does not keep what was asked before a commit and answered after it", () => {
    let revision = 1;
    const cache = createResponseCache(() => revision, 1_000_000);
    const asked = cache.open(question("{ a }"));
    revision++;
    // Somebody else's question, by which the commit is noticed before the old answer comes.
    cache.open(question("{ b }"));
    asked.keep(answer("old"));
    expect(cache.open(question("{ a }")).find()).toBeUndefined();
  });

  test("keeps each viewer's answers apart", () => {
    const cache = createResponseCache(() => 1, 1_000_000);
    cache.open(question("{ a }", "ann")).keep(answer("ann's"));
    expect(cache.open(question("{ a }", "bob")).find()).toBeUndefined();
    expect(cache.open(question("{ a }", "ann")).find()?.body.toString()).toBe("ann's");
  });

  test("holds no more bytes than it may, and nothing that alone is an eighth of them", () => {
    const cache = createResponseCache(() => 1, 100_000);
    for (let count = 0; count < 100; count++)
      cache.open(question(`{ a${count} }`)).keep(answer("x".repeat(5000)));
    const kept = Array.from({ length: 100 }, (_, count) => cache.open(question(`{ a${count} }`)).find());
    const bytes = kept.reduce((sum, one) => sum + (one?.body.length ?? 0), 0);
    expect(bytes).toBeGreaterThan(40_000);
    expect(bytes).toBeLessThan(100_000);
    cache.open(question("{ large }")).keep(answer("x".repeat(20_000)));
    expect(cache.open(question("{ large }")).find()).toBeUndefined();
  });

  test("of no bytes keeps nothing", () => {
    const cache = createResponseCache(() => 1, 0);
    cache.open(question("{ a }")).keep(answer("a"));
    expect(cache.open(question("{ a }")).find()).toBeUndefined();
  });
});
