/** Ids are integers in the database and opaque text (`ID`) in the API. */
export type EntityId = number;

/**
 * @returns undefined for a text that names nothing: not a positive whole number, or past what a
 *   row can have (2^53 - 1). It is an unknown id then, not a wrong request: ids are opaque to clients.
 */
export function parseId(text: string): number | undefined {
  if (!/^[1-9]\d{0,15}$/.test(text)) return undefined;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : undefined;
}

/** A transaction's id as clients get it, in `Transaction.id` and in the `extensions` of every answer. */
export const transactionIdText = (id: number): string => String(id);
