import { describe, expect, test } from "vitest";
import type { Db } from "../../../src/database/db.ts";
import { dialectPromises } from "./dialect-promises.ts";
import { tryWith } from "./library.ts";
import { members, type Member } from "./members.ts";
import { promises } from "./promises.ts";

const all = { ...promises, ...dialectPromises };

describe.each(members)("the engine $name", (member) => {
  test.each(Object.keys(all))("%s", async (name) => {
    await tryWith(member, all[name]!);
  });
});

/** An engine that opens what is wrong in one way. */
const wrong = (member: Member, change: (db: Db) => Partial<Db>): Member => ({
  ...member,
  engine: {
    ...member.engine,
    open: async (url, options) => {
      const database = await member.engine.open(url, options);
      return { ...database, db: { ...database.db, ...change(database.db) } };
    },
  },
});

describe("the contract finds an engine", () => {
  const [member] = members as [Member];

  test.each<[string, string, (db: Db) => Partial<Db>]>([
    [
      "that commits what has failed",
      "a transaction that throws leaves nothing",
      (db) => ({
        transaction: (opening, work) =>
          db.transaction(opening, (tx) => work(tx).catch(() => undefined as never)),
      }),
    ],
    [
      "whose revision stands still",
      "a revision changes with a commit and with nothing else",
      () => ({ revision: () => 1 }),
    ],
    [
      "that reads an operation at several commits",
      "an operation reads one commit, although this process makes others meanwhile",
      (db) => ({
        readAtOneMoment: async (_, run) => ({
          result: await run({ db, ...db.now() }),
          transactionId: db.now().transactionId,
        }),
      }),
    ],
    [
      "whose pinned moment moves on",
      "a pinned moment stays while others write",
      (db) => ({
        openMoment: () => Promise.resolve({ db, transactionId: 1, close: () => Promise.resolve() }),
      }),
    ],
    [
      "that forgets to end a query",
      "a query ends with its signal",
      (db) => ({
        reader: { all: (query) => db.reader.all(query), get: (query) => db.reader.get(query) },
      }),
    ],
  ])("%s", async (_, promise, change) => {
    await expect(tryWith(wrong(member, change), all[promise]!)).rejects.toThrow();
  });
});
