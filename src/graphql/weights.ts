import {
  Kind,
  type FieldNode,
  type GraphQLResolveInfo,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import type { Weight } from "./budget.ts";

/** Quotes, colon and comma around a name. */
export const keyBytes = 4;
/** A number, an instant, a word; strings that are longer are looked at. */
export const valueBytes = 16;

type Info = Pick<GraphQLResolveInfo, "fieldNodes" | "fragments" | "variableValues">;

/** Values in the arguments of fields: those that are written out, and the variables that have others. */
interface Inputs {
  readonly written: number;
  readonly variables: readonly string[];
}

function countWritten(value: ValueNode, variables: string[]): number {
  switch (value.kind) {
    case Kind.VARIABLE:
      variables.push(value.name.value);
      return 1;
    case Kind.LIST:
      return value.values.reduce((count, one) => count + countWritten(one, variables), 1);
    case Kind.OBJECT:
      return value.fields.reduce((count, one) => count + countWritten(one.value, variables), 1);
    default:
      return 1;
  }
}

const inputsOf = new WeakMap<FieldNode, Inputs>();

function inputsIn(node: FieldNode): Inputs {
  let inputs = inputsOf.get(node);
  if (inputs == null) {
    const variables: string[] = [];
    const given = node.arguments ?? [];
    const written = given.reduce((count, { value }) => count + countWritten(value, variables), 0);
    inputsOf.set(node, (inputs = { written, variables }));
  }
  return inputs;
}

const counted = new WeakMap<object, number>();

function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = counted.get(value);
  if (count == null) {
    count = 0;
    for (const part of Object.values(value)) count += 1 + countValues(part);
    counted.set(value, count);
  }
  return count;
}

function total({ written, variables }: Inputs, { variableValues }: Info): number {
  let count = written;
  for (const name of variables) count += countValues(variableValues[name]);
  return count;
}

/** Values in the field's own arguments: making a condition of a filter holds up others as reading as many rows does. */
export const inputsOfField = (info: Info): number => {
  const [first] = info.fieldNodes;
  return first == null ? 0 : total(inputsIn(first), info);
};

/** What is known of an object before any of its values, but for those of variables. */
interface Known {
  readonly weight: Weight;
  readonly inputs: Inputs;
}

/** Sums up the cost of an object that is known before any of its values. */
function weigh(nodes: readonly FieldNode[], { fragments }: Info): Known {
  const keys = new Set<string>();
  const spread = new Set<string>();
  const variables: string[] = [];
  let bytes = 2;
  let written = 0;
  const add = ({ selections }: SelectionSetNode) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        if (keys.has(key)) continue;
        keys.add(key);
        bytes += key.length + keyBytes + (selection.selectionSet == null ? valueBytes : 0);
        const inputs = inputsIn(selection);
        written += inputs.written;
        variables.push(...inputs.variables);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        add(selection.selectionSet);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments[selection.name.value];
        if (fragment != null) add(fragment.selectionSet);
      }
    }
  };
  for (const { selectionSet } of nodes) if (selectionSet != null) add(selectionSet);
  return { weight: { fields: keys.size, bytes, inputs: written }, inputs: { written, variables } };
}

const weights = new WeakMap<FieldNode, { readonly nodes: readonly FieldNode[]; readonly known: Known }>();

const nothing: Known = {
  weight: { fields: 0, bytes: 0, inputs: 0 },
  inputs: { written: 0, variables: [] },
};

/** Documents are kept, and asked again and again: each field is weighed once. */
function knownOf(info: Info): Known {
  const nodes = info.fieldNodes;
  const [first] = nodes;
  if (first == null) return nothing;
  const found = weights.get(first);
  // A field of a fragment may stand beside others of its name in one place and alone in another.
  if (found?.nodes.length === nodes.length && nodes.every((node, index) => node === found.nodes[index]))
    return found.known;
  const known = weigh(nodes, info);
  weights.set(first, { nodes, known });
  return known;
}

/** The weight of each object that a field leads to. */
export function weightOf(info: Info): Weight {
  const { weight, inputs } = knownOf(info);
  return inputs.variables.length === 0 ? weight : { ...weight, inputs: total(inputs, info) };
}
