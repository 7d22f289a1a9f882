import type Libsql from "libsql";
import { Statement } from "./statement.ts";

const statementsMax = 500;
/** Longer statements contain lists of values, and hardly ever occur twice. */
const statementCharactersMax = 20_000;

/** One connection's prepared statements, those asked for last; preparing costs about 100 µs, running often 5. */
export class StatementCache {
  readonly #database: Libsql.Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Libsql.Database) {
    this.#database = database;
  }

  get(sql: string): Statement {
    const cached = this.#statements.get(sql);
    const statement = cached ?? new Statement(this.#database, sql);
    if (sql.length > statementCharactersMax) return statement;
    // A Map keeps the order of insertion, so its first key is the one that was not asked for the longest.
    if (cached) this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > statementsMax) this.#forgetOldest();
    return statement;
  }

  clear(): void {
    this.#statements.clear();
  }

  #forgetOldest(): void {
    const [oldest] = this.#statements.keys();
    if (oldest !== undefined) this.#statements.delete(oldest);
  }
}
