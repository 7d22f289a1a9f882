import fc from "../../support/fast-check.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { RESTORE, SOFT_DELETE, UPDATE, UPDATE_MANY } from "../../support/documents.ts";
import { REVERT, UNDO, lastTransaction, undo } from "../../support/going-back.ts";
import { plantCollections, plantFiles } from "../../support/planted.ts";
import { readSeed } from "../../support/seed.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const RESTORE_ALL = graphql(`
  mutation RestoreAll($ids: [ID!]!) {
    restoreEntities(ids: $ids) {
      ids
    }
  }
`);

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

type Row = Readonly<Record<string, unknown>>;
type Library = ReadonlyMap<number, Row>;

/** What the rows say, but for what every version has of its own; `after` leaves out earlier runs. */
async function look(after: number): Promise<Library> {
  const { reader } = server.app.deps.db;
  const rows = await reader.all<Row & { id: number }>({
    sql: `SELECT * FROM "Entity" WHERE "id" > ?`,
    values: [after],
  });
  return new Map(
    rows.map((row) => [row.id, { ...row, version: null, transactionId: null, updatedAt: null }] as const),
  );
}

/** What must hold whatever is done. */
function expectSound(library: Library) {
  for (const [id, row] of library) {
    const path = new Set([id]);
    for (let at = row; at["parentId"] != null; at = library.get(at["parentId"] as number)!) {
      const parentId = at["parentId"] as number;
      expect(path.has(parentId), `entity ${id} lies in itself`).toBe(false);
      path.add(parentId);
      if (at["isDeleted"] === 0) expect(library.get(parentId)?.["isDeleted"], `parent of ${id}`).toBe(0);
    }
  }
}

const numbers = { a: fc.nat(1000), b: fc.nat(1000) };
const kinds = [
  ...["collection", "file", "file", "label", "labels", "move", "move", "moves"],
  ...["replace", "delete", "restore", "restores", "revert"],
] as const;
const change = fc.record({ kind: fc.constantFrom(...kinds), ...numbers });
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

let made = 0;
const unique = () => (made++).toString(16).padStart(32, "0");

/** Does it, or is refused: either will do here. */
async function apply({ kind, a, b }: Change, library: Library) {
  const all = [...library.keys()];
  const collections = all.filter((id) => library.get(id)?.["isCollection"] === 1);
  const id = String(all[a % all.length] ?? 0);
  const some = all.filter((_id, index) => (a >> (index % 10)) & 1).map(String);
  const into = b % 4 === 0 ? null : String(collections[b % collections.length] ?? 0);
  // An upload refuses what lies in the trash; planting does not look.
  const live = collections.filter((one) => library.get(one)?.["isDeleted"] === 0);
  const parentId = live[b % live.length];
  const place = b % 3 === 0 || parentId == null ? {} : { parentId: String(parentId) };
  const label = `${kind} ${a}`;
  switch (kind) {
    case "collection":
      return plantCollections(server, [{ label, ...place }]);
    case "file":
      return plantFiles(server, [{ label, md5: unique(), ...place }]);
    case "label":
      return server.ask(UPDATE, { id, input: { label } });
    case "labels":
      return server.ask(UPDATE_MANY, { ids: some, input: { label } });
    case "move":
      return server.ask(UPDATE, { id, input: { parentId: into } });
    case "moves":
      return server.ask(UPDATE_MANY, { ids: some, input: { parentId: into } });
    case "replace": {
      if (library.get(Number(id))?.["isCollection"] !== 0) return undefined;
      const opening = { operation: "replaceFile", actor: null, reason: null };
      return server.app.deps.db.transaction(opening, ({ prisma }) =>
        prisma.entity.update({ where: { id: Number(id) }, data: { md5: unique() } }),
      );
    }
    case "delete":
      return server.ask(SOFT_DELETE, { id });
    case "restore":
      return server.ask(RESTORE, { id });
    case "restores":
      return server.ask(RESTORE_ALL, { ids: some });
    case "revert":
      return server.ask(REVERT, { id, toVersion: 1 + (b % 3) });
  }
}

interface Step {
  readonly transaction: string;
  readonly before: Library;
  readonly after: Library;
}

/** Does the changes; @returns those that wrote something. */
async function applyAll(changes: readonly Change[]): Promise<{ base: number; steps: Step[] }> {
  const [first] = await plantCollections(server, [{ label: "base" }]);
  const base = Number(first);
  const steps: Step[] = [];
  let newest = await lastTransaction(server);
  for (const one of changes) {
    const before = await look(base);
    await apply(one, before);
    const transaction = await lastTransaction(server);
    if (transaction === newest) continue;
    newest = transaction;
    steps.push({ transaction, before, after: await look(base) });
    expectSound(await look(base));
  }
  return { base, steps };
}

/** What was there is exactly so again; what came later lies in the trash. */
function expectAgain(now: Library, then: Library) {
  for (const [id, row] of now)
    if (then.has(id)) expect(row).toEqual(then.get(id));
    else expect(row["isDeleted"], `entity ${id}, made later`).toBe(1);
  expectSound(now);
}

const settings = { numRuns: 25, seed: readSeed(), endOnFailure: false } as const;
const changesOf = (length: number) => fc.array(change, { minLength: 3, maxLength: length });

// A file that was given up and uploaded elsewhere cannot come back: each file here is used only once.
test(`all transactions, the newest first, are undone to the beginning and redone to the end (seed ${settings.seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(changesOf(20), async (changes) => {
      const { base, steps } = await applyAll(changes);
      const undos: string[] = [];
      for (const { transaction, before } of steps.toReversed()) {
        undos.push((await undo(server, transaction)).transaction.id);
        expectAgain(await look(base), before);
      }
      for (const { after } of steps) {
        await undo(server, undos.pop()!);
        expectAgain(await look(base), after);
      }
    }),
    settings,
  );
});

test(`undos in any order leave a sound library, or change nothing (seed ${settings.seed})`, async () => {
  const answers = { undone: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      changesOf(15),
      fc.array(fc.record(numbers), { minLength: 5, maxLength: 15 }),
      async (changes, choices) => {
        const { base, steps } = await applyAll(changes);
        const known = steps.map(({ transaction }) => transaction);
        for (const { a } of choices) {
          const transaction = known[a % known.length];
          if (transaction == null) return;
          const before = await look(base);
          const { status, data, errors } = await server.ask(UNDO, { id: transaction });
          const now = await look(base);
          expectSound(now);
          if (status === 200) {
            answers.undone++;
            const { ids, transaction: written } = data!.undoTransaction;
            known.push(written.id);
            const touched = new Set(ids.map(Number));
            for (const [id, row] of before) if (!touched.has(id)) expect(now.get(id)).toEqual(row);
          } else {
            answers.refused++;
            expect(errors?.[0]?.extensions).toMatchObject({ code: "VERSION_CONFLICT" });
            expect(errors?.[0]?.extensions["conflicts"]).not.toEqual([]);
            expect(now).toEqual(before);
          }
        }
      },
    ),
    settings,
  );
  // Both answers are common, or the test would show little.
  expect(Math.min(answers.undone, answers.refused)).toBeGreaterThan(10);
});
