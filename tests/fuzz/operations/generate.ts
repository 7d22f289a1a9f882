import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import type { Random } from "../../../bench/random.ts";
import type { Making, Pool } from "./values.ts";
import { makeInput, writeJson, writeLiteral } from "./writing.ts";

/** An operation as it goes over the wire. */
export interface Operation {
  readonly kind: "query" | "mutation" | "subscription";
  readonly query: string;
  /** JSON, which need not be right. */
  readonly variables: string;
  readonly operationName: string | null;
}

const aliases = ["a", "b", "__proto__", "constructor", "toString", "hasOwnProperty", "then", "length"];
const typesOfVariables = ["Int", "String!", "[ID!]!", "EntityFilter", "Nothing", "Boolean = 5", "Upload!"];

/** Writes one document, by the schema and a little against it. */
class Writer {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #making: Making;
  readonly #variables: string[] = [];
  readonly #values: string[] = [];
  readonly #fragments: string[] = [];
  /** Fields that may still be written. */
  #room: number;
  #names = 0;

  constructor(schema: GraphQLSchema, random: Random, pool: Pool) {
    this.#schema = schema;
    this.#random = random;
    // Two of three are as the schema wants them, or no more than their outside would ever be tested.
    this.#making = { random, pool, isSloppy: random.below(3) === 0 };
    this.#room = random.pick([5, 15, 40]);
  }

  write(kind: Operation["kind"], root: GraphQLObjectType): Operation {
    const random = this.#random;
    const selection = this.#selection(root, 0);
    // One that is defined twice, or not at all, or of a type that there is not.
    if (this.#isWrong(10))
      this.#variables.push(`$${random.pick(["v0", "odd"])}: ${random.pick(typesOfVariables)}`);
    const variables = this.#variables.length > 0 ? `(${this.#variables.join(", ")})` : "";
    const operation = `${kind} Q${variables}${this.#isWrong(4) ? this.#directives() : ""} ${selection}`;
    const others = this.#isWrong(10)
      ? [random.pick([operation, "query P { __typename }", "{ __typename }"])]
      : [];
    const query = [operation, ...others, ...this.#fragments].join("\n");
    return {
      kind,
      query: this.#isWrong(8) ? this.#damage(query) : query,
      variables: `{${this.#values.join()}}`,
      operationName: this.#isWrong(12) ? random.pick(["Q", "P", "", "__proto__", "no such"]) : null,
    };
  }

  #isRare(times: number) {
    return this.#random.below(times) === 0;
  }

  #isWrong(times: number) {
    return this.#making.isSloppy && this.#isRare(times);
  }

  /** Without another name, a field asked for twice in different ways is a mistake. */
  #alias(): string {
    if (this.#making.isSloppy) return this.#isRare(4) ? `${this.#random.pick(aliases)}: ` : "";
    return `${this.#isRare(20) ? this.#random.pick(aliases) : ""}n${this.#names++}: `;
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    const random = this.#random;
    if (!isObjectType(type) && !isAbstractType(type)) return "";
    const fields = "getFields" in type ? Object.values(type.getFields()) : [];
    const parts: string[] = [];
    for (let left = 1 + random.below(depth === 0 ? 2 : 6); left > 0 && fields.length > 0; left--) {
      if (this.#room-- <= 0) break;
      const field = random.pick(fields);
      const isDeep = isCompositeType(getNamedType(field.type));
      if (!isDeep || depth < 9) parts.push(this.#field(field, depth));
    }
    if (this.#isRare(12)) parts.push(this.#spread(type, depth));
    if (this.#isWrong(40))
      parts.push(random.pick(["absent", "__schema { types { name } }", "...Absent", "__typename"]));
    if (parts.length === 0) parts.push("__typename");
    return `{ ${parts.join(" ")} }`;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const alias = this.#alias();
    const given = field.args.filter((arg) => {
      const isRequired = getNullableType(arg.type) !== arg.type && arg.defaultValue === undefined;
      return isRequired ? !this.#isWrong(30) : this.#random.below(5) < 2;
    });
    const args = given.map((arg) => `${arg.name}: ${this.#argument(arg)}`);
    if (this.#isWrong(60)) args.push("absent: 1");
    const type = getNamedType(field.type);
    const selection = isCompositeType(type) !== this.#isWrong(80) ? this.#selection(type, depth + 1) : "";
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(", ")})` : ""}${this.#directives()}${selection}`;
  }

  #argument(arg: GraphQLArgument): string {
    const random = this.#random;
    const value = makeInput(arg.type, arg.name, this.#making);
    if (random.below(3) > 0) return writeLiteral(value, random);
    const name = `v${this.#variables.length}`;
    const type = this.#isWrong(15) ? random.pick(typesOfVariables) : String(arg.type);
    this.#variables.push(`$${name}: ${type}`);
    if (!this.#isWrong(10))
      this.#values.push(`${JSON.stringify(this.#isWrong(30) ? "__proto__" : name)}:${writeJson(value)}`);
    return `$${name}`;
  }

  #directives(): string {
    if (!this.#isRare(12)) return "";
    const { below, pick } = this.#random;
    if (!this.#making.isSloppy) return ` ${pick(["@skip", "@include"])}(if: ${below(2) === 0})`;
    const flag = pick(["true", "false", "null", "1", "$v0", `"true"`]);
    const odd = [
      "@deprecated",
      "@absent(a: 1)",
      "@skip",
      "@oneOf",
      "@include(if: true) @include(if: true)",
      "@defer",
    ];
    return below(3) > 0 ? ` ${pick(["@skip", "@include"])}(if: ${flag})` : ` ${pick(odd)}`;
  }

  /** A fragment, which may hold itself. */
  #spread(type: GraphQLNamedType, depth: number): string {
    const { below, pick } = this.#random;
    const names = Object.keys(this.#schema.getTypeMap());
    const on = this.#isWrong(8) ? pick(names) : type.name;
    if (below(2) === 0) return `... on ${on}${this.#directives()} ${this.#selection(type, depth + 1)}`;
    const name = `F${this.#fragments.length}`;
    const inner = this.#selection(type, depth + 1);
    const again = this.#isWrong(4) ? `...${pick([name, "F0", "F1"])} ` : "";
    this.#fragments.push(`fragment ${name} on ${on} { ${again}${inner.slice(1)}`);
    return `...${name}`;
  }

  /** A character more, fewer or other, wherever. */
  #damage(text: string): string {
    const { below, pick } = this.#random;
    const at = below(text.length);
    const odd = pick([
      "{",
      "}",
      "(",
      ")",
      "$",
      "@",
      "...",
      "#",
      '"',
      '"""',
      "\\u{110000}",
      "\0",
      "\ufeff",
      "\ud800",
      "!",
      "",
    ]);
    return text.slice(0, at) + odd.repeat(pick([1, 1, 1, 40, 2_000])) + text.slice(at + below(3));
  }
}

/** An operation that the schema may or may not admit; the same for the same random numbers. */
export function makeOperation(schema: GraphQLSchema, random: Random, pool: Pool): Operation {
  const kind = random.pick([
    "query",
    "query",
    "query",
    "query",
    "mutation",
    "mutation",
    "subscription",
  ] as const);
  const root = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: random.below(3) === 0 ? schema.getSubscriptionType() : null,
  }[kind];
  const queries = schema.getQueryType();
  if (queries == null) throw new Error("a schema without queries is none");
  return root == null
    ? new Writer(schema, random, pool).write("query", queries)
    : new Writer(schema, random, pool).write(kind, root);
}
