import { Kind, valueFromASTUntyped, type GraphQLLeafType, type ValueNode } from "graphql";

/** A value as a client gave it: in the document, or as JSON in a variable. */
export interface Given {
  /** Of a variable whose value is not known yet; its type is checked by itself. */
  readonly isVariable: boolean;
  readonly isNull: boolean;
  /** Undefined when it is no list. */
  readonly items: readonly Given[] | undefined;
  /** Undefined when it is no object. */
  readonly fields: ReadonlyMap<string, Given> | undefined;
  /** For messages: short, and never the content of an object. */
  readonly text: string;
  /** The string, if it is one. */
  readonly string: string | undefined;
  /** Throws, or returns undefined, for what the type does not take. */
  parse(type: GraphQLLeafType): unknown;
}

const textMax = 60;
const short = (text: string) => (text.length > textMax ? `${text.slice(0, textMax)}…` : text);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function textOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  return typeof value === "string"
    ? JSON.stringify(value.length > textMax ? `${value.slice(0, textMax)}…` : value)
    : short(String(value));
}

/** From a variable. */
export const givenByJson = (value: unknown): Given => ({
  isVariable: false,
  isNull: value === null,
  items: Array.isArray(value) ? value.map(givenByJson) : undefined,
  // A field that is undefined is absent, as JSON would have it.
  fields: isObject(value)
    ? new Map(
        Object.entries(value).flatMap(([name, field]) =>
          field === undefined ? [] : [[name, givenByJson(field)] as const],
        ),
      )
    : undefined,
  text: textOf(value),
  string: typeof value === "string" ? value : undefined,
  parse: (type): unknown => type.parseValue(value),
});

const unknownVariable: Given = {
  ...{
    isVariable: true,
    isNull: false,
    items: undefined,
    fields: undefined,
    text: "a variable",
    string: undefined,
  },
  parse: (type) => type,
};

export type Variables = Readonly<Record<string, unknown>>;

/** From the document. @param variables their values; undefined while they are not known. */
export function givenByNode(node: ValueNode, variables?: Variables): Given | undefined {
  if (node.kind === Kind.VARIABLE) {
    if (variables == null) return unknownVariable;
    const value = variables[node.name.value];
    return value === undefined ? undefined : givenByJson(value);
  }
  const isText = node.kind === Kind.STRING;
  return {
    isVariable: false,
    isNull: node.kind === Kind.NULL,
    // An absent variable in a list stands for null (GraphQL specification, section 3.11).
    items:
      node.kind === Kind.LIST
        ? node.values.map((value) => givenByNode(value, variables) ?? givenByJson(null))
        : undefined,
    fields:
      node.kind === Kind.OBJECT
        ? new Map(
            node.fields.flatMap(({ name, value }) => {
              const given = givenByNode(value, variables);
              return given == null ? [] : [[name.value, given] as const];
            }),
          )
        : undefined,
    text: node.kind === Kind.ENUM ? node.value : textOf(valueFromASTUntyped(node, variables)),
    string: isText ? node.value : undefined,
    parse: (type): unknown => type.parseLiteral(node, variables),
  };
}
