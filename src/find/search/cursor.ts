import { createHash } from "node:crypto";
import { BadUserInputError } from "../../errors.ts";
import type { Key } from "./keyset.ts";
import { nameOfOrder, type Order, type OrderColumn } from "./order.ts";
import type { EntityList } from "./query.ts";

/** Of the format below; a cursor of another one is refused, not misread. */
const version = 1;
/** In characters; a cursor contains at most two strings of a row. */
const lengthMax = 100_000;

/** Cursors of one list in one order: the place of a row, which stays a place when the row is gone. */
export interface Cursors {
  write(key: Key): string;
  /** @throws {BadUserInputError} for anything that was not written for the same order, filter and search. */
  read(field: "after" | "before", cursor: string): Key;
}

/** JSON that is the same for the same question: keys sorted, what is null or undefined left out. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([, one]) => one != null)
            .sort(([one], [other]) => (one < other ? -1 : 1)),
        )
      : inner,
  );
}

/** Distinguishes one list from another. Forging a cursor is possible and harmless: it only names another start. */
function signOf({ filter, search, trash, parentId }: EntityList): string {
  const asked = canonical({ filter: filter ?? {}, search: search?.trim() ?? "", trash, parentId });
  return createHash("sha256").update(asked).digest("base64url").slice(0, 8);
}

function isValue({ holds, isNullable }: OrderColumn, value: unknown): value is Key[number] {
  if (value === null) return isNullable;
  if (holds === "text") return typeof value === "string";
  return holds === "integer" ? Number.isSafeInteger(value) : typeof value === "number";
}

function isKey(order: Order, values: readonly unknown[]): values is Key {
  return (
    values.length === order.steps.length &&
    order.steps.every(({ column }, index) => isValue(column, values[index]))
  );
}

function parse(cursor: string): readonly unknown[] | undefined {
  if (cursor.length > lengthMax) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) ? (value as readonly unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

export function cursorsOf(list: EntityList, order: Order): Cursors {
  const [name, sign] = [nameOfOrder(order), signOf(list)];
  return {
    write: (key) => Buffer.from(JSON.stringify([version, name, sign, ...key])).toString("base64url"),
    read: (field, cursor) => {
      const refuse = (problem: string) => new BadUserInputError(field, problem);
      const [format, order_, list_, ...values] = parse(cursor) ?? [];
      if (typeof format !== "number") throw refuse("expected a cursor that an earlier page gave");
      if (format !== version)
        throw refuse("the cursor is of another version of this API; begin again without it");
      if (order_ !== name) throw refuse("the cursor is of a list in another order; begin again without it");
      if (list_ !== sign)
        throw refuse("the cursor is of a list with another filter, search or trash; begin again without it");
      if (!isKey(order, values)) throw refuse("expected a cursor that an earlier page gave");
      return values;
    },
  };
}
