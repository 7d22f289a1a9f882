import {
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from "graphql";
import { expectationOf, exampleOf, isPublicExample } from "./expected.ts";
import type { Given } from "./given.ts";

/** A fault in a part of an argument. */
export interface Fault {
  /** Dotted, from the argument on. */
  readonly field: string;
  readonly problem: string;
  /** Names of the schema that may help; not for clients who may not know them. */
  readonly hint: string;
}

/** The end of a message: `such as` and an example. */
function expected(field: string, type: GraphQLInputType, got: string, given?: Given): Fault {
  const { words, example } = expectationOf(type, given);
  const isPublic = isPublicExample(type);
  return {
    field,
    problem: `expected ${words}${isPublic ? `, such as ${example}` : ""}, got ${got}`,
    hint: isPublic ? "" : `; write ${example}`,
  };
}

export const missing = (field: string, type: GraphQLInputType): Fault => expected(field, type, "nothing");

function unknownField(field: string, name: string, type: GraphQLInputObjectType): Fault {
  const names = Object.keys(type.getFields()).join(", ");
  const problem = `${type.name} has no field ${name.slice(0, 60)}`;
  return { field, problem, hint: `; it has ${names}, as in ${exampleOf(type)}` };
}

function* faultsInObject(type: GraphQLInputObjectType, given: Given, field: string): Generator<Fault> {
  const { fields } = given;
  if (fields == null) {
    yield expected(field, type, given.text, given);
    return;
  }
  const known = type.getFields();
  for (const name of fields.keys())
    if (!Object.hasOwn(known, name)) yield unknownField(`${field}.${name.slice(0, 60)}`, name, type);
  for (const one of Object.values(known)) {
    const value = fields.get(one.name);
    if (value != null) yield* faultsIn(one.type, value, `${field}.${one.name}`);
    else if (isRequiredInputField(one)) yield missing(`${field}.${one.name}`, one.type);
  }
  const count = fields.size;
  const isOne = count === 1 && [...fields.values()].every(({ isNull }) => !isNull);
  if (type.isOneOf && !isOne) {
    const names = Object.keys(known).join(", ");
    const problem = `expected exactly one field of ${type.name}, got ${count === 1 ? "null" : count}`;
    yield { field, problem, hint: `; write one of ${names}, as in ${exampleOf(type)}` };
  }
}

/** Everything in a value that its type does not take, in the order in which it is met. */
export function* faultsIn(type: GraphQLInputType, given: Given, field: string): Generator<Fault> {
  if (given.isVariable) return;
  if (isNonNullType(type)) {
    if (given.isNull) yield expected(field, type, "null");
    else yield* faultsIn(type.ofType, given, field);
    return;
  }
  if (given.isNull) return;
  if (isListType(type)) {
    const { items } = given;
    // One value stands for a list of it (GraphQL specification, section 3.11).
    if (items == null) yield* faultsIn(type.ofType, given, field);
    else for (const [index, item] of items.entries()) yield* faultsIn(type.ofType, item, `${field}.${index}`);
    return;
  }
  if (isInputObjectType(type)) {
    yield* faultsInObject(type, given, field);
    return;
  }
  let value: unknown;
  try {
    value = given.parse(type);
  } catch {
    // Reported below, in the same words for all types.
  }
  if (value === undefined) yield expected(field, type, given.text, given);
}
