import { sql, type Sql } from "../sql.ts";

/** `untilTransactionId` of a place in an album that is still true: no transaction has this id. */
export const stillTrue = 2_147_483_647;

/** Which rows of "AlbumMember" are true now, or were just after a transaction. */
export const membersAt = (transactionId: number | "now"): Sql =>
  transactionId === "now"
    ? sql`"untilTransactionId" = ${stillTrue}`
    : sql`"transactionId" <= ${transactionId} AND "untilTransactionId" > ${transactionId}`;
