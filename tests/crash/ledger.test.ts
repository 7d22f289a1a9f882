import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Ledger, type State } from "./ledger.ts";
import { makeLibrary, withPlanted, type Planter, type StillLibrary } from "./planted-library.ts";

interface VersionRow {
  readonly entityId: number;
  readonly version: number;
  readonly md5: string | null;
  readonly isDeleted: number;
  readonly parentId: number | null;
  readonly transactionId: number;
}

let library: StillLibrary;
let versions: readonly VersionRow[] = [];
beforeAll(async () => {
  library = await makeLibrary();
  const sql = `SELECT "entityId", "version", "md5", "isDeleted", "parentId", "transactionId" FROM "EntityVersion"`;
  await withPlanted(
    library,
    ({ database }) => (versions = database.prepare(sql).all() as VersionRow[]),
    () => undefined,
  );
});
afterAll(() => {
  rmSync(library.dir, { recursive: true });
});

/** The whole library, as if clients had received it in responses. */
function tellAll(): { ledger: Ledger; stateOf: (id: number) => State } {
  const ledger = new Ledger();
  const states = new Map<number, State>();
  for (const { entityId, version, md5, isDeleted, parentId, transactionId } of versions) {
    const state = {
      ...{ version, md5, isDeleted: isDeleted === 1 },
      parentId: parentId == null ? null : String(parentId),
    };
    states.set(entityId, state);
    ledger.acknowledge(String(entityId), state, String(transactionId));
  }
  ledger.acknowledge(String(library.ids.destroyed), "gone", null);
  return { ledger, stateOf: (id) => states.get(id)! };
}

const settle = (ledger: Ledger, plant: (planter: Planter) => unknown = () => undefined) =>
  withPlanted(library, plant, ({ database }) => ledger.settle(database));

test("what is there as it was acknowledged is right, also when asked twice", async () => {
  const { ledger } = tellAll();
  expect(await settle(ledger)).toEqual([]);
  expect(await settle(ledger)).toEqual([]);
});

const faults: readonly [complaint: string, fault: string, plant: (planter: Planter) => unknown][] = [
  [
    "I4 entity",
    "an upload that was acknowledged and is lost",
    ({ run, ids }) => {
      run(`DELETE FROM "EntityVersion" WHERE "entityId" = ?`, ids.other);
      run(`DELETE FROM "Entity" WHERE "id" = ?`, ids.other);
    },
  ],
  [
    "I4 version",
    "an earlier version that has another file",
    ({ run, ids }) => {
      run(`UPDATE "EntityVersion" SET "md5" = 'another' WHERE "entityId" = ? AND "version" = 1`, ids.picture);
    },
  ],
  [
    "I4 transaction",
    "a transaction that was acknowledged and is lost",
    ({ run }) => {
      run(`DELETE FROM "Transaction" WHERE "id" = (SELECT MAX("transactionId") FROM "EntityVersion")`);
    },
  ],
  [
    "I5 entity",
    "what was destroyed and is back",
    ({ run, ids }) => {
      run(`UPDATE "Entity" SET "id" = ? WHERE "id" = ?`, ids.destroyed, ids.other);
    },
  ],
  [
    "I6 entity",
    "an entity that was changed by nobody",
    ({ run, ids }) => {
      run(`UPDATE "Entity" SET "isDeleted" = 1, "version" = "version" + 1 WHERE "id" = ?`, ids.other);
    },
  ],
  [
    "I6 nobody made",
    "an entity that nobody made",
    ({ run, ids }) => {
      run(`UPDATE "Entity" SET "id" = 1000 WHERE "id" = ?`, ids.other);
    },
  ],
];

test.each(faults)("%s: finds %s", async (complaint, _fault, plant) => {
  const found = await settle(tellAll().ledger, plant);
  expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${complaint} `)));
});

test("I6: a change without an answer has happened or not, but not by half", async () => {
  const { picture } = library.ids;
  const asked = () => {
    const { ledger, stateOf } = tellAll();
    const before = stateOf(picture);
    ledger.expect(String(picture), { ...before, version: before.version + 1, parentId: null });
    return ledger;
  };
  const move = `UPDATE "Entity" SET "parentId" = NULL`;
  expect(await settle(asked())).toEqual([]);
  const done = asked();
  const whole = ({ run }: Planter) => {
    run(`${move}, "version" = "version" + 1 WHERE "id" = ?`, picture);
  };
  expect((await settle(done, whole)).filter((line) => line.startsWith("I6"))).toEqual([]);
  // From now on the found state is the expected one.
  expect(await settle(done)).toContainEqual(expect.stringMatching(/^I6 entity/));
  const half = await settle(asked(), ({ run }) => {
    run(`${move} WHERE "id" = ?`, picture);
  });
  expect(half).toContainEqual(expect.stringMatching(/^I6 entity/));
});

test("I5: what was emptied with the trash may be gone before the answer, and nothing else may", async () => {
  const destroy = ({ run, ids }: Planter) => {
    run(`DELETE FROM "EntityVersion" WHERE "entityId" = ?`, ids.other);
    run(`DELETE FROM "Entity" WHERE "id" = ?`, ids.other);
  };
  const { ledger, stateOf } = tellAll();
  const id = String(library.ids.other);
  const before = stateOf(library.ids.other);
  ledger.expect(id, { ...before, version: before.version + 1, isDeleted: true });
  ledger.beginEmptying();
  expect(await settle(ledger, destroy)).toEqual([]);
  const { ledger: other } = tellAll();
  other.beginEmptying();
  expect(await settle(other, destroy)).toContainEqual(expect.stringMatching(/^I4 entity/));
});
