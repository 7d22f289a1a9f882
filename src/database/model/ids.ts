/** Ids are integers in the database and opaque text (`ID`) in the API. */
export type EntityId = number;

/** The greatest id that a row can have: PostgreSQL's `integer`, 2^31 - 1. */
export const idMax = 2_147_483_647;

/**
 * @returns undefined for a string that names nothing: not a positive whole number, or larger than a
 *   row's id can be (`idMax`). It is an unknown id then, not a wrong request: ids are opaque to clients.
 */
export function parseId(text: string): number | undefined {
  if (!/^[1-9]\d{0,9}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= idMax ? id : undefined;
}

/**
 * A transaction's id as clients see it. The letter makes it different from an entity's id: a client's
 * cache may name records by their ids alone.
 */
export const transactionIdText = (id: number): string => `T${id}`;

/**
 * With or without the letter; 0 is the moment before the first transaction.
 * @returns undefined for a string that cannot be one.
 */
export function parseTransactionId(text: string): number | undefined {
  const digits = text.startsWith("T") ? text.slice(1) : text;
  return digits === "0" ? 0 : parseId(digits);
}
