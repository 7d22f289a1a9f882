import { createClient } from "graphql-ws";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { graphql } from "../../generated/index.ts";
import type { ReadOptions } from "../../../src/database/reader.ts";
import type { Query } from "../../../src/database/sql.ts";
import { sql } from "../../../src/database/sql.ts";
import { startServer } from "../../support/server.ts";

const FILTERED = graphql(`
  query Filtered {
    entities(filter: { width: { gt: 1 } }) {
      items {
        id
      }
    }
  }
`);
const PLAIN = graphql(`
  query Plain {
    entities {
      items {
        id
      }
    }
  }
`);

/** A library so large that a filter takes forever: every such query is answered by one without an end. */
async function startEndless(env: Record<string, string> = {}) {
  const server = await startServer({ env });
  const { reader } = server.app.deps.db;
  const run = reader.all.bind(reader);
  const queries: Promise<unknown>[] = [];
  const spy = vi.spyOn(reader, "all").mockImplementation(<Row>(given: Query, options: ReadOptions = {}) => {
    if (options.cost !== "scan") return run<Row>(given, options);
    const endless = sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n`;
    const query = run<Row>(endless, options);
    queries.push(query);
    return query;
  });
  onTestFinished(() => {
    spy.mockRestore();
  });
  return { server, queries };
}

describe("a query that takes too long", () => {
  test("ends with a code when its time is over, and others are answered meanwhile", async () => {
    const { server } = await startEndless({ QUERY_TIMEOUT_MS: "300" });
    const failing = server.ask(FILTERED);
    expect((await server.run(PLAIN)).entities.items).toEqual([]);
    const { status, errors } = await failing;
    expect(errors).toHaveLength(1);
    expect(errors![0]!.extensions.code).toBe("QUERY_TOO_COMPLEX");
    expect(errors![0]!.message).toMatch(/took longer than 0\.3 s \(QUERY_TIMEOUT_MS\)/);
    expect(status).toBe(400);
  });

  test("stops when its client goes away", async () => {
    const { server, queries } = await startEndless({ QUERY_TIMEOUT_MS: "600000" });
    const leaving = new AbortController();
    const asked = fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: FILTERED.toString() }),
      signal: leaving.signal,
    });
    await vi.waitFor(() => {
      expect(queries).toHaveLength(1);
    }, 100_000);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await expect(queries[0]).rejects.toThrow(/nobody waits/);
  });

  test("stops when its client's WebSocket goes away", async () => {
    const { server, queries } = await startEndless({ QUERY_TIMEOUT_MS: "600000" });
    const client = createClient({
      url: `${server.url.replace("http", "ws")}/graphql`,
      ...{ webSocketImpl: WebSocket, retryAttempts: 0 },
    });
    client.subscribe(
      { query: FILTERED.toString() },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    await vi.waitFor(() => {
      expect(queries).toHaveLength(1);
    }, 100_000);
    client.terminate();
    await expect(queries[0]).rejects.toThrow(/nobody waits/);
  });

  test("does not keep the server from stopping", async () => {
    const { server, queries } = await startEndless({ QUERY_TIMEOUT_MS: "600000", STOP_TIMEOUT_MS: "100" });
    const asked = server.ask(FILTERED).catch(() => "broken off");
    await vi.waitFor(() => {
      expect(queries).toHaveLength(1);
    }, 100_000);
    await server.stop();
    await expect(queries[0]).rejects.toThrow(/nobody waits/);
    expect(await asked).toBe("broken off");
  });
});
