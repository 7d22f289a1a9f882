import { defaultFieldResolver, isObjectType, type GraphQLFieldResolver, type GraphQLSchema } from "graphql";
import { checkPermission } from "../auth/viewer.ts";
import { AppError } from "../errors.ts";
import { perRequest, type Context } from "./context.ts";

type Resolver = GraphQLFieldResolver<unknown, Context>;

const mayRead = ({ viewer }: Context): boolean => viewer.permissions.has("read");

/** The transactions that the mutations of a request have written. */
const writtenIn = perRequest(() => new Set<number>());

/** Fields that a viewer without `read` is answered, of what only readers see otherwise. */
interface Open {
  /** Always: the client has named it, or sent its bytes. */
  readonly always: readonly string[];
  /** Of the state that a mutation of this very request has written. */
  readonly ifWritten: readonly string[];
}

/** The content of the library; every way from a mutation's payload into it leads through one of these types. */
const guarded: Readonly<Record<string, Open>> = {
  Entity: { always: ["id", "entityId"], ifWritten: ["version"] },
  EntityVersion: { always: ["id"], ifWritten: [] },
  Transaction: { always: ["id"], ifWritten: [] },
};

const isWritten = (source: unknown, context: Context): boolean => {
  const { transactionId } = (source ?? {}) as { transactionId?: unknown };
  return typeof transactionId === "number" && writtenIn(context).has(transactionId);
};

const hidden =
  (resolve: Resolver, isOpenIfWritten: boolean): Resolver =>
  (source, args, context, info) => {
    if (!mayRead(context) && !(isOpenIfWritten && isWritten(source, context)))
      checkPermission(context.viewer, "read");
    return resolve(source, args, context, info);
  };

/** Records the transaction of a mutation, and reduces its errors to the details that the viewer may see. */
const noted =
  (resolve: Resolver): Resolver =>
  async (source, args, context, info) => {
    if (mayRead(context)) return resolve(source, args, context, info);
    try {
      const payload: unknown = await resolve(source, args, context, info);
      const { transactionId } = (payload ?? {}) as { transactionId?: unknown };
      if (typeof transactionId === "number") writtenIn(context).add(transactionId);
      return payload;
    } catch (error) {
      throw (error instanceof AppError ? error.toldToWriters : undefined) ?? error;
    }
  };

/**
 * Mutations of a viewer with `write` and without `read` answer what they have written themselves, and nothing else of
 * the library: otherwise one that changes nothing, and so leaves no trace, would be a way to read it.
 */
export function hideFromWriters(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, { always, ifWritten }] of Object.entries(guarded)) {
    const type = schema.getType(name);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (always.includes(field.name)) continue;
      field.resolve = hidden(field.resolve ?? defaultFieldResolver, ifWritten.includes(field.name));
    }
  }
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {}))
    if (field.resolve != null) field.resolve = noted(field.resolve);
  return schema;
}
