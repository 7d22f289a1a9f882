import { foldedColumns } from "../model/entity-state.ts";
import { fold } from "../model/fold.ts";
import { foldKeywords } from "../model/keywords.ts";
import type { Stamp } from "./past-state.ts";

type Data = Record<string, unknown>;
type Arguments = Record<string, unknown>;

/** Relations that lead to entities: a nested write through them is a write to entities too. */
const entityRelations: Readonly<Record<string, readonly string[]>> = {
  Entity: ["parent", "children"],
  Original: ["entities"],
};

/** Prisma's writing operations; all others only read. */
const writes = new Set([
  "create",
  "createMany",
  "createManyAndReturn",
  "update",
  "updateMany",
  "updateManyAndReturn",
  "upsert",
  "delete",
  "deleteMany",
]);

export const isWrite = (operation: string): boolean => writes.has(operation);

const isData = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** Prisma takes one object or a list of them in the same places. */
const each = (value: unknown, change: (data: Data) => Data): unknown =>
  Array.isArray(value)
    ? value.map((one) => (isData(one) ? change(one) : (one as unknown)))
    : isData(value)
      ? change(value)
      : value;

const noStamp: Stamp = { transactionId: 0, at: 0 };

/** Whether a Prisma write writes entities, nested ones among them. */
export function writesEntities(model: string, operation: string, args: Arguments): boolean {
  // TypeScript does not see that the function below changes it.
  let isStamped = false as boolean;
  stampArguments(model, operation, args, () => {
    isStamped = true;
    return noStamp;
  });
  return isStamped;
}

/**
 * Adds to a Prisma write the columns that make entity rows versioned: the next version number, the transaction,
 * the time, and the folded strings. Nested writes are stamped at any depth.
 * @param stamp is called only when an entity is about to be written.
 */
export function stampArguments(
  model: string,
  operation: string,
  args: Arguments,
  stamp: () => Stamp,
): Arguments {
  const { created, updated } = stampers(stamp);
  switch (operation) {
    case "create":
    case "createMany":
    case "createManyAndReturn":
      return { ...args, data: each(args["data"], (data) => created(model, data)) };
    case "update":
    case "updateMany":
    case "updateManyAndReturn":
      return { ...args, data: each(args["data"], (data) => updated(model, data)) };
    case "upsert":
      return {
        ...args,
        create: each(args["create"], (data) => created(model, data)),
        update: each(args["update"], (data) => updated(model, data)),
      };
    default:
      if (model === "Entity") stamp();
      return args;
  }
}

function stampers(stamp: () => Stamp) {
  const created = (model: string, data: Data): Data => {
    const stamped = nested(model, data);
    if (model !== "Entity") return stamped;
    const { transactionId, at } = stamp();
    const time = new Date(at);
    return { ...stamped, ...folded(data), version: 1, transactionId, addedAt: time, updatedAt: time };
  };

  const updated = (model: string, data: Data): Data => {
    const stamped = nested(model, data);
    if (model !== "Entity") return stamped;
    const { transactionId, at } = stamp();
    const time = new Date(at);
    return {
      ...stamped,
      ...folded(data),
      ...trashed(data, { transactionId, at }),
      version: { increment: 1 },
      transactionId,
      updatedAt: time,
    };
  };

  const nested = (model: string, data: Data): Data => {
    const stamped = { ...data };
    for (const relation of entityRelations[model] ?? []) {
      if (stamped[relation] !== undefined) stamped[relation] = each(stamped[relation], related);
    }
    return stamped;
  };

  /** The value of a relation field: `{ create: …, update: …, … }`. */
  const related = (writes: Data): Data => {
    const make = (data: Data) => created("Entity", data);
    const change = (data: Data) => updated("Entity", data);
    const changeWhere = (one: Data) =>
      isData(one["data"]) ? { ...one, data: change(one["data"]) } : change(one);
    const upsert = (one: Data) => ({
      ...one,
      create: each(one["create"], make),
      update: each(one["update"], change),
    });
    const rules: Record<string, (value: unknown) => unknown> = {
      create: (value) => each(value, make),
      createMany: (value) => each(value, (many) => ({ ...many, data: each(many["data"], make) })),
      connectOrCreate: (value) => each(value, (one) => ({ ...one, create: each(one["create"], make) })),
      update: (value) => each(value, changeWhere),
      updateMany: (value) => each(value, changeWhere),
      upsert: (value) => each(value, upsert),
    };
    // The remaining writes (connect, disconnect, set, delete) change no data here; the database refuses them
    // where they would change an entity without a version.
    if (Object.keys(writes).some((key) => key === "delete" || key === "deleteMany")) stamp();
    return Object.fromEntries(
      Object.entries(writes).map(([key, value]) => [key, rules[key]?.(value) ?? value]),
    );
  };

  return { created, updated };
}

/** `label: "x"` and `label: { set: "x" }` mean the same to Prisma. */
const assigned = (value: unknown): unknown => (isData(value) && "set" in value ? value["set"] : value);

/** The folded columns of those that are given. */
export function folded(data: Data): Data {
  const texts: Data = {};
  for (const [column, foldedColumn] of foldedColumns) {
    const value = assigned(data[column]);
    const foldWhole = column === "keywords" ? foldKeywords : fold;
    if (value !== undefined) texts[foldedColumn] = typeof value === "string" ? foldWhole(value) : null;
  }
  return texts;
}

/** Entities that are trashed together carry one transaction, and are restored by it. */
function trashed(data: Data, { transactionId, at }: Stamp): Data {
  const isDeleted = assigned(data["isDeleted"]);
  if (typeof isDeleted !== "boolean") return {};
  return isDeleted
    ? { deletedAt: new Date(at), deletedIn: transactionId }
    : { deletedAt: null, deletedIn: null };
}
