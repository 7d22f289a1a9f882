import { createHash } from "node:crypto";
import type { Table } from "./model/tables.ts";
import type { Reader } from "./reader.ts";
import { identifier, join, sql, type Sql } from "./sql.ts";

/** Values in the order of a table's columns: as `Reader` gives them. */
export type Values = readonly unknown[];

/** What a library consists of, to be written to another database. */
export interface Contents {
  /** In the order of `tables`, some thousand rows at a time. */
  readonly lots: AsyncIterable<{ readonly table: Table; readonly rows: readonly Values[] }>;
  /** The highest id ever given out, by table. */
  readonly lastIds: Readonly<Record<string, number>>;
}

const lotRows = 2_000;
const booleans: ReadonlySet<string> = new Set(["isDeleted"]);

/** A key's value as a statement compares it. */
const keyValue = (column: string, value: unknown) => (booleans.has(column) ? value === 1 : value);

/** All rows of a table in the order of its key. */
export async function* readTable(
  reader: Pick<Reader, "all">,
  { name, columns, key }: Table,
): AsyncGenerator<readonly Values[]> {
  const keys = join(key.map(identifier));
  let above: Sql = sql`TRUE`;
  let lot: Record<string, unknown>[];
  do {
    lot = await reader.all<Record<string, unknown>>(sql`
      SELECT ${join(columns.map(identifier))} FROM ${identifier(name)} WHERE ${above} ORDER BY ${keys} LIMIT ${lotRows}`);
    if (lot.length > 0) yield lot.map((row) => columns.map((column) => row[column] ?? null));
    const last = lot.at(-1);
    if (last != null)
      above = sql`(${keys}) > (${join(key.map((column) => sql`${keyValue(column, last[column])}`))})`;
  } while (lot.length === lotRows);
}

/** What a table says, whichever engine keeps it. */
export interface Digest {
  readonly rows: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
}

const plain = (value: unknown): unknown =>
  value instanceof Uint8Array ? { bytes: Buffer.from(value).toString("hex") } : value;

/** @param isCounted false leaves a row out. */
export async function digestOf(
  reader: Pick<Reader, "all">,
  table: Table,
  isCounted: (values: Values) => boolean = () => true,
): Promise<Digest> {
  const hash = createHash("sha256");
  let rows = 0;
  for await (const lot of readTable(reader, table))
    for (const values of lot.filter(isCounted)) {
      rows++;
      hash.update(`${JSON.stringify(values.map(plain))}\n`);
    }
  return { rows, hash: hash.digest("hex") };
}
