import { rowOf, text, unindexed } from "../../database/dialect.ts";
import { versionColumnsOf } from "../../database/model/rows.ts";
import { identifier, sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { all, always, any, leaf, oneOf, type Condition } from "../../find/search/filters/conditions.ts";
import { keywordedIn, memberIds, type Source } from "../../find/search/source.ts";
import type { Moment } from "../versions/moment.ts";
import { listReplacedMatches } from "./texts.ts";
import type { EntityQuery } from "../../find/search/query.ts";

type Needs = Pick<Deps, "db">;

/** The index of transactions would find every version ever begun before. */
const holdsAt = (transactionId: number): Condition =>
  all([
    leaf(sql`${unindexed(sql`v."transactionId"`)} <= ${transactionId}`),
    any([leaf(sql`v."untilTransactionId" IS NULL`), leaf(sql`v."untilTransactionId" > ${transactionId}`)]),
  ]);

/**
 * What changes no answer, but lets an engine enter the index of arrivals where it was then: nothing had arrived
 * later, and the index begins with `isDeleted`.
 */
const bounds = ({ at }: Moment, { trash }: EntityQuery): Condition =>
  all([
    leaf(sql`v."addedAt" <= ${new Date(at)}`),
    ...(trash === "ANY" ? [leaf(sql`v."isDeleted" IN (FALSE, TRUE)`)] : []),
  ]);

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
      WHERE ${rowOf("v")} IN (
        SELECT ${rowOf("v")} FROM "EntityVersion" v WHERE ${condition} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset})
      ORDER BY ${order}`,
    holds: all([holdsAt(transactionId), bounds(moment, query)]),
    // There is no index of the places of the past.
    around: () => always,
    keyworded: keywordedIn("v"),
    memberOf: (album) => leaf(sql`v."entityId" IN (${memberIds(album, transactionId)})`),
    inside: (top) => sql`
      WITH RECURSIVE inside("id") AS (
        SELECT CAST(${top} AS INTEGER)
        UNION
        SELECT c."entityId" FROM "EntityVersion" c JOIN inside ON c."parentId" = inside."id"
        WHERE c."isCollection" AND ${unindexed(sql`c."transactionId"`)} <= ${transactionId}
          AND COALESCE(c."untilTransactionId" > ${transactionId}, TRUE)
      )
      SELECT "id" FROM inside`,
    isParentDeleted: (alias) => sql`EXISTS (
      SELECT 1 FROM "EntityVersion" up
      WHERE up."entityId" = ${identifier(alias)}."parentId" AND up."isDeleted" = TRUE
        AND ${unindexed(sql`up."transactionId"`)} <= ${transactionId}
        AND COALESCE(up."untilTransactionId" > ${transactionId}, TRUE))`,
    found: async (match, signal) =>
      any([
        // What has not changed since is in the index of the live library.
        all([
          leaf(sql`v."untilTransactionId" IS NULL`),
          leaf(sql`v."entityId" IN (${text.found({ match })})`),
        ]),
        oneOf(sql`v."entityId"`, await listReplacedMatches({ db: needs.db, signal }, moment, match)),
      ]),
  };
}
