/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters --
   The caller names the shape of the rows its SQL selects; nothing here could infer it. */
import Libsql from "libsql";
import type { Query } from "../sql.ts";
import { writeForSqlite } from "./dialect.ts";
import { isBusy, withoutLimits } from "./result-code.ts";
import { StatementCache } from "./statement-cache.ts";
import type { Rows } from "./statement.ts";

/** One connection to an SQLite file. Synchronous: nothing else in the process runs in between. */
export interface Connection {
  /**
   * Rows as plain objects keyed by column name; integers as numbers, blobs as Uint8Array.
   * @throws {RangeError} for an integer beyond 2^53 - 1
   * @throws {QueryTooComplexError} beyond a limit of SQLite.
   */
  all<Row>(query: Query): Row[];
  /** The first row, undefined when there is none. Every row is read, so give the statement a LIMIT. */
  get<Row>(query: Query): Row | undefined;
  /** Rows as arrays with their columns' declared types; integers as bigint. */
  rows(query: Query): Rows;
  /**
   * `changes`: rows the statement itself wrote, without those of its triggers; for a statement with RETURNING, rows
   * returned. `lastInsertId`: the last rowid this connection inserted. Both are 0 for BEGIN, COMMIT and their like.
   */
  run(query: Query): { changes: number; lastInsertId: number };
  /** Runs a script of any number of statements, triggers included. */
  exec(script: string): void;
  /** False as well when SQLite itself rolled back, as it does when the disk is full. */
  readonly inTransaction: boolean;
  close(): void;
}

/** How long a statement waits for another process's lock, and the whole process with it. */
export const busyTimeoutMs = 5000;
const cacheKiB = 64 * 1024;
const journalBytesMax = 64 * 1024 * 1024;

const pragmas = `
  PRAGMA busy_timeout = ${busyTimeoutMs};
  PRAGMA journal_mode = WAL;
  -- NORMAL loses acknowledged commits at power loss.
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA journal_size_limit = ${journalBytesMax};
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -${cacheKiB};
  -- A file from elsewhere must not run functions with side effects from its views and triggers.
  PRAGMA trusted_schema = OFF;
`;

/** Opens an SQLite file in WAL mode, making it when absent. `readOnly` refuses every write with SQLITE_READONLY. */
export function openConnection(path: string, options: { readOnly: boolean }): Connection {
  return new LibsqlConnection(path, options.readOnly);
}

const changesSchema = /\b(create|alter|drop)\b/i;
const controlsTransaction = /^\s*(begin|commit|end|rollback|savepoint|release)\b/i;

class LibsqlConnection implements Connection {
  readonly #path: string;
  readonly #readOnly: boolean;
  #database: Libsql.Database;
  #statements: StatementCache;
  #isOpen = true;

  constructor(path: string, readOnly: boolean) {
    this.#path = path;
    this.#readOnly = readOnly;
    this.#database = this.#connect();
    this.#statements = new StatementCache(this.#database);
  }

  all<Row>(query: Query): Row[] {
    const { sql, values } = writeForSqlite(query);
    // The caller names the shape of the rows its SQL selects; nothing can check that here.
    return this.#guarded(() => this.#statements.get(sql).objects(values) as Row[]);
  }

  get<Row>(query: Query): Row | undefined {
    return this.all<Row>(query)[0];
  }

  rows(query: Query): Rows {
    const { sql, values } = writeForSqlite(query);
    return this.#guarded(() => this.#statements.get(sql).rows(values));
  }

  run(query: Query): { changes: number; lastInsertId: number } {
    const { sql, values } = writeForSqlite(query);
    // A COMMIT that fails (deferred foreign keys) stays half-run when prepared, see #guarded; exec ends what it begins.
    if (controlsTransaction.test(sql)) {
      this.exec(sql);
      return { changes: 0, lastInsertId: 0 };
    }
    return this.#guarded(() => {
      const statement = this.#statements.get(sql);
      if (!statement.returnsRows) {
        const { changes, lastInsertRowid } = statement.run(values);
        return { changes, lastInsertId: Number(lastInsertRowid) };
      }
      const changes = statement.rows(values).rows.length;
      const [row] = this.#statements.get("SELECT last_insert_rowid()").rows([]).rows;
      return { changes, lastInsertId: Number(row?.[0]) };
    });
  }

  exec(script: string): void {
    if (!this.#isOpen) throw new Error("The database is closed");
    // Column names and types are read once for each statement, and a script may change both.
    if (changesSchema.test(script)) this.#statements.clear();
    this.#database.exec(script);
  }

  get inTransaction(): boolean {
    // libsql ends the process when a closed database is asked.
    return this.#isOpen && this.#database.inTransaction;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#disconnect();
  }

  #guarded<T>(work: () => T): T {
    // libsql's statements go on working after `close`, on a descriptor that may belong to another file by then.
    if (!this.#isOpen) throw new Error("The database is closed");
    try {
      return work();
    } catch (error) {
      // SQLITE_BUSY stops a statement half-way, and libsql has no way to reset it. While one hangs like that, SQLite
      // takes the connection for in use: a later write outside a transaction is acknowledged and never committed, a
      // later read keeps seeing today's rows. Only a new connection is free of it.
      if (isBusy(error)) {
        this.#disconnect();
        this.#database = this.#connect();
        this.#statements = new StatementCache(this.#database);
      }
      throw withoutLimits(error);
    }
  }

  #connect(): Libsql.Database {
    const database = new Libsql(this.#path);
    database.exec(pragmas);
    if (this.#readOnly) database.exec("PRAGMA query_only = ON");
    return database;
  }

  #disconnect(): void {
    if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
    this.#statements.clear();
    this.#database.close();
  }
}
