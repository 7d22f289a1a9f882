import {
  getNamedType,
  getNullableType,
  getOperationAST,
  isCompositeType,
  isIntrospectionType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  valueFromASTUntyped,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";

/** How much an operation asks for. */
export interface Cost {
  /** One for each field of the answer, where every page is as long as was asked for. */
  readonly cost: number;
  /** Levels of fields, fragments written out. */
  readonly depth: number;
  /** Fields under another name, fragments written out. */
  readonly aliases: number;
  /** Fields of the operation itself, fragments written out: each does as much as an operation of its own. */
  readonly rootFields: number;
}

/** The same of a part of an operation, whose own fields need not be root fields. */
interface Part extends Omit<Cost, "rootFields"> {
  readonly fields: number;
}

export type CostLimits = Pick<Config, "queryCostMax" | "queryDepthMax" | "queryAliasesMax">;

export class QueryCostError extends AppError {
  readonly code = "QUERY_TOO_COMPLEX";
  readonly #details: Readonly<Record<string, number>>;

  constructor(message: string, details: Readonly<Record<string, number>>) {
    super(message);
    this.#details = details;
  }

  override get details() {
    return this.#details;
  }
}

export interface Operation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  /** As the client sent them. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Arguments that say how long the lists below a field are. */
const sizeArguments = ["limit", "first", "last"] as const;
/** A page's size when the client leaves it to us. */
const pageSize = 20;
/** A larger one is refused when it is executed, with a better message. */
const pageSizeMax = 100;
/** The assumed length of a list whose length is unknown, such as a path; its real length is counted later. */
const listSize = 10;
/** The schema's own lists are short, and only as long as the schema is. */
const schemaListSize = 4;

const nothing: Part = { cost: 0, depth: 0, aliases: 0, fields: 0 };

const meta: Readonly<Record<string, GraphQLField<unknown, unknown>>> = {
  __schema: SchemaMetaFieldDef,
  __type: TypeMetaFieldDef,
};

const isList = (type: GraphQLOutputType): boolean => isListType(getNullableType(type));

function fieldOf(parent: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined;
  return parent.getFields()[name] ?? meta[name];
}

function hasVariable(node: ValueNode): boolean {
  if (node.kind === Kind.LIST) return node.values.some(hasVariable);
  return node.kind === Kind.OBJECT
    ? node.fields.some(({ value }) => hasVariable(value))
    : node.kind === Kind.VARIABLE;
}

/** Variables with the defaults that the operation declares. */
function variablesOf({ variableDefinitions }: OperationDefinitionNode, given: Operation["variables"]) {
  const values: Record<string, unknown> = { ...given };
  for (const { variable, defaultValue } of variableDefinitions ?? [])
    if (values[variable.name.value] === undefined && defaultValue != null)
      values[variable.name.value] = valueFromASTUntyped(defaultValue);
  return values;
}

/** Adds up what one operation asks for; each fragment is looked at once for each size of page it stands in. */
class Counter {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #known = new Map<string, Part>();
  /** Whether a variable says how long a list is. */
  dependsOnVariables = false;
  readonly #entered = new Set<string>();

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Readonly<Record<string, unknown>>) {
    this.#schema = schema;
    this.#variables = variables;
    this.#fragments = new Map(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    );
  }

  /** @param size of the lists right below the field, where an argument of it says so. */
  selection({ selections }: SelectionSetNode, parent: GraphQLNamedType, size: number | null): Part {
    let { cost, depth, aliases, fields } = nothing;
    for (const selection of selections) {
      const part =
        selection.kind === Kind.FIELD
          ? this.#field(selection, parent, size)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.selection(
                selection.selectionSet,
                this.#typeOf(selection.typeCondition?.name.value, parent),
                size,
              )
            : this.#fragment(selection.name.value, size);
      cost += part.cost;
      depth = Math.max(depth, part.depth);
      aliases += part.aliases;
      fields += part.fields;
    }
    return { cost, depth, aliases, fields };
  }

  #field(node: FieldNode, parent: GraphQLNamedType, size: number | null): Part {
    const aliases = node.alias == null ? 0 : 1;
    const field = fieldOf(parent, node.name.value);
    const type = field == null ? undefined : getNamedType(field.type);
    if (field == null || node.selectionSet == null || !isCompositeType(type))
      return { cost: 1, depth: 1, aliases, fields: 1 };
    const asked = this.#askedFor(node, field);
    const below = this.selection(node.selectionSet, type, this.#sizeOf(node, field) ?? asked);
    const items = !isList(field.type)
      ? 1
      : isIntrospectionType(parent)
        ? schemaListSize
        : (asked ?? size ?? listSize);
    return {
      cost: 1 + items * below.cost,
      depth: 1 + below.depth,
      aliases: aliases + below.aliases,
      fields: 1,
    };
  }

  #fragment(name: string, size: number | null): Part {
    const key = `${name} ${size}`;
    const known = this.#known.get(key);
    if (known != null) return known;
    const fragment = this.#fragments.get(name);
    const type = fragment && this.#schema.getType(fragment.typeCondition.name.value);
    // Only a document that was not validated yet lacks a fragment, or has one that contains itself.
    if (fragment == null || type == null || this.#entered.has(name)) return nothing;
    this.#entered.add(name);
    const part = this.selection(fragment.selectionSet, type, size);
    this.#entered.delete(name);
    this.#known.set(key, part);
    return part;
  }

  #typeOf(name: string | undefined, parent: GraphQLNamedType): GraphQLNamedType {
    return (name == null ? undefined : this.#schema.getType(name)) ?? parent;
  }

  /** How many things a field is asked for one by one, such as checksums: its answer has one of each. */
  #askedFor(node: FieldNode, field: GraphQLField<unknown, unknown>): number | null {
    const lengths = (node.arguments ?? []).flatMap((argument) => {
      const declared = field.args.find(({ name }) => name === argument.name.value);
      if (declared == null || !isListType(getNullableType(declared.type))) return [];
      const value = this.#valueOf(argument.value);
      // One value stands for a list of it (GraphQL specification, section 3.11).
      return Array.isArray(value) ? [value.length] : value == null ? [] : [1];
    });
    return lengths.length === 0 ? null : Math.max(...lengths);
  }

  #valueOf(node: ValueNode): unknown {
    this.dependsOnVariables ||= hasVariable(node);
    return valueFromASTUntyped(node, this.#variables);
  }

  #sizeOf(node: FieldNode, field: GraphQLField<unknown, unknown>): number | null {
    const declared = field.args.filter(({ name }) => sizeArguments.some((size) => size === name));
    if (declared.length === 0) return null;
    const sizes = declared.map(({ name, defaultValue }) => {
      const given = node.arguments?.find((argument) => argument.name.value === name);
      const value = given == null ? undefined : this.#valueOf(given.value);
      return value ?? defaultValue;
    });
    const size = sizes.find((value) => typeof value === "number");
    return size == null ? pageSize : Math.min(pageSizeMax, Math.max(0, size));
  }
}

/** Documents are kept, and asked again and again: what no variable changes is added up once. */
const known = new WeakMap<OperationDefinitionNode, Cost>();

/** The cost of an operation; all zero when there is no such operation. */
export function costOf(schema: GraphQLSchema, { document, operationName, variables }: Operation): Cost {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (operation == null || root == null) return { cost: 0, depth: 0, aliases: 0, rootFields: 0 };
  const found = known.get(operation);
  if (found != null) return found;
  const counter = new Counter(schema, document, variablesOf(operation, variables));
  const { fields, ...part } = counter.selection(operation.selectionSet, root, null);
  const cost = { ...part, rootFields: fields };
  if (!counter.dependsOnVariables) known.set(operation, cost);
  return cost;
}

/**
 * Before an operation is executed.
 * @throws {QueryCostError}
 */
export function checkCost(schema: GraphQLSchema, operation: Operation, limits: CostLimits): Cost {
  const asked = costOf(schema, operation);
  const { queryCostMax, queryDepthMax, queryAliasesMax } = limits;
  if (asked.cost > queryCostMax)
    throw new QueryCostError(
      `The operation costs ${asked.cost}, one for each field of each item that was asked for; ` +
        `at most ${queryCostMax} are allowed (QUERY_COST_MAX). Ask for fewer fields or smaller pages`,
      { cost: asked.cost, costMax: queryCostMax },
    );
  if (asked.depth > queryDepthMax)
    throw new QueryCostError(
      `The operation nests fields ${asked.depth} levels deep; at most ${queryDepthMax} are allowed (QUERY_DEPTH_MAX)`,
      { depth: asked.depth, depthMax: queryDepthMax },
    );
  if (asked.aliases > queryAliasesMax)
    throw new QueryCostError(
      `The operation has ${asked.aliases} aliases; at most ${queryAliasesMax} are allowed (QUERY_ALIASES_MAX)`,
      { aliases: asked.aliases, aliasesMax: queryAliasesMax },
    );
  return asked;
}
