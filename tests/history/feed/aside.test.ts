// What was seen: the feed asked a client's filter in the event loop, over the whole history in one statement and
// without a limit of time: one subscription of 39 kB held up everybody for 5 s, and a hundred may be on a connection.
import { expect, test, vi } from "vitest";
import { writeForSqlite } from "../../../src/database/sqlite/dialect.ts";
import { followChanges } from "../../../src/history/feed/service.ts";
import { HARD_DELETE, UPDATE } from "../../support/documents.ts";
import { plantCollections, plantMany } from "../../support/planted.ts";
import { startServer } from "../../support/server.ts";
import { testEngine } from "../../support/postgres.ts";

const nothing = { label: { contains: "none has this" } };

test("a filter looks at the history aside, a bounded piece in each step", async () => {
  const server = await startServer();
  await plantMany(
    server,
    Array.from({ length: 4500 }, (_, at) => ({ label: `${at}` })),
  );
  const [last] = await plantCollections(server, [{ label: "none has this but me" }]);
  const { db, config } = server.app.deps;
  const all = vi.spyOn(db.reader, "all");
  const feed = await followChanges({ db, config }, { filter: nothing, afterTransactionId: "0" });
  const [value] = await feed.take();
  await feed.return!();
  expect(value).toMatchObject({ entityId: Number(last), operation: "CREATE" });
  const costs = all.mock.calls.flatMap(([query, options]) =>
    writeForSqlite(query).sql.includes("instr(") ? [options?.cost] : [],
  );
  // 4,501 versions, 2,000 in a step.
  expect(costs).toEqual(["scan", "scan", "scan"]);
});

test("every change that concerns a filter comes once and in order, over many steps", async () => {
  const server = await startServer();
  const labels = Array.from({ length: 4500 }, (_, at) => (at % 900 === 0 ? `wanted ${at}` : `${at}`));
  await plantMany(
    server,
    labels.map((label) => ({ label })),
  );
  const [gone, left] = await plantCollections(server, [{ label: "gone" }, { label: "wanted at first" }]);
  await server.run(HARD_DELETE, { id: gone! });
  await server.run(UPDATE, { id: left!, input: { label: "other" } });
  const { db, config } = server.app.deps;
  const feed = await followChanges(
    { db, config },
    { filter: { label: { contains: "wanted" } }, afterTransactionId: "0" },
  );
  const seen: unknown[] = [];
  while (seen.length < 8) for (const { operation, label } of await feed.take()) seen.push([operation, label]);
  await feed.return!();
  expect(seen).toEqual([
    ...labels.filter((label) => label.startsWith("wanted")).map((label) => ["CREATE", label]),
    ["CREATE", "wanted at first"],
    ["HARD_DELETE", null],
    ["UPDATE", "other"],
  ]);
});

test("the end of a subscription ends what its filter is looking for", async () => {
  const server = await startServer();
  await plantCollections(server, [{ label: "one" }]);
  const { db, config } = server.app.deps;
  const signals: AbortSignal[] = [];
  vi.spyOn(db.reader, "all").mockImplementation((_query, options) => {
    signals.push(options!.signal!);
    return new Promise(() => undefined);
  });
  const follow = () => followChanges({ db, config }, { filter: nothing, afterTransactionId: "0" });
  const feeds = [await follow(), await follow()];
  for (const feed of feeds) void feed.next();
  await vi.waitFor(() => {
    expect(signals).toHaveLength(2);
  });
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  await feeds[0]!.return!();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  await feeds[1]!.return!();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

// Seen: a filter of 400 clauses that finds nothing used 2 s of a processor in a history of 112,000 changes, and again each
// time that its client subscribed: no limit ended it. PostgreSQL's processes use none of this program's processor time.
test.skipIf(testEngine !== "sqlite")(
  "a filter that uses too much of a processor before it finds a change ends its subscription, and no other",
  async () => {
    const server = await startServer({ env: { ANSWER_CPU_MS_MAX: "50" } });
    const labels = Array.from({ length: 4500 }, (_, at) => ({ label: `${"x".repeat(200)}${at}` }));
    await plantMany(server, labels);
    const long = { OR: Array.from({ length: 400 }, (_, at) => ({ label: { contains: `y${at}` } })) };
    const feed = await followChanges(server.app.deps, { filter: long, afterTransactionId: "0" });
    await expect(feed.take()).rejects.toThrow(
      /took more than 0.05 s of a processor \(ANSWER_CPU_MS_MAX\) without finding/,
    );
    const other = await followChanges(server.app.deps, { filter: nothing, afterTransactionId: "0" });
    const taking = other.take();
    const [found] = await plantCollections(server, [{ label: "none has this but me" }]);
    expect(await taking).toMatchObject([{ entityId: Number(found) }]);
    for (const one of [feed, other]) await one.return!();
  },
);
