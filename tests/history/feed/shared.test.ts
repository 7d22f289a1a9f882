import { createClient } from "graphql-ws";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { UPDATE } from "../../support/documents.ts";
import { addCollection } from "../../support/library.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { RawStream } from "./sockets.ts";

/** The labels that a stream was told of. */
const labelsIn = ({ events }: RawStream, name: string) =>
  [...events.matchAll(new RegExp(`"${name}":"([^"]*)"`, "g"))].map(([, label]) => label);

const all = "subscription { entityChanged { label } }";
const renamed = "subscription { entityChanged { said: label } }";
const only = (label: string) =>
  `subscription { entityChanged(filter: {label: {startsWith: "${label}"}}) { label } }`;
const replay = (after: number) => `subscription { entityChanged(afterTransactionId: "${after}") { label } }`;

async function openAll(server: TestServer, queries: readonly string[]): Promise<RawStream[]> {
  const streams = queries.map((query) => new RawStream(server, query));
  await Promise.all(streams.map((stream) => stream.begun()));
  return streams;
}

async function followOverWebSocket({ url }: TestServer) {
  const address = `${url.replace("http", "ws")}/graphql`;
  const client = createClient({ url: address, webSocketImpl: WebSocket, retryAttempts: 0 });
  const labels: unknown[] = [];
  client.subscribe<{ entityChanged: { label: string } }>(
    { query: all },
    {
      next: ({ data }) => labels.push(data?.entityChanged.label),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  // Answered in order: the subscription stands once this has come.
  await client.iterate({ query: "{ __typename }" }).next();
  return { labels, close: () => client.dispose() };
}

test("identical and different subscriptions, begun at different times, each get exactly theirs", async () => {
  const server = await startServer();
  const id = await addCollection(server, "old");
  const few = [all, all, all, renamed, renamed, only("a"), only("a"), only("b"), replay(0), replay(1)];
  const first = await openAll(server, few);
  const overWebSocket = await followOverWebSocket(server);
  const labels = Array.from({ length: 60 }, (_, index) => `${index % 2 === 0 ? "a" : "b"}${index}`);
  let later: RawStream[] = [];
  for (const [index, label] of labels.entries()) {
    await server.run(UPDATE, { id, input: { label } });
    // In the middle of it, whatever was told to others by now.
    if (index === 29) later = await openAll(server, few);
    if (index === 40) first[0]!.socket.destroy();
  }

  const expected = (query: string, from: number): string[] => {
    if (query === replay(0)) return ["old", ...labels];
    if (query === replay(1)) return labels;
    // The first neither meets it nor leaves it.
    if (query === only("b") && from === 0) return labels.slice(1);
    // With the filters too: every other change meets one, and with the next it is left.
    return labels.slice(from);
  };
  await vi.waitFor(
    () => {
      for (const [streams, from] of [
        [first.slice(1), 0],
        [later.slice(1), 30],
      ] as const)
        for (const [index, stream] of streams.entries()) {
          const query = few[index + 1]!;
          expect(labelsIn(stream, query === renamed ? "said" : "label")).toEqual(expected(query, from));
        }
      expect(overWebSocket.labels).toEqual(labels);
    },
    { timeout: 100_000 },
  );
  await overWebSocket.close();
  for (const { socket } of [...first, ...later]) socket.destroy();
});

test("a hundred readers that are at the same place read and answer once", async () => {
  const server = await startServer();
  const id = await addCollection(server, "x");
  const streams = await openAll(
    server,
    Array.from({ length: 100 }, () => all),
  );
  const reading = vi.spyOn(server.app.deps.db.reader, "all");
  await server.run(UPDATE, { id, input: { label: "y" } });
  await vi.waitFor(() => {
    for (const stream of streams) expect(labelsIn(stream, "label")).toEqual(["y"]);
  }, 100_000);
  const reads = reading.mock.calls.filter(([{ sql }]) => sql.includes('ORDER BY v."transactionId"'));
  // The batch, and that there is nothing after it.
  expect(reads).toHaveLength(2);
  for (const { socket } of streams) socket.destroy();
});
