import { versionColumnsOf } from "../../database/model/rows.ts";
import { identifier, sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { all, always, any, leaf, oneOf, type Condition } from "../../find/search/filters/conditions.ts";
import { indexed, type Source } from "../../find/search/source.ts";
import type { Moment } from "../versions/moment.ts";
import { listReplacedMatches } from "./texts.ts";
import type { EntityQuery } from "../../find/search/query.ts";

type Needs = Pick<Deps, "db">;

/** `+` keeps the index of transactions out of the plan: it would find every version ever begun before. */
const holdsAt = (transactionId: number): Condition =>
  all([
    leaf(sql`+v."transactionId" <= ${transactionId}`),
    any([leaf(sql`v."untilTransactionId" IS NULL`), leaf(sql`v."untilTransactionId" > ${transactionId}`)]),
  ]);

/**
 * A condition that changes no result, but lets SQLite enter the index of arrivals at that moment: nothing had arrived
 * later, and the index begins with `isDeleted`.
 */
const bounds = ({ at }: Moment, { trash }: EntityQuery): Condition =>
  all([leaf(sql`v."addedAt" <= ${at}`), ...(trash === "ANY" ? [leaf(sql`v."isDeleted" IN (0, 1)`)] : [])]);

/** The library as it stood just after a transaction, for one query. */
export function past(needs: Needs, moment: Moment, query: EntityQuery): Source {
  const { transactionId } = moment;
  return {
    from: sql`"EntityVersion" v`,
    alias: "v",
    id: "entityId",
    // The rows themselves are read only when it is clear which: until then the index has all that is asked.
    select: ({ condition, order, columns, limit, offset }) => sql`
      SELECT ${versionColumnsOf(columns)} FROM "EntityVersion" v
      WHERE v.rowid IN (
        SELECT v.rowid FROM "EntityVersion" v WHERE ${condition} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset})
      ORDER BY ${order}`,
    holds: all([holdsAt(transactionId), bounds(moment, query)]),
    // There is no index of the places of the past.
    around: () => always,
    inside: (top) => sql`
      WITH RECURSIVE inside("id") AS (
        SELECT ${top}
        UNION
        SELECT c."entityId" FROM "EntityVersion" c JOIN inside ON c."parentId" = inside."id"
        WHERE c."isCollection" AND +c."transactionId" <= ${transactionId}
          AND ifnull(c."untilTransactionId" > ${transactionId}, 1)
      )
      SELECT "id" FROM inside`,
    isParentDeleted: (alias) => sql`EXISTS (
      SELECT 1 FROM "EntityVersion" up
      WHERE up."entityId" = ${identifier(alias)}."parentId" AND up."isDeleted" = 1
        AND +up."transactionId" <= ${transactionId} AND ifnull(up."untilTransactionId" > ${transactionId}, 1))`,
    found: async (match, signal) =>
      any([
        // Entities that have not changed since are in the index of the live library.
        all([leaf(sql`v."untilTransactionId" IS NULL`), leaf(sql`v."entityId" IN (${indexed(match)})`)]),
        oneOf(sql`v."entityId"`, await listReplacedMatches({ ...needs, signal }, moment, match)),
      ]),
  };
}
