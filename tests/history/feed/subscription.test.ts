import { parseTransactionId } from "../../../src/database/model/ids.ts";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { UPDATE } from "../../support/documents.ts";
import { addCollection } from "../../support/library.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const QUERY = `subscription ($after: ID, $filter: EntityFilter) {
  entityChanged(afterTransactionId: $after, filter: $filter) { id operation label transaction { id } }
}`;

interface Change {
  readonly id: string;
  readonly label: string;
  readonly operation: string;
  readonly transaction: { readonly id: string };
}
interface Result {
  readonly data?: { readonly entityChanged: Change } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

/** Server-sent events as a browser would read them. */
async function openEvents({ url }: TestServer, variables: object, query = QUERY) {
  const ending = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query, variables }),
    signal: ending.signal,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async (): Promise<Result | "complete" | "end"> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        if (event.includes("event: complete")) return "complete";
        const data = /^data: ?(.+)$/m.exec(event)?.[1];
        if (data != null) return JSON.parse(data) as Result;
        continue;
      }
      const { value, done } = await reader.read();
      if (done) return "end";
      text += value;
    }
  };
  return {
    response,
    next,
    change: async () => {
      const result = await next();
      if (typeof result === "string" || result.data == null)
        throw new Error(`no change: ${JSON.stringify(result)}`);
      return result.data.entityChanged;
    },
    close: () => {
      ending.abort();
    },
  };
}

describe("over server-sent events", () => {
  test("changes come as they happen", async () => {
    const events = await openEvents(server, {});
    expect(events.response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const id = await addCollection(server, "sse");
    expect(await events.change()).toMatchObject({ id: `${id}@1`, operation: "CREATE", label: "sse" });
    await server.run(UPDATE, { id, input: { label: "sse 2" } });
    expect(await events.change()).toMatchObject({ id: `${id}@2`, operation: "UPDATE", label: "sse 2" });
    events.close();
  });

  test("a client that comes back names the last transaction it saw, and misses nothing", async () => {
    const own = await startServer();
    const first = await openEvents(own, {});
    const id = await addCollection(own, "0");
    const seen = await first.change();
    first.close();
    for (const label of ["1", "2"]) await own.run(UPDATE, { id, input: { label } });
    const restarted = await own.restart();
    await restarted.run(UPDATE, { id, input: { label: "3" } });
    const second = await openEvents(restarted, { after: seen.transaction.id });
    expect([(await second.change()).label, (await second.change()).label]).toEqual(["1", "2"]);
    expect((await second.change()).label).toBe("3");
    second.close();
  });

  test("a wrong argument is a coded error, and the end", async () => {
    const events = await openEvents(server, { after: "999999999" });
    const result = (await events.next()) as Result;
    expect(result.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(["complete", "end"]).toContain(await events.next());
  });

  test("a failure inside of an event is masked as everywhere", async () => {
    const query = `subscription { entityChanged { id diff(against: 77) { field } } }`;
    const events = await openEvents(server, {}, query);
    await addCollection(server, "failing");
    const result = (await events.next()) as Result;
    expect(result.errors?.[0]).toMatchObject({ extensions: { code: "NOT_FOUND" } });
    expect(JSON.stringify(result)).not.toContain("stack");
    events.close();
  });

  test("what an event shows of other entities is read again for each event", async () => {
    const query = `subscription ($after: ID) {
      entityChanged(afterTransactionId: $after) { id transaction { id entityCount } }
    }`;
    const events = await openEvents(server, {}, query);
    const id = await addCollection(server, "fresh");
    const first = await events.change();
    await server.run(UPDATE, { id, input: { label: "fresher" } });
    const second = await events.change();
    expect(parseTransactionId(second.transaction.id)).toBeGreaterThan(
      parseTransactionId(first.transaction.id)!,
    );
    events.close();
  });

  test("a client that goes away ends its subscription on the server", async () => {
    const own = await startServer();
    const { db } = own.app.deps;
    const waits = vi.spyOn(db, "nextCommit");
    const events = await openEvents(own, {});
    await vi.waitFor(() => {
      expect(waits).toHaveBeenCalled();
    }, 100_000);
    const signal = waits.mock.calls.at(-1)![0];
    expect(signal.aborted).toBe(false);
    events.close();
    await vi.waitFor(() => {
      expect(signal.aborted).toBe(true);
    }, 100_000);
  });

  test("stopping the server does not wait for subscriptions", async () => {
    const own = await startServer();
    const events = await openEvents(own, {});
    await addCollection(own, "x");
    await events.change();
    const startedAt = performance.now();
    await own.stop();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(["complete", "end"]).toContain(await events.next().catch(() => "end"));
  });
});

describe("over graphql-ws", () => {
  const clientOf = ({ url }: TestServer, headers: Record<string, string> = {}) =>
    createClient({
      url: `${url.replace("http", "ws")}/graphql`,
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string | string[]) {
          super(address, protocols, { headers });
        }
      },
      retryAttempts: 0,
      lazyCloseTimeout: 1_000,
    });

  test("changes come as they happen, and queries are answered too", async () => {
    const client = clientOf(server);
    const queried = client.iterate({ query: "{ stats { collections } }" });
    expect((await queried.next()).value).toMatchObject({ data: { stats: {} } });
    const changes = client.iterate({ query: QUERY, variables: { filter: { label: { equals: "ws" } } } });
    const first = changes.next();
    const second = client.iterate({ query: "{ __typename }" });
    // Answered in order: the subscription stands once this has come.
    await second.next();
    const id = await addCollection(server, "ws");
    expect((await first).value).toMatchObject({ data: { entityChanged: { id: `${id}@1`, label: "ws" } } });
    await changes.return?.();
    await client.dispose();
  });

  test("failures carry their codes", async () => {
    const client = clientOf(server);
    const failing = client.iterate({ query: QUERY, variables: { after: "999999999" } });
    const outcome = await failing.next().catch((error: unknown) => error);
    expect(JSON.stringify(outcome)).toContain("BAD_USER_INPUT");
    const wrong = client.iterate({ query: "{ nothing }" });
    expect(JSON.stringify(await wrong.next().catch((error: unknown) => error))).toContain("BAD_USER_INPUT");
    await client.dispose();
  });

  test("a page of another origin may not connect", async () => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
      headers: { origin: "https://evil.example" },
    });
    const status = await new Promise((resolve) => {
      socket.on("unexpected-response", (_req, res) => {
        resolve(res.statusCode);
      });
      socket.on("open", () => {
        resolve("open");
      });
      socket.on("error", () => undefined);
    });
    expect(status).toBe(403);
  });

  test("a page of the server's own origin may", async () => {
    const client = clientOf(server, { origin: server.url });
    expect((await client.iterate({ query: "{ __typename }" }).next()).value).toMatchObject({
      data: { __typename: "Query" },
    });
    await client.dispose();
  });

  test("documents are bounded as in requests", async () => {
    const client = clientOf(server);
    const long = client.iterate({ query: `{ __typename } #${"x".repeat(70_000)}` });
    expect(JSON.stringify(await long.next().catch((error: unknown) => error))).toContain("QUERY_TOO_COMPLEX");
    await client.dispose();
  });

  test("past the limit of connections there is a refusal, and the others go on", async () => {
    const own = await startServer({ env: { WEB_SOCKETS_MAX: "1" } });
    const client = clientOf(own);
    await client.iterate({ query: "{ __typename }" }).next();
    const feed = client.iterate({ query: QUERY });
    const next = feed.next();
    const other = clientOf(own).iterate({ query: "{ __typename }" });
    await expect(other.next()).rejects.toBeDefined();
    await addCollection(own, "still here");
    expect((await next).value).toMatchObject({ data: { entityChanged: { label: "still here" } } });
    await client.dispose();
  });
});
