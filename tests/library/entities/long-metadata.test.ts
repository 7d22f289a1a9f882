// What was seen: the tags of a whole page were read and parsed in one go, 100 files with a mebibyte each in a second in
// which nobody else was answered, before it was known that the answer would be too long.
import { expect, test, vi } from "vitest";
import { writeForSqlite } from "../../../src/database/sqlite/dialect.ts";
import { plantFiles } from "../../support/planted.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";

/** A library of files whose tags have so many bytes each. */
async function library(files: number, bytes: number): Promise<TestServer> {
  const server = await startServer();
  const originals = await server.app.deps.db.prisma.original.createManyAndReturn({
    data: Array.from({ length: files }, (_, at) => ({
      ...{ md5: String(at), sha256: String(at), fileSize: 1n, mimeType: "image/jpeg", extension: "jpg" },
      ...{ filePath: `2020/01/01/${at}.jpg`, storedAt: new Date(0) },
      metadata: JSON.stringify({ XMP: { Number: at, Text: "t".repeat(bytes) } }),
    })),
  });
  await plantFiles(
    server,
    originals.map(({ id }, at) => ({ label: String(at), originalId: id })),
  );
  return server;
}

interface Item {
  readonly label: string;
  readonly metadata: { readonly XMP: { readonly Number: number; readonly Text?: string } };
}
interface Answer {
  readonly data: { readonly entities: { readonly items: readonly Item[] } } | null;
  readonly errors?: readonly { readonly extensions: object }[];
}

async function post({ url }: TestServer): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ entities(limit: 100) { items { label metadata } } }" }),
  });
  return (await response.json()) as Answer;
}

/** Statements that read tags, and not only how long they are. */
const readsTags = (statement: string) => statement.includes(`SELECT "id", "metadata" FROM "Original"`);

test("the event loop has its turn between the parts of a page of long metadata, which is whole and in order", async () => {
  const server = await library(60, 100_000);
  const { reader } = server.app.deps.db;
  const readAll = reader.all.bind(reader);
  let [turn, isOver] = [0, false];
  const readInTurn: number[] = [];
  vi.spyOn(reader, "all").mockImplementation((...args) => {
    if (readsTags(writeForSqlite(args[0]).sql)) readInTurn.push(turn);
    return readAll(...args);
  });
  const turning = (async () => {
    for (; !isOver; turn++) await new Promise(setImmediate);
  })();
  const { items } = (await post(server)).data!.entities;
  isOver = true;
  await turning;
  expect(readInTurn.length).toBeGreaterThan(2);
  expect(new Set(readInTurn).size).toBe(readInTurn.length);
  expect(items).toHaveLength(60);
  expect(items.every(({ label, metadata }) => metadata.XMP.Number === Number(label))).toBe(true);
  expect(items.every(({ metadata }) => metadata.XMP.Text?.length === 100_000)).toBe(true);
});

test("no more of it is read once the answer is too long", async () => {
  const server = await library(100, 900_000);
  const statements = await statementsOf(async () => {
    expect(await post(server)).toMatchObject({
      data: null,
      errors: [{ extensions: { code: "QUERY_TOO_COMPLEX", budget: "BYTES" } }],
    });
  });
  // An answer has at most 8 MiB: nine or ten files of a hundred.
  expect(statements.filter(readsTags).length).toBeLessThan(20);
});

test("short metadata is read in one part", async () => {
  const server = await library(100, 1_000);
  const statements = await statementsOf(async () => {
    expect((await post(server)).data!.entities.items).toHaveLength(100);
  });
  expect(statements.filter(readsTags)).toHaveLength(1);
});
