import type Libsql from "libsql";
import { fromStored, toStored, type Stored } from "./values.ts";

export interface Column {
  readonly name: string;
  /** As declared in CREATE TABLE; null for an expression. */
  readonly type: string | null;
}

export interface Rows {
  readonly columns: readonly Column[];
  /** One array a row, in the order of the columns; integers as bigint. */
  readonly rows: readonly (readonly Stored[])[];
}

type RunResult = ReturnType<Libsql.Statement["run"]>;

/** A prepared statement that is always run to its end. */
export class Statement {
  /** Whether it answers with rows: a SELECT, and any write with RETURNING. */
  readonly returnsRows: boolean;
  readonly #statement: Libsql.Statement;
  #columns: readonly Column[] = [];
  #emptyRow: Readonly<Record<string, unknown>> = {};
  #valueCount: number | undefined;

  constructor(database: Libsql.Database, sql: string) {
    this.#statement = database.prepare(sql).safeIntegers(true);
    // Both are native calls dear enough (4 and 60 µs) to be asked once, not at every run.
    this.returnsRows = this.#statement.reader;
    if (this.returnsRows) {
      this.#statement.raw(true);
      this.#readColumns();
    }
  }

  /**
   * Every row. Never libsql's `get` or `run` for this: they stop at the first row and leave the statement open, which
   * pins an old snapshot of the file and fails the next COMMIT with "SQL statements in progress".
   */
  rows(values: readonly unknown[]): Rows {
    // `raw` mode answers with arrays, and the values come from SQLite's five storage classes.
    const rows = this.#statement.all(this.#bound(values)) as Stored[][];
    // SQLite prepares a statement again when the schema has changed, so `SELECT *` can gain a column.
    if (rows[0] !== undefined && rows[0].length !== this.#columns.length) this.#readColumns();
    return { columns: this.#columns, rows };
  }

  /** Every row as an object keyed by column name. */
  objects(values: readonly unknown[]): Record<string, unknown>[] {
    const { columns, rows } = this.rows(values);
    return rows.map((row) => {
      // Copying a row of the right shape is cheaper than growing an object column by column.
      const object: Record<string, unknown> = { ...this.#emptyRow };
      for (let index = 0; index < row.length; index++) {
        const name = columns[index]?.name ?? "";
        object[name] = fromStored(row[index] ?? null, name);
      }
      return object;
    });
  }

  /** Runs a statement that has no rows to give. */
  run(values: readonly unknown[]): RunResult {
    return this.#statement.run(this.#bound(values));
  }

  #bound(values: readonly unknown[]): Stored[] {
    // libsql keeps the last run's value for each place that is given none: another caller's value, here.
    this.#valueCount ??= values.length;
    if (values.length !== this.#valueCount) {
      throw new RangeError(`expected ${this.#valueCount} values for the statement, got ${values.length}`);
    }
    return values.map(toStored);
  }

  #readColumns(): void {
    this.#columns = this.#statement.columns().map(({ name, type }) => ({ name, type }));
    this.#emptyRow = Object.fromEntries(this.#columns.map(({ name }) => [name, null]));
  }
}
