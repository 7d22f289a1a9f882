import type { Db } from "../../../src/database/db.ts";
import type { Engine, OpenDatabase } from "../../../src/database/engine.ts";
import type { Prisma } from "../../../src/database/generated/client.ts";
import type { Reader } from "../../../src/database/reader.ts";
import type { Sql } from "../../../src/database/sql.ts";
import type { Member } from "./members.ts";

export const opening = { operation: "test", actor: null, reason: null };
type Row = Prisma.EntityUncheckedCreateInput;

/** An engine's new database, up to date, with what a promise is tried with. */
export interface Trial {
  readonly member: Member;
  readonly engine: Engine;
  readonly url: string;
  readonly database: OpenDatabase;
  readonly db: Db;
  /** In one transaction; @returns their ids. */
  readonly add: (...rows: readonly Row[]) => Promise<number[]>;
  /** Of the first column. */
  readonly column: (query: Sql, reader?: Reader) => Promise<unknown[]>;
  /** Another database of the kind, not there yet. */
  readonly another: () => Promise<string>;
  /** Called at the end, the last first. */
  readonly sweep: (work: () => void | Promise<void>) => void;
}

/** Tries one promise with a database of its own. */
export async function tryWith(member: Member, promise: (trial: Trial) => Promise<void>): Promise<void> {
  const works: (() => void | Promise<void>)[] = [];
  const sweep = (work: () => void | Promise<void>) => void works.unshift(work);
  const { engine } = member;
  try {
    const url = await member.make(sweep);
    const database = await engine.open(url, { now: () => Date.now() });
    sweep(() => database.db.close());
    await database.migrate();
    await database.refreshIndex(() => undefined);
    const { db } = database;
    await promise({
      ...{ member, engine, url, database, db, sweep },
      another: () => member.make(sweep),
      add: (...rows) =>
        db.transaction(opening, async ({ prisma }) => {
          const made: number[] = [];
          for (const data of rows) made.push((await prisma.entity.create({ data })).id);
          return made;
        }),
      column: async (query, reader = db.reader) =>
        (await reader.all<Record<string, unknown>>(query)).map((row) => Object.values(row)[0]),
    });
  } finally {
    for (const work of works) await work();
  }
}
