import {
  defaultFieldResolver,
  getArgumentValues,
  getNullableType,
  getVariableValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  OperationTypeNode,
  TypeNameMetaFieldDef,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

/** One query's execution. */
interface Run {
  readonly context: object;
  readonly variables: Record<string, unknown>;
  /** By the step's number, made when the first of its rows is there: they are the same for each. */
  readonly args: (Record<string, unknown> | undefined)[];
  readonly infos: (GraphQLResolveInfo | undefined)[];
}

/** What a resolver returned, as it stands in the answer, or a promise of that. */
type Complete = (run: Run, value: unknown) => unknown;

interface Step {
  readonly number: number;
  readonly key: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  readonly about: Omit<GraphQLResolveInfo, "variableValues">;
  readonly complete: Complete;
}

/**
 * A query prepared once, to be executed many times: which fields, of which types, in which order is settled, which
 * graphql-js finds out anew for every field of every row.
 */
export interface Plan {
  /**
   * What graphql-js answers as `data`. Undefined after any failure whatsoever: what became of it, graphql-js
   * has to find out, by executing the query itself. A query changes nothing, so it may be executed twice.
   * In `info.path` the places in lists are missing.
   */
  execute(
    context: object,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, unknown> | undefined>;
}

/** Fields of a plan, fragments written out; they can double with every fragment. */
const stepsMax = 500;

class Unplannable extends Error {}
class Failed extends Error {}

const isPromise = (value: unknown): value is Promise<unknown> =>
  value instanceof Promise || typeof (value as { then?: unknown } | null)?.then === "function";

const ignore = () => undefined;

/** Waits for all; what fails afterwards, when nobody waits any more, must not end the process. */
function settled<T>(pending: Promise<unknown>[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    for (const promise of pending) promise.catch(ignore);
    throw error;
  }
}

function valueOf(run: Run, step: Step, source: unknown): unknown {
  const { number, field, node } = step;
  const args = (run.args[number] ??= getArgumentValues(field, node, run.variables));
  const info = (run.infos[number] ??= { ...step.about, variableValues: run.variables });
  const value: unknown = (field.resolve ?? defaultFieldResolver)(source, args, run.context, info);
  return isPromise(value)
    ? value.then((resolved) => step.complete(run, resolved))
    : step.complete(run, value);
}

function completeObject(run: Run, steps: readonly Step[], source: unknown): unknown {
  const answer: Record<string, unknown> = {};
  const pending: Promise<unknown>[] = [];
  settled(pending, () => {
    for (const step of steps) {
      const value = valueOf(run, step, source);
      // Also what is not there yet takes its place in the order.
      answer[step.key] = value;
      if (isPromise(value)) pending.push(value.then((resolved) => (answer[step.key] = resolved)));
    }
  });
  return pending.length === 0 ? answer : Promise.all(pending).then(() => answer);
}

function completeList(run: Run, complete: Complete, values: unknown): unknown {
  if (!Array.isArray(values)) throw new Failed();
  const pending: Promise<unknown>[] = [];
  const answer: unknown[] = [];
  settled(pending, () => {
    for (const value of values as unknown[]) {
      const item = isPromise(value)
        ? value.then((resolved) => complete(run, resolved))
        : complete(run, value);
      const place = answer.push(item) - 1;
      if (isPromise(item)) pending.push(item.then((resolved) => (answer[place] = resolved)));
    }
  });
  return pending.length === 0 ? answer : Promise.all(pending).then(() => answer);
}

/** Walks a valid document; throws `Unplannable` at what it does not know. */
class Planner {
  readonly #about: Pick<GraphQLResolveInfo, "schema" | "fragments" | "operation" | "rootValue">;
  #steps = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    const fragments: Record<string, FragmentDefinitionNode> = {};
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    this.#about = { schema, fragments, operation, rootValue: undefined };
  }

  steps(
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
    prev?: GraphQLResolveInfo["path"],
  ): Step[] {
    const found = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const set of sets) this.#collect(type, set, found, spread);
    return [...found].map(([key, nodes]) => this.#step(type, key, nodes, prev));
  }

  /** Fields in the order of their first mention, those of one name together (GraphQL section 6.3.2). */
  #collect(
    type: GraphQLObjectType,
    set: SelectionSetNode,
    found: Map<string, FieldNode[]>,
    spread: Set<string>,
  ) {
    for (const node of set.selections) {
      // @skip and @include would make it another plan for each of their values.
      if (node.directives != null && node.directives.length > 0) throw new Unplannable();
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value;
        const nodes = found.get(key);
        if (nodes == null) found.set(key, [node]);
        else nodes.push(node);
        continue;
      }
      const fragment = this.#fragment(node, spread);
      if (fragment != null && this.#applies(type, fragment.typeCondition?.name.value))
        this.#collect(type, fragment.selectionSet, found, spread);
    }
  }

  /** A fragment that is spread once more brings nothing new. */
  #fragment(
    node: FragmentSpreadNode | InlineFragmentNode,
    spread: Set<string>,
  ): FragmentDefinitionNode | InlineFragmentNode | undefined {
    if (node.kind === Kind.INLINE_FRAGMENT) return node;
    const name = node.name.value;
    if (spread.has(name)) return undefined;
    spread.add(name);
    return this.#about.fragments[name];
  }

  #applies(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition == null || condition === type.name) return true;
    const other = this.#about.schema.getType(condition);
    return isAbstractType(other) && this.#about.schema.isSubType(other, type);
  }

  #step(
    parentType: GraphQLObjectType,
    key: string,
    nodes: FieldNode[],
    prev: GraphQLResolveInfo["path"] | undefined,
  ): Step {
    const number = this.#steps++;
    const [node] = nodes;
    // In an ordinary object this key would be its prototype.
    if (number >= stepsMax || node == null || key === "__proto__") throw new Unplannable();
    const fieldName = node.name.value;
    const field = fieldName === "__typename" ? typeName(parentType) : parentType.getFields()[fieldName];
    // The schema's own fields are asked for rarely, and are of types that the plan does not know.
    if (field == null) throw new Unplannable();
    const path = { prev, key, typename: parentType.name };
    const about = { ...this.#about, fieldName, fieldNodes: nodes, returnType: field.type, parentType, path };
    return { number, key, field, node, about, complete: this.#complete(field.type, nodes, path) };
  }

  #complete(type: GraphQLOutputType, nodes: FieldNode[], path: GraphQLResolveInfo["path"]): Complete {
    const present = this.#present(getNullableType(type), nodes, path);
    const isRequired = isNonNullType(type);
    return (run, value) => {
      if (value == null) {
        if (isRequired) throw new Failed();
        return null;
      }
      if (value instanceof Error) throw value;
      return present(run, value);
    };
  }

  #present(type: GraphQLOutputType, nodes: FieldNode[], path: GraphQLResolveInfo["path"]): Complete {
    if (isLeafType(type))
      return (_run, value) => {
        const answer = type.serialize(value);
        if (answer == null) throw new Failed();
        return answer;
      };
    if (isListType(type)) {
      const complete = this.#complete(type.ofType, nodes, path);
      return (run, value) => completeList(run, complete, value);
    }
    if (!isObjectType(type) || type.isTypeOf != null) throw new Unplannable();
    const sets = nodes.flatMap(({ selectionSet }) => (selectionSet == null ? [] : [selectionSet]));
    const steps = this.steps(type, sets, path);
    return (run, value) => completeObject(run, steps, value);
  }
}

const typeName = ({ name }: GraphQLObjectType): GraphQLField<unknown, unknown> => ({
  ...TypeNameMetaFieldDef,
  resolve: () => name,
});

/** @returns undefined for what only graphql-js can execute: anything but a plain query of moderate size. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Plan | undefined {
  const root = schema.getRootType(operation.operation);
  if (root == null || operation.operation !== OperationTypeNode.QUERY) return undefined;
  let steps: readonly Step[];
  try {
    steps = new Planner(schema, document, operation).steps(root, [operation.selectionSet]);
  } catch (error) {
    if (error instanceof Unplannable) return undefined;
    throw error;
  }
  return {
    async execute(context, given) {
      const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
      if (coerced == null) return undefined;
      try {
        const data = completeObject({ context, variables: coerced, args: [], infos: [] }, steps, undefined);
        // It is the root's, so it is an object.
        return (await data) as Record<string, unknown>;
      } catch {
        return undefined;
      }
    },
  };
}
