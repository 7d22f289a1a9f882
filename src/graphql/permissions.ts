import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from "graphql";
import { checkPermission, type Permission } from "../auth/viewer.ts";
import type { Context } from "./context.ts";

/** For a root field's `extensions`, where it needs another permission than its type's usual one. */
export const needsPermission = (permission: Permission) => ({ permission });

/** For a root field that answers everybody, also those who may not read. */
export const needsNoPermission = { permission: null };

type Fields = ReturnType<GraphQLObjectType<unknown, Context>["getFields"]>;
type Resolver = GraphQLFieldResolver<unknown, Context>;

function permissionOf({ extensions }: Fields[string], usual: Permission): Permission | null {
  const own = extensions["permission"];
  return own === null || own === "read" || own === "write" || own === "admin" ? own : usual;
}

/** Asked before the resolver has begun anything. */
const guarded =
  (permission: Permission | null, resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    if (permission != null) checkPermission(context.viewer, permission);
    return resolve(source, args, context, info);
  };

/**
 * Every way into the library asks for a permission: what changes it for `write`, everything else for `read`, unless
 * the field says otherwise. Nothing below a root field asks again: a viewer who may read may read all.
 */
export function guardSchema(schema: GraphQLSchema): GraphQLSchema {
  // The schema is built for this context.
  const fieldsOf = (type: GraphQLObjectType | null | undefined) =>
    Object.values((type?.getFields() ?? {}) as Fields);
  for (const field of fieldsOf(schema.getQueryType()))
    if (field.resolve != null) field.resolve = guarded(permissionOf(field, "read"), field.resolve);
  for (const field of fieldsOf(schema.getMutationType()))
    if (field.resolve != null) field.resolve = guarded(permissionOf(field, "write"), field.resolve);
  for (const field of fieldsOf(schema.getSubscriptionType()))
    if (field.subscribe != null) field.subscribe = guarded(permissionOf(field, "read"), field.subscribe);
  return schema;
}
