import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  parse,
  OperationTypeNode,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import type { Random } from "../../../bench/random.ts";
import { costOf } from "../../../src/server/graphql/cost.ts";
import { makeInput, writeLiteral } from "../operations/writing.ts";
import type { Pool } from "../operations/values.ts";

/** A field of the document that is being made. */
interface Node {
  readonly field: GraphQLField<unknown, unknown>;
  readonly alias: string;
  readonly type: GraphQLNamedType;
  /** As they stand in the document, but for the page's length. */
  readonly args: readonly string[];
  /** The same as a parser reads them; undefined where they are not GraphQL, since a string in them has half a character. */
  readonly argNodes: readonly ArgumentNode[] | undefined;
  /** The argument that says how long the page is; undefined where none does. */
  readonly sizeName: string | undefined;
  size: number;
  readonly children: Node[];
  /** Fields without a selection of their own. */
  readonly leaves: Set<string>;
}

/** What is in the library, so that what is asked for is found. */
export interface Ground extends Pool {
  /** Collections with many children, and the lowest one of a long chain. */
  readonly collectionIds: readonly string[];
  readonly transactionMax: number;
}

export interface NestOptions {
  readonly schema: GraphQLSchema;
  readonly ground: Ground;
  readonly costMax: number;
  readonly depthMax: number;
  /** One of so many operations goes to the cost limit. */
  readonly fullOf: number;
}

const sizeNames = ["limit", "first", "last"];
const pageSizeMax = 100;
const words = ["img", "i*", "day", "1", "a*", "lisbon", "no such word"];

const fieldsOf = (type: GraphQLNamedType) =>
  isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];

const isRequired = ({ type, defaultValue }: GraphQLArgument) =>
  getNullableType(type) !== type && defaultValue === undefined;

const isLeaf = ({ type, args }: GraphQLField<unknown, unknown>) =>
  !isCompositeType(getNamedType(type)) && !args.some(isRequired);

const hasSize = ({ args }: GraphQLField<unknown, unknown>) =>
  args.some(({ name }) => sizeNames.includes(name));

const isListField = (field: GraphQLField<unknown, unknown>) =>
  isListType(getNullableType(field.type)) || hasSize(field);

function write({ alias, field, args, sizeName, size, leaves, children, type }: Node): string {
  const all = sizeName == null ? args : [...args, `${sizeName}: ${size}`];
  const inside = [...leaves, ...children.map(write)];
  const selection = isCompositeType(type)
    ? ` { ${inside.length > 0 ? inside.join(" ") : "__typename"} }`
    : "";
  return `${alias}${field.name}${all.length > 0 ? `(${all.join(", ")})` : ""}${selection}`;
}

function argNodesOf(args: readonly string[]): Node["argNodes"] {
  if (args.length === 0) return [];
  try {
    const [operation] = parse(`{ f(${args.join(", ")}) }`, { noLocation: true }).definitions;
    const [field] = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : [];
    return field?.kind === Kind.FIELD ? (field.arguments ?? []) : undefined;
  } catch {
    return undefined;
  }
}

const nameNode = (value: string) => ({ kind: Kind.NAME, value }) as const;

const leafNode = (name: string): FieldNode => ({ kind: Kind.FIELD, name: nameNode(name) });

/** Put together, as parsing whole documents at each step of a search for the right sizes takes most of a run's CPU. */
function fieldNodeOf(node: Node): FieldNode {
  const { field, alias, argNodes = [], sizeName, size, leaves, children, type } = node;
  const inside = [...[...leaves].map(leafNode), ...children.map(fieldNodeOf)];
  const sizeNode: ArgumentNode[] =
    sizeName == null
      ? []
      : [
          {
            kind: Kind.ARGUMENT,
            name: nameNode(sizeName),
            value: { kind: Kind.INT, value: String(size) },
          },
        ];
  return {
    kind: Kind.FIELD,
    alias: nameNode(alias.replace(/: $/, "")),
    name: nameNode(field.name),
    arguments: [...argNodes, ...sizeNode],
    ...(isCompositeType(type) && {
      selectionSet: {
        kind: Kind.SELECTION_SET,
        selections: inside.length > 0 ? inside : [leafNode("__typename")],
      },
    }),
  };
}

const documentOf = (operation: OperationTypeNode, trees: readonly Node[]): DocumentNode => ({
  kind: Kind.DOCUMENT,
  definitions: [
    {
      kind: Kind.OPERATION_DEFINITION,
      operation,
      selectionSet: { kind: Kind.SELECTION_SET, selections: trees.map(fieldNodeOf) },
    },
  ],
});

const nodesOf = (trees: readonly Node[]): Node[] =>
  trees.flatMap((tree) => [tree, ...nodesOf(tree.children)]);

/** Makes documents that nest lists in lists up to a cost, and not one field further. */
class Nest {
  readonly #options: NestOptions;
  readonly #random: Random;
  #names = 0;

  constructor(options: NestOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  make(root: GraphQLObjectType, operation: OperationTypeNode): string {
    const { pick, below } = this.#random;
    const starts = fieldsOf(root).filter(({ type }) => isCompositeType(getNamedType(type)));
    const deep = starts.filter(({ type }) =>
      fieldsOf(getNamedType(type)).some((field) => isCompositeType(getNamedType(field.type))),
    );
    const trees = Array.from({ length: pick([1, 1, 1, 2, 8]) }, () =>
      this.#grow(pick(below(8) > 0 ? deep : starts), below(10)),
    );
    this.#fit(trees, operation);
    return `${operation} { ${trees.map(write).join(" ")} }`;
  }

  /** A chain of fields with lists wherever the type has any, now and then with a second branch. */
  #grow(field: GraphQLField<unknown, unknown>, levels: number): Node {
    const { below } = this.#random;
    const type = getNamedType(field.type);
    const deeper = fieldsOf(type).filter((one) => isCompositeType(getNamedType(one.type)));
    const branches = levels <= 0 || deeper.length === 0 ? 0 : below(6) === 0 ? 2 : 1;
    const children = Array.from({ length: branches }, () =>
      this.#grow(this.#choose(deeper, field), levels - 1),
    );
    const leaves = fieldsOf(type)
      .filter(isLeaf)
      .filter(() => below(3) === 0);
    const alias = `n${this.#names++}: `;
    const args = this.#args(field.args);
    return {
      ...{ field, type, children, alias, args, size: pageSizeMax },
      argNodes: argNodesOf(args),
      sizeName: field.args.find(({ name }) => sizeNames.includes(name))?.name,
      leaves: new Set(leaves.map(({ name }) => name)),
    };
  }

  /** Lists rather than other fields; of those, one whose length nobody says, and one that was nested already. */
  #choose(deeper: readonly GraphQLField<unknown, unknown>[], above: GraphQLField<unknown, unknown>) {
    const { pick, below } = this.#random;
    const lists = deeper.filter(isListField);
    if (lists.length === 0 || below(4) === 0) return pick(deeper);
    const again = lists.find(({ name }) => name === above.name);
    if (again != null && below(2) === 0) return again;
    const unpaged = lists.filter((field) => !hasSize(field));
    return pick(unpaged.length > 0 && below(2) === 0 ? unpaged : lists);
  }

  #args(args: readonly GraphQLArgument[]): string[] {
    const given = args.filter(
      (arg) =>
        !sizeNames.includes(arg.name) &&
        !["after", "before"].includes(arg.name) &&
        (isRequired(arg) || this.#random.below(4) === 0),
    );
    return given.map((arg) => `${arg.name}: ${this.#value(arg)}`);
  }

  #value({ name, type }: GraphQLArgument): string {
    const { pick, below } = this.#random;
    const { collectionIds, hashes, transactionMax, idMax } = this.#options.ground;
    const transactionId = () => `"${pick(["", "T"])}${1 + below(transactionMax)}"`;
    const entityId = () => `"${below(4) > 0 ? pick(collectionIds) : String(1 + below(idMax))}"`;
    switch (name) {
      case "id":
      case "entityId":
        return String(getNamedType(type)) === "ID" ? entityId() : "1";
      case "afterTransactionId":
        return transactionId();
      case "ids":
        return `[${Array.from({ length: 50 }, entityId).join()}]`;
      case "md5":
        return `[${hashes
          .slice(0, pick([10, 100, 1_000]))
          .map((hash) => `"${hash}"`)
          .join()}]`;
      case "at":
        return String(getNamedType(type)) === "AsOf"
          ? `{ transactionId: ${transactionId()} }`
          : `"2020-01-01T00:00:00Z"`;
      case "text":
      case "search":
        return JSON.stringify(pick(words));
      case "offset":
        return String(pick([0, 0, 1_000, 50_000]));
      case "against":
      case "version":
        return "1";
      case "filter":
        return this.#filter();
      default:
        return writeLiteral(
          makeInput(type, name, { random: this.#random, pool: this.#options.ground, isSloppy: false }),
          this.#random,
        );
    }
  }

  /** Clauses by the hundred, of kinds that an index answers and of kinds that look at each row. */
  #filter(): string {
    const { pick, below } = this.#random;
    const clause = pick([
      (n: number) => `{ label: { contains: "no${n}" } }`,
      (n: number) =>
        `{ location: { near: { latitude: ${n % 90}, longitude: ${n % 180}, radiusMetres: 1000 } } }`,
      (n: number) => `{ fileSize: { gt: ${n} } }`,
      (n: number) => `{ id: { equals: "${n}" } }`,
    ]);
    const count = pick([1, 1, 1, 1, 10, 10, 100, 400]);
    const clauses = Array.from({ length: count }, (_none, index) => clause(index + below(1_000)));
    return `{ ${pick(["AND", "OR"])}: [${clauses.join(" ")}] }`;
  }

  /** Takes sizes, leaves and branches away until the operation is allowed, then fills it up. */
  #fit(trees: Node[], operation: OperationTypeNode): void {
    const { schema, costMax, depthMax, fullOf } = this.#options;
    const { pick, below } = this.#random;
    const target = below(fullOf) === 0 ? costMax : Math.round(100 * (costMax / 100) ** (below(100) / 100));
    const isTooMuch = () => {
      if (nodesOf(trees).some(({ argNodes }) => argNodes == null)) return false;
      const { cost, depth } = costOf(schema, { document: documentOf(operation, trees) });
      return cost > target || depth > depthMax;
    };
    for (let step = 0; isTooMuch() && step < 400; step++) {
      const node = pick(nodesOf(trees));
      if (node.sizeName != null && node.size > 1 && below(3) > 0) node.size = Math.ceil(node.size / 2);
      else if (node.leaves.size > 1) node.leaves.delete(pick([...node.leaves]));
      else if (step > 40 && node.children.length > 0) node.children.pop();
      else if (step > 200 && trees.length > 1) trees.pop();
    }
    for (let step = 0; step < 40; step++) {
      const node = pick(nodesOf(trees));
      const { size } = node;
      const leaf = pick(
        fieldsOf(node.type)
          .filter(isLeaf)
          .map(({ name }) => name)
          .concat("__typename"),
      );
      const isNew = !node.leaves.has(leaf);
      if (below(2) === 0) node.size = Math.min(pageSizeMax, size * 2);
      else node.leaves.add(leaf);
      if (!isTooMuch()) continue;
      node.size = size;
      if (isNew) node.leaves.delete(leaf);
    }
  }
}

/** A query, or now and then a subscription, whose estimated cost is at most `costMax`; the same for the same random numbers. */
export function makeNest(
  options: NestOptions,
  random: Random,
): { kind: "query" | "subscription"; query: string } {
  const { schema } = options;
  const kind = random.below(10) === 0 ? "subscription" : "query";
  const root = kind === "query" ? schema.getQueryType() : schema.getSubscriptionType();
  if (root == null) throw new Error(`the schema has no ${kind}`);
  const operation = kind === "query" ? OperationTypeNode.QUERY : OperationTypeNode.SUBSCRIPTION;
  return { kind, query: new Nest(options, random).make(root, operation) };
}
