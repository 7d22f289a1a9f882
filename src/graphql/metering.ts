import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  isCompositeType,
  isIntrospectionType,
  isListType,
  isObjectType,
  isScalarType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from "graphql";
import type { Budget } from "./budget.ts";
import type { Context } from "./context.ts";
import { inputsOfField, keyBytes, valueBytes, weightOf } from "./weights.ts";

type Field = GraphQLField<unknown, Context>;
type Resolver = GraphQLFieldResolver<unknown, Context>;

/** Rows that a list without a page may have, as far as reading them holds up others. */
const unpagedRows = 10;
const pageRowsMax = 100;
/** Values in the arguments of a field, such as a filter of 50 clauses, of which few are worked on at once. */
const longInputs = 150;

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";

/** Bytes of a leaf beyond those that every leaf is taken to have. */
function sizeOf(value: unknown): number {
  if (typeof value === "string")
    // At most three bytes a unit.
    return 3 * value.length <= valueBytes ? 0 : Math.max(0, Buffer.byteLength(value) - valueBytes);
  if (typeof value !== "object" || value === null) return 0;
  let bytes = 0;
  for (const [key, part] of Object.entries(value)) bytes += key.length + keyBytes + valueBytes + sizeOf(part);
  return bytes;
}

function failed(budget: Budget, error: unknown): never {
  budget.fail();
  throw error;
}

function valueOf(resolve: Resolver, ...[source, args, context, info]: Parameters<Resolver>): unknown {
  try {
    return resolve(source, args, context, info);
  } catch (error) {
    return failed(context.budget, error);
  }
}

// No function is made for a value that is there already: most are, and making one takes as long as reading it.
function measuredLeaf(value: unknown, budget: Budget): unknown {
  if (isPromise(value))
    return value.then(
      (found) => measuredLeaf(found, budget),
      (error: unknown) => failed(budget, error),
    );
  const bytes = sizeOf(value);
  if (bytes > 0) budget.takeBytes(bytes);
  return value;
}

/** A string, JSON, or a list of leaves. */
const leaf =
  (resolve: Resolver): Resolver =>
  (source, args, context, info) =>
    measuredLeaf(valueOf(resolve, source, args, context, info), context.budget);

function measuredObjects(value: unknown, budget: Budget, info: GraphQLResolveInfo): unknown {
  if (value == null || value instanceof Error) return value;
  if (isPromise(value))
    return value.then(
      (found) => measuredObjects(found, budget, info),
      (error: unknown) => failed(budget, error),
    );
  const weight = weightOf(info);
  return Array.isArray(value) ? budget.objects(value, weight) : budget.object(value, weight);
}

/** An object or a list of objects. */
function composite({ type, args: declared }: Field, resolve: Resolver): Resolver {
  const sizes = ["limit", "first", "last"].filter((size) => declared.some(({ name }) => name === size));
  const isList = isListType(getNullableType(type));
  const rowsOf = (args: Record<string, unknown>): number => {
    for (const size of sizes) {
      const value = args[size];
      if (typeof value === "number") return Math.min(pageRowsMax, Math.max(0, value));
    }
    return isList || sizes.length > 0 ? unpagedRows : 0;
  };
  return (source, args: Record<string, unknown>, context, info) => {
    const { budget } = context;
    const inputs = inputsOfField(info);
    const turn = budget.begin(rowsOf(args) + inputs);
    if (inputs > longInputs) {
      const begin = () => budget.fewAtOnce(() => resolve(source, args, context, info));
      return measuredObjects(turn == null ? begin() : turn.then(begin), budget, info);
    }
    return turn == null
      ? measuredObjects(valueOf(resolve, source, args, context, info), budget, info)
      : turn.then(() => measuredObjects(valueOf(resolve, source, args, context, info), budget, info));
  };
}

/** A mutation waits for clients and for its turn to write: only what shows its outcome takes time from the budget. */
const unhurried =
  (resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    const { budget } = context;
    budget.pause();
    const goOn = () => {
      budget.resume();
    };
    try {
      const value = resolve(source, args, context, info);
      if (isPromise(value)) return value.finally(goOn);
      goOn();
      return value;
    } catch (error) {
      goOn();
      throw error;
    }
  };

function metered(field: Field): Resolver | undefined {
  const named = getNamedType(field.type);
  if (isCompositeType(named)) return composite(field, field.resolve ?? defaultFieldResolver);
  const isLong = isScalarType(named) && (named.name === "String" || named.name === "JSON");
  const isLooked = isLong || isListType(getNullableType(field.type));
  return isLooked ? leaf(field.resolve ?? defaultFieldResolver) : undefined;
}

/** graphql-js has one set of these types for all schemas of the process: they are wrapped once, and for a budget only. */
const introspection = new WeakSet<GraphQLObjectType>();

const whereMetered =
  (plain: Resolver, resolve: Resolver): Resolver =>
  (source, args, context, info) =>
    // Another schema's execution, or a tool's, has another context or none.
    ((context as Partial<Context> | undefined)?.budget == null ? plain : resolve)(
      source,
      args,
      context,
      info,
    );

function meterIntrospection(type: GraphQLObjectType): void {
  if (introspection.has(type)) return;
  introspection.add(type);
  for (const field of Object.values(type.getFields()) as Field[]) {
    const resolve = metered(field);
    if (resolve != null) field.resolve = whereMetered(field.resolve ?? defaultFieldResolver, resolve);
  }
}

/**
 * Every field takes from the budget of its operation, over any transport.
 * Fields that lead to objects take for all of their fields, lists by their real length; strings and JSON for their bytes. The
 * schema's own fields (`__schema`) do as well: the estimate assumes shorter lists for them than they have.
 */
export function meterSchema(schema: GraphQLSchema): GraphQLSchema {
  const mutation = schema.getMutationType();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    if (isIntrospectionType(type)) {
      meterIntrospection(type);
      continue;
    }
    // The schema is built for this context.
    for (const field of Object.values(type.getFields()) as Field[]) {
      if (type === mutation && field.resolve != null) field.resolve = unhurried(field.resolve);
      const resolve = metered(field);
      if (resolve != null) field.resolve = resolve;
    }
  }
  return schema;
}
