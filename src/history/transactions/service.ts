import { list, rowsOf } from "../../database/dialect.ts";
import type { EntityVersion, Tombstone, Transaction } from "../../database/generated/client.ts";
import { parseId, parseTransactionId } from "../../database/model/ids.ts";
import { entityVersionOf, versionColumns } from "../../database/model/rows.ts";
import { join, sql, type Sql } from "../../database/sql.ts";
import { stateColumns } from "../../database/model/entity-state.ts";
import type { Asking, Deps } from "../../deps.ts";
import { checkPage, page, type Page, type PageArgs } from "../../graphql/pagination.ts";
import { nameOfVersion, type VersionKey } from "../versions/service.ts";

type Needs = Pick<Deps, "db">;
type Row = Record<string, unknown>;

/** Prisma gives `at` as a Date; so does this. */
const transactionOf = (row: Row): Transaction => ({
  ...(row as Transaction),
  at: new Date(row["at"] as number),
});

export async function findTransactions(
  { db }: Needs,
  ids: readonly number[],
): Promise<Map<number, Transaction>> {
  const rows = await db.reader.all<Row>(sql`SELECT * FROM "Transaction" WHERE "id" IN (${list(ids)})`);
  return new Map(rows.map(transactionOf).map((transaction) => [transaction.id, transaction]));
}

/** For each id the newest transaction that undid it, if any did. */
export async function findUndos({ db }: Needs, ids: readonly number[]): Promise<Map<number, number>> {
  const rows = await db.reader.all<{ undoOfId: number; id: number }>(sql`
    SELECT "undoOfId", MAX("id") AS "id" FROM "Transaction"
    WHERE "undoOfId" IN (${list(ids)}) GROUP BY "undoOfId"`);
  return new Map(rows.map(({ undoOfId, id }) => [undoOfId, id]));
}

/** @returns undefined when there is none with this id. */
export async function findTransaction(needs: Needs, id: string): Promise<Transaction | undefined> {
  const parsed = parseTransactionId(id);
  return parsed == null ? undefined : (await findTransactions(needs, [parsed])).get(parsed);
}

export interface TransactionQuery extends PageArgs {
  readonly actor?: string | null | undefined;
  readonly entityId?: string | null | undefined;
}

/** Newest first. */
export async function listTransactions(
  { db, signal }: Needs & Asking,
  query: TransactionQuery,
): Promise<Page<Transaction>> {
  const args = checkPage(query);
  const { actor, entityId } = query;
  const byActor = actor == null ? sql`TRUE` : sql`"actor" = ${actor}`;
  // An id that cannot be one matches nothing, as an unknown one does.
  const id = entityId == null ? null : (parseId(entityId) ?? 0);
  const byEntity =
    id == null
      ? sql`TRUE`
      : sql`"id" IN (SELECT "transactionId" FROM "EntityVersion" WHERE "entityId" = ${id}
                     UNION SELECT "transactionId" FROM "Tombstone" WHERE "entityId" = ${id})`;
  // An actor may be in millions of them, and so may an offset.
  const rows = await db.reader.all<Row>(
    sql`
      SELECT * FROM "Transaction" WHERE ${byActor} AND ${byEntity}
      ORDER BY "id" DESC LIMIT ${args.limit} OFFSET ${args.offset}`,
    { cost: "scan", signal },
  );
  return page(args, rows.map(transactionOf), async () => {
    const row = await db.reader.get<{ count: number }>(
      sql`SELECT COUNT(*) AS "count" FROM "Transaction" WHERE ${byActor} AND ${byEntity}`,
      { cost: "scan", signal },
    );
    return row?.count ?? 0;
  });
}

/** As SQLite gives it. */
interface TombstoneRow extends Omit<Tombstone, "isCollection" | "addedAt"> {
  readonly isCollection: 0 | 1;
  readonly addedAt: number;
}

/** A destroyed entity's last trace, in the shape of a version whose facts are gone. */
function tombstoneVersion(
  tombstone: TombstoneRow,
  { id, at }: Pick<Transaction, "id" | "at">,
): EntityVersion {
  const { entityId, version, md5 } = tombstone;
  const trace = {
    ...Object.fromEntries(stateColumns.map((column) => [column, null])),
    ...{ entityId, version, md5, operation: "HARD_DELETE", transactionId: id, untilTransactionId: null },
    ...{ isCollection: tombstone.isCollection === 1, isDeleted: true },
    ...{ addedAt: new Date(tombstone.addedAt), updatedAt: at, deletedAt: at },
  };
  // Every column of a version is either null by the first line or set by the others.
  return trace as unknown as EntityVersion;
}

interface ChangeCount {
  readonly id: number;
  readonly versions: number;
  readonly destroyed: number;
}

/** How many versions each transaction wrote that are kept, and how many entities it destroyed. */
export async function countChanges({ db }: Needs, ids: readonly number[]): Promise<Map<number, ChangeCount>> {
  const rows = await db.reader.all<ChangeCount>(sql`
    SELECT t."value" AS "id",
      (SELECT COUNT(*) FROM "EntityVersion" WHERE "transactionId" = t."value") AS "versions",
      (SELECT COUNT(*) FROM "Tombstone" WHERE "transactionId" = t."value") AS "destroyed"
    FROM (${list(ids)}) t`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Questions in one statement. */
const pagesAtOnce = 50;

/** The same page for each id, in one statement for many: each page is a range of its own in an index. */
async function eachPage<Row>(
  { db }: Needs,
  ids: readonly number[],
  pageOf: (id: number) => Sql,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < ids.length; from += pagesAtOnce) {
    const pages = ids.slice(from, from + pagesAtOnce).map((id) => sql`SELECT * FROM (${pageOf(id)}) p`);
    rows.push(...(await db.reader.all<Row>(join(pages, " UNION ALL "))));
  }
  return rows;
}

/** The same page of what each transaction changed: versions by entity, then what it destroyed. */
export async function listChangePages(
  needs: Needs,
  transactions: readonly Transaction[],
  { offset, limit }: PageArgs,
): Promise<Map<number, EntityVersion[]>> {
  const pages = new Map(transactions.map(({ id }) => [id, [] as EntityVersion[]]));
  const ids = [...pages.keys()];
  const versions = await eachPage<Row>(
    needs,
    ids,
    (id) => sql`
    SELECT ${versionColumns} FROM "EntityVersion" v WHERE v."transactionId" = ${id}
    ORDER BY v."entityId", v."version" LIMIT ${limit} OFFSET ${offset}`,
  );
  for (const version of versions.map(entityVersionOf)) pages.get(version.transactionId)?.push(version);

  const counts = await countChanges(needs, ids);
  const byRoom = new Map<string, Transaction[]>();
  for (const transaction of transactions) {
    const count = counts.get(transaction.id);
    const room = limit - (pages.get(transaction.id)?.length ?? 0);
    if (room === 0 || (count?.destroyed ?? 0) === 0) continue;
    // A transaction either writes versions or destroys, so that there is one group as a rule.
    const key = JSON.stringify([room, Math.max(0, offset - (count?.versions ?? 0))]);
    byRoom.set(key, [...(byRoom.get(key) ?? []), transaction]);
  }
  for (const [key, group] of byRoom) {
    const [room, skip] = JSON.parse(key) as [number, number];
    for (const version of await listDestroyed(needs, group, { limit: room, offset: skip }))
      pages.get(version.transactionId)?.push(version);
  }
  return pages;
}

/** The same page of what each transaction destroyed, by transaction and entity. */
async function listDestroyed(
  needs: Needs,
  transactions: readonly Transaction[],
  { offset, limit }: PageArgs,
): Promise<EntityVersion[]> {
  const ids = transactions.map(({ id }) => id);
  const rows = await eachPage<TombstoneRow & { at: number }>(
    needs,
    ids,
    (id) => sql`
    SELECT d.*, t."at" FROM "Tombstone" d JOIN "Transaction" t ON t."id" = d."transactionId"
    WHERE d."transactionId" = ${id} ORDER BY d."entityId" LIMIT ${limit} OFFSET ${offset}`,
  );
  return rows.map(versionOfTombstone);
}

/** The last traces of destroyed entities, by their names; those that there are. */
export async function findDestroyed(
  { db }: Needs,
  keys: readonly VersionKey[],
): Promise<Map<string, EntityVersion>> {
  const pairs = keys.map(({ entityId, version }) => [entityId, version]);
  const rows = await db.reader.all<TombstoneRow & { at: number }>(sql`
    SELECT d.*, t."at" FROM ${rowsOf("k", ["entityId", "version"], pairs)}
    JOIN "Tombstone" d ON d."entityId" = k."entityId" AND d."version" = k."version"
    JOIN "Transaction" t ON t."id" = d."transactionId"`);
  return new Map(rows.map(versionOfTombstone).map((version) => [nameOfVersion(version), version]));
}

const versionOfTombstone = ({ at, ...tombstone }: TombstoneRow & { at: number }): EntityVersion =>
  tombstoneVersion(tombstone, { id: tombstone.transactionId, at: new Date(at) });

/** The entities that transactions destroyed after a place in the history, by transaction and entity. */
export async function listTombstones(
  { db }: Needs,
  transactionId: number,
  entityId: number,
  limit: number,
): Promise<EntityVersion[]> {
  const rows = await db.reader.all<TombstoneRow & { at: number }>(sql`
    SELECT d.*, t."at" FROM "Tombstone" d JOIN "Transaction" t ON t."id" = d."transactionId"
    WHERE (d."transactionId", d."entityId") > (${transactionId}, ${entityId})
    ORDER BY d."transactionId", d."entityId" LIMIT ${limit}`);
  return rows.map(versionOfTombstone);
}
