import type { Engine } from "../../database/engine.ts";
import { keptTables, tables, type Table } from "../../database/model/tables.ts";
import type { Reader } from "../../database/reader.ts";
import { sql } from "../../database/sql.ts";
import { digestOf, readTable, type Contents, type Values } from "../../database/transfer.ts";

/** A database of a library. */
export interface Place {
  readonly engine: Engine;
  readonly url: string;
}

/** The library was not moved, and the source is as it was. */
export class MoveError extends Error {
  override readonly name = "MoveError";
}

export interface Moving {
  /** Gives it up; the target is empty then. */
  readonly signal: AbortSignal;
  /** @param rows written so far. */
  readonly onProgress: (rows: number, rowsTotal: number) => void;
}

export interface Moved {
  /** Rows of each table, which both databases have alike. */
  readonly rows: Readonly<Record<string, number>>;
}

const countAll = async (reader: Reader): Promise<number> => {
  let total = 0;
  for (const { name } of tables) {
    const row = await reader.get<{ count: number }>({
      sql: `SELECT COUNT(*) AS "count" FROM "${name}"`,
      values: [],
    });
    total += row?.count ?? 0;
  }
  return total;
};

async function* lotsOf(reader: Reader, { signal, onProgress }: Moving): Contents["lots"] & AsyncGenerator {
  const rowsTotal = await countAll(reader);
  let done = 0;
  for (const table of tables)
    for await (const rows of readTable(reader, table)) {
      signal.throwIfAborted();
      yield { table, rows };
      onProgress((done += rows.length), rowsTotal);
    }
}

/** The revision of the search index is the engine's own. */
const isMeaning =
  ({ name, columns }: Table) =>
  (values: Values): boolean =>
    name !== "Counter" || values[columns.indexOf("name")] !== "search.revision";

/** @throws {MoveError} when the two databases do not say the same. */
async function compare(source: Reader, target: Reader): Promise<Moved> {
  const rows: Record<string, number> = {};
  for (const table of [...tables, ...keptTables]) {
    const [one, other] = [
      await digestOf(source, table, isMeaning(table)),
      await digestOf(target, table, isMeaning(table)),
    ];
    if (one.hash !== other.hash)
      throw new MoveError(
        `The tables ${table.name} differ after the move (${one.rows} and ${other.rows} rows); go on with the old ` +
          `database, which is as it was, and report this`,
      );
    rows[table.name] = one.rows;
  }
  return { rows };
}

/**
 * Copies a library from one database to another, an empty one, and compares them. The media directory stays: it belongs to
 * both then, and the server is to be started with one of them. No server may be running. Cut off at any moment, the target
 * is empty, and it can be begun again.
 * @throws {MoveError} @throws {LockedError} @throws {ForeignDatabaseError}
 */
export async function moveDatabase(from: Place, to: Place, moving: Moving): Promise<Moved> {
  const isNew = await to.engine.look(to.url, ({ library, hasFiles }) =>
    Promise.resolve(library == null && !hasFiles),
  );
  const releases = [await from.engine.lock(from.url)];
  try {
    releases.push(await to.engine.lock(to.url));
    const source = await from.engine.openReading(from.url);
    try {
      const pending = await source.listPending();
      if (pending.length > 0)
        throw new MoveError(
          `${from.engine.nameOf(from.url)} is of an earlier version of this program; run colan migrate first`,
        );
      const open = await source.reader.get(sql`SELECT 1 AS "is" FROM "OpenTransaction"`);
      if (open != null)
        throw new MoveError("A transaction is open in the source; start the server once, and stop it");
      const target = await to.engine.open(to.url, { now: Date.now });
      try {
        await target.migrate();
        const hasRows = await target.db.reader.get(sql`SELECT 1 AS "is" FROM "Transaction" LIMIT 1`);
        if (!isNew || hasRows != null)
          throw new MoveError(
            `${to.engine.nameOf(to.url)} has a library already; give the name of an empty database. Nothing was written`,
          );
        await target.fill({ lots: lotsOf(source.reader, moving), lastIds: await source.readLastIds() });
        return await compare(source.reader, target.db.reader);
      } finally {
        await target.db.close();
      }
    } finally {
      await source.close();
    }
  } finally {
    for (const release of releases.reverse()) await release();
  }
}
