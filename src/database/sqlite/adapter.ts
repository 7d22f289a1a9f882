import type {
  IsolationLevel,
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
  SqlResultSet,
  Transaction,
} from "@prisma/driver-adapter-utils";
import { toQuery } from "./arguments.ts";
import { columnType, toPrisma } from "./column-types.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./database.ts";
import { driverError, toDriverError } from "./driver-error.ts";
import { resultCode, resultCodeOf } from "./result-code.ts";

const info = { provider: "sqlite", adapterName: "colan-sqlite" } as const;

/** Words that begin a statement which may only read; a WITH may introduce a write as well. */
const reads = /^[\s(]*(?:--[^\n]*\n\s*|\/\*[^]*?\*\/\s*)*(select|values|explain|with)\b/i;

/**
 * Lets Prisma use a database that has other users. Reads outside a transaction go to the reader and never
 * wait; writes outside a transaction take their turn, and so never join one that is open; a transaction
 * (BEGIN IMMEDIATE) keeps the writer until it ends. Disconnecting leaves the database open for its owner to close.
 */
export function prismaAdapter(database: Database): SqlDriverAdapterFactory {
  return { ...info, connect: () => Promise.resolve(makeAdapter(database)) };
}

function makeAdapter(database: Database): SqlDriverAdapter {
  return {
    ...info,
    queryRaw: (query) => mapped(() => queryOutside(database, query)),
    executeRaw: (query) =>
      mapped(() =>
        database.exclusive(() => database.whenUnlocked((writer) => writer.run(toQuery(query)).changes)),
      ),
    executeScript: (script) =>
      mapped(() =>
        database.exclusive((writer) => {
          writer.exec(script);
        }),
      ),
    startTransaction: (level) => mapped(() => startTransaction(database, level)),
    // SQLite's own limit of values in one statement, SQLITE_MAX_VARIABLE_NUMBER.
    getConnectionInfo: () => ({ maxBindValues: 32_766, supportsRelationJoins: false }),
    dispose: () => Promise.resolve(),
  };
}

async function queryOutside(database: Database, query: SqlQuery): Promise<SqlResultSet> {
  const word = reads.exec(query.sql)?.[1]?.toLowerCase();
  if (word !== undefined) {
    try {
      return resultSet(database.reader, query);
    } catch (error) {
      // WITH … INSERT … RETURNING: the reader refused before anything was written.
      if (word !== "with" || resultCodeOf(error) !== resultCode.readOnly) throw error;
    }
  }
  return database.exclusive(() => database.whenUnlocked((writer) => resultSet(writer, query)));
}

function resultSet(connection: Connection, query: SqlQuery): SqlResultSet {
  const { columns, rows } = connection.rows(toQuery(query));
  const columnTypes = columns.map((column, index) => columnType(column, index, rows));
  return {
    columnNames: columns.map(({ name }) => name),
    columnTypes,
    rows: rows.map((row) => columnTypes.map((type, index) => toPrisma(row[index] ?? null, type))),
  };
}

async function startTransaction(database: Database, level: IsolationLevel | undefined): Promise<Transaction> {
  // SQLite has no other, and promising less than it gives would hide a mistake.
  if (level !== undefined && level !== "SERIALIZABLE") {
    throw driverError({ kind: "InvalidIsolationLevel", level }, `SQLite has no isolation level ${level}`);
  }
  const release = await database.acquire();
  try {
    await database.whenUnlocked((writer) => {
      writer.exec("BEGIN IMMEDIATE");
    });
  } catch (error) {
    release();
    throw error;
  }
  return openTransaction(database.writer, release);
}

function openTransaction(writer: Connection, release: () => void): Transaction {
  let isOver = false;

  // After a rollback by SQLite itself (disk full, RAISE(ROLLBACK)) or by Prisma's timeout, a statement would run
  // on the bare connection: committed at once, or inside the next owner's transaction.
  const open = (): Connection => {
    if (!isOver && writer.inTransaction) return writer;
    const cause = "The transaction was rolled back; nothing of it has been written";
    throw driverError({ kind: "TransactionAlreadyClosed", cause }, cause);
  };
  const end = () => {
    if (isOver) return;
    isOver = true;
    try {
      if (writer.inTransaction) writer.exec("ROLLBACK");
    } finally {
      release();
    }
  };
  const execute = (sql: string) =>
    mapped(() => {
      open().exec(sql);
    });

  return {
    ...info,
    // Prisma then leaves COMMIT and ROLLBACK to the two methods below instead of sending them as statements.
    options: { usePhantomQuery: true },
    queryRaw: (query) => mapped(() => resultSet(open(), query)),
    executeRaw: (query) => mapped(() => open().run(toQuery(query)).changes),
    createSavepoint: (name) => execute(`SAVEPOINT ${name}`),
    rollbackToSavepoint: (name) => execute(`ROLLBACK TO ${name}`),
    releaseSavepoint: (name) => execute(`RELEASE ${name}`),
    commit: () =>
      mapped(() => {
        try {
          open().exec("COMMIT");
        } finally {
          // Prisma calls nothing more after a failed commit, so the turn is given back here in any case.
          end();
        }
      }),
    rollback: () => mapped(end),
  };
}

/** Runs work now or later; SQLite's errors come out as Prisma knows them, always as a rejection. */
async function mapped<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDriverError(error);
  }
}
