import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { checkPermission, type Permission } from "../auth/viewer.ts";
import type { Context } from "./context.ts";

/** The `extensions` of a root field that needs another permission than the default of its type. */
export const needsPermission = (permission: Permission) => ({ permission });

/** The `extensions` of a root field that answers everybody, also those who may not read. */
export const needsNoPermission = { permission: null };

type Fields = ReturnType<GraphQLObjectType<unknown, Context>["getFields"]>;
type Resolver = GraphQLFieldResolver<unknown, Context>;

function permissionOf({ extensions }: Fields[string], byDefault: Permission): Permission | null {
  const own = extensions["permission"];
  return own === null || own === "read" || own === "write" || own === "admin" ? own : byDefault;
}

/** Checks the permission before the resolver starts, so that a refused mutation has changed nothing. */
const guarded =
  (permission: Permission | null, resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    if (permission != null) checkPermission(context.viewer, permission);
    return resolve(source, args, context, info);
  };

/**
 * Makes every root field require a permission: a mutation `write`, a query or subscription `read`, unless the field's
 * `extensions` name another one, or none. Fields below a root field do not check again, as a viewer who may read may
 * read everything; `hideFromWriters` restricts what a mutation returns to a viewer who may not.
 */
export function guardSchema(schema: GraphQLSchema): GraphQLSchema {
  // The builder types all resolvers for this context, which graphql-js does not know.
  const fieldsOf = (type: GraphQLObjectType | null | undefined) =>
    Object.values((type?.getFields() ?? {}) as Fields);
  // A field without a resolver of its own is answered as well: by graphql-js, from the root value.
  for (const field of fieldsOf(schema.getQueryType()))
    field.resolve = guarded(permissionOf(field, "read"), field.resolve ?? defaultFieldResolver);
  for (const field of fieldsOf(schema.getMutationType()))
    field.resolve = guarded(permissionOf(field, "write"), field.resolve ?? defaultFieldResolver);
  for (const field of fieldsOf(schema.getSubscriptionType()))
    field.subscribe = guarded(permissionOf(field, "read"), field.subscribe ?? defaultFieldResolver);
  return schema;
}
