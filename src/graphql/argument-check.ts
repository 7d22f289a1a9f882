import {
  getNamedType,
  GraphQLString,
  isInputObjectType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import { BadUserInputError } from "../errors.ts";

/** For an input type's `extensions`, where null is no value of any field: in a filter it would widen a list unseen. */
export const refusesNull = { refusesNull: true } as const;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuseNull(path: string): never {
  throw new BadUserInputError(
    path,
    "expected a value, got null; write isNull: true to find what has none, or leave the field out",
  );
}

function checkObject(type: GraphQLInputObjectType, value: Readonly<Record<string, unknown>>, path: string) {
  const fields = type.getFields();
  for (const [name, inner] of Object.entries(value)) {
    const field = fields[name];
    // An uploaded file's own properties are no fields.
    if (field == null) continue;
    const innerPath = `${path}.${name}`;
    if (inner === null && type.extensions["refusesNull"] === true) refuseNull(innerPath);
    check(field.type, inner, innerPath);
  }
}

function check(type: GraphQLInputType, value: unknown, path: string): void {
  const named = getNamedType(type);
  if (named === GraphQLString && typeof value === "string" && value.includes("\0"))
    throw new BadUserInputError(path, "has a NUL (U+0000), which no string here can have; leave it out");
  if (!isInputObjectType(named) && named !== GraphQLString) return;
  if (Array.isArray(value))
    value.forEach((one: unknown, index) => {
      check(named, one, `${path}.${index}`);
    });
  else if (isInputObjectType(named) && isObject(value)) checkObject(named, value, path);
}

/** Whether a value of the type can have a string, or a field that refuses null. */
function canRefuse(type: GraphQLInputType, seen = new Set<GraphQLInputType>()): boolean {
  const named = getNamedType(type);
  if (named === GraphQLString) return true;
  if (!isInputObjectType(named) || seen.has(named)) return false;
  seen.add(named);
  return (
    named.extensions["refusesNull"] === true ||
    Object.values(named.getFields()).some((field) => canRefuse(field.type, seen))
  );
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** Coerced arguments have null only where it was given, inline or by a variable: an absent one is left out. */
function checked(args: readonly GraphQLArgument[], resolve: Resolver): Resolver {
  return (source, given, context, info) => {
    for (const { name, type } of args) check(type, (given as Record<string, unknown>)[name], name);
    return resolve(source, given, context, info);
  };
}

/**
 * Each field of the schema refuses, before its resolver begins anything, nulls in arguments of the types that do, and
 * strings with a NUL: PostgreSQL stores and compares none, and all engines answer alike.
 */
export function checkArguments(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values<GraphQLField<unknown, unknown>>(type.getFields())) {
      const args = field.args.filter((arg) => canRefuse(arg.type));
      if (args.length === 0) continue;
      if (field.subscribe != null) field.subscribe = checked(args, field.subscribe);
      else if (field.resolve != null) field.resolve = checked(args, field.resolve);
    }
  }
  return schema;
}
