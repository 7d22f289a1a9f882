import {
  isRequiredArgument,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ArgumentNode,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type DirectiveNode,
  type GraphQLArgument,
  type GraphQLSchema,
  type ValueNode,
  type VariableDefinitionNode,
} from "graphql";

/** Where arguments are given: a field or a directive. */
export interface Place {
  readonly node: FieldNode | DirectiveNode;
  /** As errors call it: `Query.entities` or `@include`. */
  readonly name: string;
  /** Its declared arguments. */
  readonly args: readonly GraphQLArgument[];
}

/** An argument of the document. */
export interface GivenArgument {
  readonly node: ArgumentNode;
  /** Undefined for one that is not declared. */
  readonly declared: GraphQLArgument | undefined;
  readonly place: Place | undefined;
}

const isInside = ({ loc: inner }: ASTNode, { loc: outer }: ASTNode) =>
  inner != null && outer != null && inner.start >= outer.start && inner.end <= outer.end;

/** Names and places of lists and objects from a value down to a part of it. */
function stepsTo(part: ASTNode, value: ValueNode): string[] {
  if (value.kind === Kind.LIST) {
    const index = value.values.findIndex((item) => isInside(part, item));
    const item = value.values[index];
    return item == null ? [] : [String(index), ...stepsTo(part, item)];
  }
  if (value.kind === Kind.OBJECT) {
    const field = value.fields.find((one) => isInside(part, one));
    return field == null ? [] : [field.name.value, ...stepsTo(part, field.value)];
  }
  return [];
}

/** The arguments of a document, looked up only when something is wrong with one. */
export class Arguments {
  readonly #arguments: GivenArgument[] = [];
  readonly #places = new Map<ASTNode, Place>();
  readonly #definitions: VariableDefinitionNode[] = [];
  readonly #usages = new Map<string, ASTNode>();

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    const types = new TypeInfo(schema);
    let place: Place | undefined;
    visit(
      document,
      visitWithTypeInfo(types, {
        Field: (node) => {
          const field = types.getFieldDef();
          const name = `${types.getParentType()?.name}.${node.name.value}`;
          place = field == null ? undefined : { node, name, args: field.args };
          if (place != null) this.#places.set(node, place);
        },
        Directive: (node) => {
          const directive = types.getDirective();
          place = directive == null ? undefined : { node, name: `@${node.name.value}`, args: directive.args };
          if (place != null) this.#places.set(node, place);
        },
        Argument: (node) => {
          this.#arguments.push({ node, declared: types.getArgument() ?? undefined, place });
        },
        VariableDefinition: (node) => {
          this.#definitions.push(node);
        },
        Variable: (node, _key, parent) => {
          const isDefinition = parent != null && "kind" in parent && parent.kind === Kind.VARIABLE_DEFINITION;
          if (!isDefinition && !this.#usages.has(node.name.value)) this.#usages.set(node.name.value, node);
        },
      }),
    );
  }

  /** The argument that a part of the document belongs to. */
  find(node: ASTNode): GivenArgument | undefined {
    return this.#arguments.find((one) => isInside(node, one.node));
  }

  /** The variable of whose definition it is a part, such as the default. */
  definitionAt(node: ASTNode): VariableDefinitionNode | undefined {
    return this.#definitions.find((one) => isInside(node, one));
  }

  /** The dotted path of a part of an argument; undefined for what is in none. */
  pathOf(node: ASTNode): string | undefined {
    const argument = this.find(node)?.node;
    return argument && [argument.name.value, ...stepsTo(node, argument.value)].join(".");
  }

  /** Where a variable is used first; its own name when it is not used in an argument. */
  pathOfVariable(name: string): string {
    const usage = this.#usages.get(name);
    return (usage && this.pathOf(usage)) ?? name;
  }

  /** The required arguments that a field or a directive was not given. */
  missingOf(node: ASTNode): readonly GraphQLArgument[] {
    const place = this.#places.get(node);
    const given = new Set(place?.node.arguments?.map(({ name }) => name.value));
    return (place?.args ?? []).filter((arg) => isRequiredArgument(arg) && !given.has(arg.name));
  }
}
