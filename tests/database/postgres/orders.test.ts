import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Db } from "../../../src/database/db.ts";
import { fold } from "../../../src/database/model/fold.ts";
import { statementOf } from "../../../src/database/postgres/connections.ts";
import { postgresEngine } from "../../../src/database/postgres/engine.ts";
import type { Reader } from "../../../src/database/reader.ts";
import type { Query } from "../../../src/database/sql.ts";
import { always } from "../../../src/find/search/filters/conditions.ts";
import { keyOf } from "../../../src/find/search/keyset.ts";
import { readPiece, type Listing, type Piece, type Row } from "../../../src/find/search/listing.ts";
import { orderOf, type EntityOrderBy } from "../../../src/find/search/order.ts";
import { dropDatabase, makeMigratedDatabase, postgresUrl } from "../../support/postgres.ts";

const rows = 4_000;
const limit = 20;

/** Strings that tie with others, no strings, and strings beyond what an index can have. */
function stringOf(index: number): string | null {
  if (index % 5 === 0) return null;
  if (index % 400 === 1) return `${"長".repeat(990)}${index % 7}`;
  if (index % 3 === 0) return `${"a".repeat(250)}${index % 11}`;
  return `box ${index % 500}`;
}

interface Plan {
  readonly "Node Type": string;
  readonly "Actual Rows": number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** In the order of code points, nulls last, ties by id. */
function compare(a: Row, b: Row, column: string): number {
  const [left, right] = [a[column], b[column]] as [string | null, string | null];
  if (left === right) return Number(a["id"]) - Number(b["id"]);
  if (left == null) return 1;
  if (right == null) return -1;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

describe.skipIf(postgresUrl == null)("orders by strings on PostgreSQL", () => {
  let db: Db;
  let client: pg.Client;
  let url: string;
  beforeAll(async () => {
    url = await makeMigratedDatabase();
    ({ db } = await postgresEngine.open(url, { now: Date.now }));
    client = new pg.Client({ connectionString: url });
    await client.connect();
    await db.transaction({ operation: "test", actor: null, reason: null }, ({ prisma }) =>
      prisma.entity.createMany({
        data: Array.from({ length: rows }, (_, index) => {
          const label = stringOf(index);
          const originalName = stringOf(index * 7);
          return { label, originalName, labelFolded: label == null ? null : fold(label), isCollection: true };
        }),
      }),
    );
    await client.query(`ANALYZE "Entity"`);
    await client.query(`SET plan_cache_mode = force_custom_plan`);
  });
  afterAll(async () => {
    await client.end();
    await db.close();
    await dropDatabase(url);
  });

  async function piece(listing: Listing, given: Piece) {
    const queries: Query[] = [];
    const all: Reader["all"] = (query, options) => {
      queries.push(query);
      return db.reader.all(query, options);
    };
    const watched: Db = { ...db, reader: { ...db.reader, all } };
    const found = await readPiece({ db: watched, signal: undefined }, listing, given);
    return { found, queries };
  }

  async function plansOf(queries: readonly Query[]): Promise<readonly Plan[]> {
    const plans: Plan[] = [];
    for (const query of queries) {
      const { text, values } = statementOf(query);
      const { rows: answer } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        values,
      );
      plans.push(answer[0]!["QUERY PLAN"][0].Plan);
    }
    return plans;
  }

  const listingOf = (orderBy: EntityOrderBy, trash: Listing["trash"] = [0]): Listing => ({
    order: orderOf([orderBy]),
    trash,
    condition: always,
    isWalked: true,
    isInOrder: true,
    isReady: true,
  });

  const longRows = rows / 400;
  const orders = (["label", "originalName"] as const).flatMap((key) =>
    (["ASC", "DESC"] as const).map((direction) => ({ key, direction })),
  );

  // Seen: the index had the first 200 characters, ORDER BY had the whole string: every page sorted the library.
  const scopes = orders.flatMap((order) =>
    [[0] as const, [0, 1] as const].map((trash) => ({ ...order, trash })),
  );
  test.each(scopes)(
    "$key $direction reads a page of the sides $trash of the trash from indexes, from anywhere in either direction",
    async ({ key, direction, trash }) => {
      const listing = listingOf({ [key]: direction }, trash);
      const { found: every } = await piece(listing, { limit: rows });
      const places = [1, 700, 1_500, 3_000, rows - 30].map((at) => keyOf(listing.order, every[at]!));
      const pieces: Piece[] = [
        { limit },
        { limit, isReversed: true },
        ...places.flatMap((key): Piece[] => [
          { limit, from: { key, isInside: false } },
          { limit, from: { key, isInside: false }, isReversed: true },
        ]),
      ];
      for (const given of pieces) {
        const { queries } = await piece(listing, given);
        for (const plan of await plansOf(queries))
          for (const { "Node Type": kind, "Actual Rows": read } of nodesOf(plan)) {
            expect(kind, JSON.stringify(plan)).not.toMatch(/Seq Scan/);
            // Those that no index orders are few, and all of them may be looked at.
            expect(read, JSON.stringify(plan)).toBeLessThanOrEqual(limit + longRows + 1);
          }
      }
    },
  );

  test.each(orders)(
    "$key $direction is true for strings of any length, page by page",
    async ({ key, direction }) => {
      const listing = listingOf({ [key]: direction });
      const column = `${key}Folded`;
      const { found: every } = await piece(listing, { limit: rows });
      const sign = direction === "ASC" ? 1 : -1;
      const expected = [...every].sort((a, b) =>
        a[column] == null || b[column] == null
          ? compare(a, b, column) * (a[column] === b[column] ? sign : 1)
          : sign * compare(a, b, column),
      );
      expect(every).toHaveLength(rows);
      expect(every.map((row) => row["id"])).toEqual(expected.map((row) => row["id"]));
      const walked: unknown[] = [];
      let from: Piece["from"];
      for (;;) {
        const { found } = await piece(listing, { limit: 333, from });
        walked.push(...found.map((row) => row["id"]));
        const last = found.at(-1);
        if (last == null) break;
        from = { key: keyOf(listing.order, last), isInside: false };
      }
      expect(walked).toEqual(expected.map((row) => row["id"]));
    },
  );
});
