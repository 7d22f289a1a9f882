import { openConnection } from "./connection.ts";

/**
 * Copies a database as it is at one commit, while others write; blocks the thread meanwhile.
 * @param into must not exist.
 * @see https://sqlite.org/lang_vacuum.html#vacuum_with_an_into_clause
 */
export function snapshotDatabase(path: string, into: string): void {
  // Nothing of the source is written, yet a connection that is `query_only` refuses it.
  const connection = openConnection(path, { readOnly: false });
  try {
    connection.run({ sql: "VACUUM INTO ?", values: [into] });
  } finally {
    connection.close();
  }
}
