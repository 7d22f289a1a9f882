import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openConnection, type Connection } from "../../src/database/sqlite/connection.ts";
import { sql, temporaryFolder } from "./temporary.ts";

function open(script = "", path = join(temporaryFolder(), "library.db"), readOnly = false): Connection {
  const connection = openConnection(path, { readOnly });
  onTestFinished(() => {
    connection.close();
  });
  connection.exec(script);
  return connection;
}

const table =
  "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, bytes BLOB, size BIGINT)";

test("rows are plain objects with numbers, strings, bytes and nulls", () => {
  const db = open(table);
  db.run(
    sql`INSERT INTO t (name, bytes, size) VALUES (${"Möwe 🦅"}, ${new Uint8Array([0, 255])}, ${2 ** 40})`,
  );
  const rows = db.all(sql`SELECT *, 1.5 AS half, NULL AS none FROM t`);
  expect(rows).toEqual([
    { id: 1, name: "Möwe 🦅", bytes: Buffer.from([0, 255]), size: 2 ** 40, half: 1.5, none: null },
  ]);
  expect(Object.keys(rows[0]!)).toEqual(["id", "name", "bytes", "size", "half", "none"]);
  expect(db.get(sql`SELECT id FROM t WHERE id = ${2}`)).toBeUndefined();
});

test("an integer too large for a number is refused, not rounded", () => {
  const db = open();
  expect(db.get(sql`SELECT ${2n ** 53n - 1n} AS n`)).toEqual({ n: Number.MAX_SAFE_INTEGER });
  expect(() => db.get(sql`SELECT ${2n ** 53n} AS n`)).toThrow(/^n holds 9007199254740992/);
  expect(db.rows(sql`SELECT ${-(2n ** 63n)} AS n`).rows).toEqual([[-(2n ** 63n)]]);
});

test("whole numbers stay integers, booleans become 0 and 1, dates milliseconds", () => {
  const db = open();
  expect(
    db.get(sql`SELECT typeof(${7}) AS whole, typeof(${7.5}) AS part, typeof(${undefined}) AS absent,
                      ${true} AS yes, ${false} AS no, ${new Date(5)} AS at, 'x' || ${7} AS text`),
  ).toEqual({ whole: "integer", part: "real", absent: "null", yes: 1, no: 0, at: 5, text: "x7" });
});

test.each([[{}], [[1]], [Symbol("s")], [new Date(Number.NaN)], [() => 1]])(
  "refuses %s as a value with a TypeError",
  (value) => {
    expect(() => open().get({ sql: "SELECT ?", values: [value] })).toThrow(TypeError);
  },
);

test("a value left out is refused", () => {
  // libsql keeps the last run's value for a place that gets none: one caller's data in another's query.
  const db = open();
  db.all({ sql: "SELECT ?, ?", values: [1, 2] });
  expect(() => db.all({ sql: "SELECT ?, ?", values: [3] })).toThrow(
    "expected 2 values for the statement, got 1",
  );
});

test("run returns what it wrote, with RETURNING as well, without the rows of triggers", () => {
  const db = open(`${table}; CREATE TABLE log (n); INSERT INTO log VALUES (1), (2), (3);
    CREATE TRIGGER counted AFTER INSERT ON t BEGIN UPDATE log SET n = n + 1; END;`);
  expect(db.run(sql`INSERT INTO t (name) VALUES ('a'), ('b')`)).toEqual({ changes: 2, lastInsertId: 2 });
  expect(db.run(sql`INSERT INTO t (name) VALUES ('c') RETURNING *`)).toEqual({ changes: 1, lastInsertId: 3 });
  expect(db.run(sql`DELETE FROM t WHERE id < ${3}`).changes).toBe(2);
});

test("reading one row or writing with RETURNING does not block the next commit", () => {
  // libsql's `get` and `run` stop at the first row; COMMIT then failed with "SQL statements in progress".
  const db = open(`${table}; INSERT INTO t (name) VALUES ('a'), ('b'), ('c')`);
  db.exec("BEGIN IMMEDIATE");
  db.get(sql`SELECT * FROM t`);
  db.run(sql`UPDATE t SET size = 1 RETURNING id`);
  expect(() => db.run(sql`INSERT INTO t (name) VALUES ('d'), ('a') RETURNING id`)).toThrow(/UNIQUE/);
  db.exec("COMMIT");
  expect(db.inTransaction).toBe(false);
});

test("a reader sees each commit at once and can write nothing", () => {
  const path = join(temporaryFolder(), "library.db");
  const writer = open(table, path);
  const reader = open("", path, true);
  for (let count = 0; count < 3; count++) {
    expect(reader.get(sql`SELECT count(*) AS n FROM t`)).toEqual({ n: count });
    writer.run(sql`INSERT INTO t DEFAULT VALUES`);
  }
  expect(() => reader.run(sql`DELETE FROM t`)).toThrow("attempt to write a readonly database");
  expect(() => {
    reader.exec("CREATE TABLE u (n)");
  }).toThrow("attempt to write a readonly database");
});

test("a prepared SELECT * follows a table that gains, renames and loses columns", () => {
  const path = join(temporaryFolder(), "library.db");
  const writer = open("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2)", path);
  const reader = open("", path, true);
  const select = sql`SELECT * FROM t`;
  expect([writer.get(select), reader.get(select)]).toEqual([
    { a: 1, b: 2 },
    { a: 1, b: 2 },
  ]);
  writer.exec("ALTER TABLE t ADD COLUMN c DEFAULT 3");
  expect([writer.get(select), reader.get(select)]).toEqual([
    { a: 1, b: 2, c: 3 },
    { a: 1, b: 2, c: 3 },
  ]);
  writer.exec("ALTER TABLE t RENAME COLUMN a TO z");
  expect(writer.get(select)).toEqual({ z: 1, b: 2, c: 3 });
});

test("opens with the settings that acknowledged commits rely on", () => {
  const db = open();
  const pragma = (name: string) => db.rows({ sql: `PRAGMA ${name}`, values: [] }).rows[0]?.[0];
  expect(pragma("journal_mode")).toBe("wal");
  expect(pragma("synchronous")).toBe(2n);
  expect(pragma("foreign_keys")).toBe(1n);
  expect(pragma("busy_timeout")).toBe(5000n);
  expect(pragma("journal_size_limit")).toBe(67_108_864n);
});

test("more statements than are kept prepared all work", () => {
  const db = open();
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 600; n++) expect(db.get({ sql: `SELECT ${n} AS n`, values: [] })).toEqual({ n });
  }
});

test("a full-text index kept by triggers works", () => {
  // trusted_schema is off, and only virtual tables marked innocuous may then be written by triggers.
  const db = open(`CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
    CREATE VIRTUAL TABLE t_fts USING fts5(name, content='t', content_rowid='id');
    CREATE TRIGGER indexed AFTER INSERT ON t BEGIN INSERT INTO t_fts (rowid, name) VALUES (new.id, new.name); END;`);
  db.run(sql`INSERT INTO t (name) VALUES ('grey heron')`);
  expect(db.get(sql`SELECT rowid FROM t_fts WHERE t_fts MATCH ${"heron"}`)).toEqual({ rowid: 1 });
});

test("a closed connection refuses everything and rolls back what was open", () => {
  // Prepared statements of libsql go on working after close, and asking for a transaction ends the process.
  const path = join(temporaryFolder(), "library.db");
  const db = open(table, path);
  const insert = sql`INSERT INTO t DEFAULT VALUES`;
  db.exec("BEGIN IMMEDIATE");
  db.run(insert);
  db.close();
  db.close();
  expect(db.inTransaction).toBe(false);
  expect(() => db.run(insert)).toThrow("The database is closed");
  expect(() => {
    db.exec("SELECT 1");
  }).toThrow("The database is closed");
  const next = open("", path);
  next.run(insert);
  expect(next.get(sql`SELECT count(*) AS n FROM t`)).toEqual({ n: 1 });
});

test("after another process kept the lock too long, writes are committed and reads stay fresh", () => {
  // Seen with libsql 0.5: a prepared statement that met SQLITE_BUSY stays half-run, and from then on each write outside
  // a transaction answered `changes: 1` and was never committed.
  const path = join(temporaryFolder(), "library.db");
  const db = open(table, path);
  const other = open("", path);
  for (const refused of [sql`DELETE FROM t`, sql`UPDATE t SET size = 1 RETURNING id`]) {
    db.exec("PRAGMA busy_timeout = 1");
    other.exec("BEGIN IMMEDIATE");
    expect(() => db.run(refused)).toThrow("database is locked");
    other.exec("ROLLBACK");
    const before = other.get<{ n: number }>(sql`SELECT count(*) AS n FROM t`)!.n;
    expect(db.run(sql`INSERT INTO t DEFAULT VALUES`).changes).toBe(1);
    expect(other.get(sql`SELECT count(*) AS n FROM t`)).toEqual({ n: before + 1 });
    expect(db.rows(sql`PRAGMA foreign_keys`).rows).toEqual([[1n]]);
  }
});

test("a commit that fails leaves nothing half-run that would lock tables and the journal", () => {
  const path = join(temporaryFolder(), "library.db");
  const db = open(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, up REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)",
    path,
  );
  db.run(sql`BEGIN IMMEDIATE`);
  db.run(sql`INSERT INTO t VALUES (1, 2)`);
  expect(() => db.run(sql`COMMIT`)).toThrow("FOREIGN KEY constraint failed");
  db.run(sql`ROLLBACK`);
  db.run(sql`INSERT INTO t VALUES (3, NULL)`);
  expect(open("", path).all(sql`SELECT id FROM t`)).toEqual([{ id: 3 }]);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
});
