import Libsql from "libsql/promise";
import type { Query } from "../sql.ts";
import { writeForSqlite } from "./dialect.ts";
import { isBusy, withoutLimits } from "./result-code.ts";
import { fromStored, toStored, type Stored } from "./values.ts";

/** Libsql's own type says `any` for all of this. */
interface AsyncStatement {
  raw(raw: boolean): AsyncStatement;
  safeIntegers(toggle: boolean): AsyncStatement;
  columns(): readonly { readonly name: string }[];
  all(...values: Stored[]): Promise<Stored[][]>;
}

interface Prepared {
  readonly statement: AsyncStatement;
  names: readonly string[];
}

const namesOf = (statement: AsyncStatement): readonly string[] => statement.columns().map(({ name }) => name);

function objectOf(row: readonly Stored[], names: readonly string[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  row.forEach((value, index) => {
    const name = names[index] ?? "";
    object[name] = fromStored(value, name);
  });
  return object;
}

const pragmas = `
  PRAGMA busy_timeout = 5000;
  PRAGMA query_only = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -${32 * 1024};
  PRAGMA trusted_schema = OFF;
`;

const statementsMax = 200;
/** An interrupt that comes before SQLite's first step is lost, so it is repeated until the query has ended. */
const interruptEveryMs = 5;

/** One connection that reads in a thread of libsql's, one query at a time. */
export class BackgroundConnection {
  readonly #path: string;
  readonly #statements = new Map<string, Prepared>();
  #database: Libsql | undefined;
  #isPinned = false;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * @throws {Error} of SQLite, SQLITE_INTERRUPT when the signal was aborted
   * @throws {QueryTooComplexError} beyond a limit of SQLite.
   */
  async all(query: Query, signal: AbortSignal): Promise<Record<string, unknown>[]> {
    const { sql, values } = writeForSqlite(query);
    const database = await this.#open();
    let repeating: NodeJS.Timeout | undefined;
    const interrupt = () => {
      database.interrupt();
      repeating ??= setInterval(interrupt, interruptEveryMs);
    };
    signal.addEventListener("abort", interrupt, { once: true });
    if (signal.aborted) interrupt();
    try {
      const prepared = this.#statements.get(sql) ?? (await this.#prepare(database, sql));
      const { statement } = prepared;
      const rows = await statement.all(...values.map(toStored));
      // SQLite prepares a statement again when the schema has changed, so `SELECT *` can gain a column.
      if (rows[0] !== undefined && rows[0].length !== prepared.names.length)
        prepared.names = namesOf(statement);
      return rows.map((row) => objectOf(row, prepared.names));
    } catch (error) {
      if (isBusy(error)) this.close();
      throw withoutLimits(error);
    } finally {
      signal.removeEventListener("abort", interrupt);
      clearInterval(repeating);
    }
  }

  /** From now on it sees one commit, the newest, until it is released. */
  async pin(signal: AbortSignal): Promise<void> {
    const database = await this.#open();
    await (database.exec("BEGIN") as Promise<void>);
    this.#isPinned = true;
    // BEGIN by itself reads nothing, and so chooses no commit yet.
    await this.all({ sql: `SELECT 1 AS "is" FROM "Counter" LIMIT 1`, values: [] }, signal);
  }

  async release(): Promise<void> {
    this.#isPinned = false;
    await (this.#database?.exec("ROLLBACK") as Promise<void> | undefined);
  }

  close(): void {
    this.#statements.clear();
    this.#database?.close();
    this.#database = undefined;
  }

  async #open(): Promise<Libsql> {
    if (this.#database != null) return this.#database;
    // A new connection would see another commit.
    if (this.#isPinned) throw new Error("A pinned connection was lost");
    return (this.#database = await this.#connect());
  }

  async #connect(): Promise<Libsql> {
    const database = new Libsql(this.#path, {});
    // Typed as `any`; a promise of nothing.
    await (database.exec(pragmas) as Promise<void>);
    return database;
  }

  /**
   * Only a query's first step runs in the other thread; libsql takes the further ones in the event loop. As a
   * materialised subquery everything is done in the first.
   * @see https://sqlite.org/lang_with.html#materialization_hints
   */
  async #prepare(database: Libsql, sql: string): Promise<Prepared> {
    const text = `WITH answer AS MATERIALIZED (${sql}) SELECT * FROM answer`;
    const statement = (await (database.prepare(text) as Promise<AsyncStatement>))
      .raw(true)
      .safeIntegers(true);
    const prepared: Prepared = { statement, names: namesOf(statement) };
    if (this.#statements.size >= statementsMax) this.#statements.clear();
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
