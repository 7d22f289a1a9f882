import { openConnection } from "./sqlite/connection.ts";

/** Texts in the order of the columns, under the id they are known by. */
export type TextRow = readonly [id: number, ...texts: (string | null)[]];

/** Looks for words in texts that no index holds. */
export interface TextMatching {
  /** @returns the ids of the rows that match; the rows are forgotten again. About 5 µs each. */
  match(rows: readonly TextRow[]): readonly number[];
  close(): void;
}

/** What a word is to the library's own index, so that what finds a text now would have found it then. */
export const tokenizer = `unicode61 remove_diacritics 2`;

/**
 * An index like the library's own, made in memory and of a few rows at a time; it must be closed.
 * @param expression as FTS5 takes it.
 */
export function openTextMatching(columns: readonly string[], expression: string): TextMatching {
  const names = columns.map((name) => `"${name}"`).join();
  const values = columns.map((_, index) => `value ->> ${index + 1}`).join();
  const memory = openConnection(":memory:", { readOnly: false });
  // Without content: only ids are asked for.
  memory.exec(`CREATE VIRTUAL TABLE texts USING fts5(${names}, content='', tokenize="${tokenizer}")`);
  return {
    match(rows) {
      if (rows.length === 0) return [];
      memory.exec("BEGIN");
      memory.run({
        sql: `INSERT INTO texts (rowid, ${names}) SELECT value ->> 0, ${values} FROM json_each(?)`,
        values: [JSON.stringify(rows)],
      });
      const found = memory.all<{ id: number }>({
        sql: "SELECT rowid AS id FROM texts WHERE texts MATCH ?",
        values: [expression],
      });
      memory.exec("ROLLBACK");
      return found.map(({ id }) => id);
    },
    close: () => {
      memory.close();
    },
  };
}
