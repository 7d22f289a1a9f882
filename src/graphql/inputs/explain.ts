import {
  execute,
  GraphQLError,
  Kind,
  typeFromAST,
  isInputType,
  type ASTNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from "graphql";
import { Arguments, type GivenArgument } from "./arguments.ts";
import { InvalidInputError } from "./errors.ts";
import { expectationOf } from "./expected.ts";
import { faultsIn, missing, type Fault } from "./faults.ts";
import { givenByJson, givenByNode, type Variables } from "./given.ts";
import { unknownArgument } from "./unknown-argument.ts";

/** Most faults reported of one argument or variable; the first ones say enough. */
const faultsMax = 10;

function firstFaults(faults: Iterable<Fault>): Fault[] {
  const first: Fault[] = [];
  for (const fault of faults) {
    first.push(fault);
    if (first.length === faultsMax) break;
  }
  return first;
}

/** The same error with the fault as its message, which begins with the path of the argument. */
const withFault = (error: GraphQLError, fault: Fault): GraphQLError =>
  new GraphQLError(`${fault.field}: ${fault.problem}${fault.hint}`, {
    ...{ nodes: error.nodes ?? null, path: error.path ?? null, originalError: new InvalidInputError(fault) },
  });

/** Finds the faults of arguments and variables behind the errors of one document. */
class Explanation {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  readonly #variables: Variables | undefined;
  #arguments: Arguments | undefined;
  /**
   * Arguments and variables whose faults were reported: all of them with the first error, so that further errors of
   * graphql-js about the same one have nothing to add.
   */
  readonly #seen = new Set<ASTNode>();

  constructor(schema: GraphQLSchema, document: DocumentNode, variables?: Variables) {
    this.#schema = schema;
    this.#document = document;
    this.#variables = variables;
  }

  get #given(): Arguments {
    return (this.#arguments ??= new Arguments(this.#schema, this.#document));
  }

  /** One error for each fault, none if all were reported before; undefined for an error that no argument caused. */
  explain(error: GraphQLError): GraphQLError[] | undefined {
    for (const node of error.nodes ?? []) {
      const faults = this.#faultsAt(node, error);
      if (faults == null) continue;
      return faults.map((fault) => withFault(error, fault));
    }
    return undefined;
  }

  /** Undefined where the node belongs to no argument or variable; empty if its faults were reported before. */
  #faultsAt(node: ASTNode, error: GraphQLError): Fault[] | undefined {
    if (node.kind === Kind.FIELD || node.kind === Kind.DIRECTIVE) {
      // graphql-js reports each missing argument with an error of its own, which quotes the name.
      const absent = this.#given.missingOf(node).filter(({ name }) => error.message.includes(`"${name}"`));
      return absent.length === 0 ? undefined : absent.map(({ name, type }) => missing(name, type));
    }
    const argument = this.#given.find(node);
    if (argument != null) return this.#faultsOf(argument, node, error);
    const definition = this.#given.definitionAt(node);
    return definition && this.#faultsOfVariable(definition, error);
  }

  #faultsOf(argument: GivenArgument, node: ASTNode, error: GraphQLError): Fault[] {
    const { declared, node: argumentNode } = argument;
    if (declared == null) return [unknownArgument(argument)];
    const given = givenByNode(argumentNode.value, this.#variables);
    const faults =
      given == null
        ? [missing(declared.name, declared.type)]
        : firstFaults(faultsIn(declared.type, given, declared.name));
    if (faults.length === 0) return [this.#otherFault(argument, node, error)];
    if (this.#seen.has(argumentNode)) return [];
    this.#seen.add(argumentNode);
    return faults;
  }

  /** A fault of an argument itself and not of its value, such as a variable of another type. */
  #otherFault({ declared }: GivenArgument, node: ASTNode, { message }: GraphQLError): Fault {
    const field = this.#given.pathOf(node) ?? declared?.name ?? "";
    // The type of a part is another one, which graphql-js names in its message where it matters.
    const isWhole = declared != null && field === declared.name;
    const hint = isWhole ? `; expected ${expectationOf(declared.type).words}` : "";
    return { field, problem: message.replace(/\.$/, ""), hint };
  }

  #faultsOfVariable(definition: VariableDefinitionNode, error: GraphQLError): Fault[] | undefined {
    const name = definition.variable.name.value;
    // An error that points at a definition and a usage is explained at the usage, a later node.
    const usage = error.nodes?.find((node) => node.kind === Kind.VARIABLE);
    if (usage != null) return undefined;
    const type = typeFromAST(this.#schema, definition.type);
    if (!isInputType(type)) return undefined;
    const field = this.#given.pathOfVariable(name);
    if (this.#seen.has(definition)) return [];
    const value = this.#variables?.[name];
    if (this.#variables != null && value === undefined) return [missing(field, type)];
    const given =
      value === undefined
        ? definition.defaultValue && givenByNode(definition.defaultValue)
        : givenByJson(value);
    const faults = given == null ? [] : firstFaults(faultsIn(type, given, field));
    // The error is about something else, such as a variable that is never used, and must not be lost.
    if (faults.length === 0) return undefined;
    this.#seen.add(definition);
    return faults;
  }
}

/** Rewrites validation errors about arguments, to say which argument it is, what was expected, and an example. */
export function explainInvalid(
  schema: GraphQLSchema,
  document: DocumentNode,
  errors: readonly GraphQLError[],
): readonly GraphQLError[] {
  if (errors.length === 0) return errors;
  const explanation = new Explanation(schema, document);
  return errors.flatMap((error) => explanation.explain(error) ?? [error]);
}

/**
 * Whether graphql-js could not coerce a value. The error about a variable has no path. The error about an argument has
 * the path of its field, and wraps the GraphQLError that points at the argument.
 */
const isCoercion = ({ originalError, nodes, path }: GraphQLError): boolean =>
  nodes != null && ((path == null && originalError == null) || originalError instanceof GraphQLError);

/** Rewrites in the same way the errors about variables and arguments that were refused during execution. */
export function explainRefused<R extends Pick<ExecutionResult, "errors">>(
  { schema, document, variableValues }: Pick<ExecutionArgs, "schema" | "document" | "variableValues">,
  result: R,
): R {
  if (result.errors?.some(isCoercion) !== true) return result;
  const explanation = new Explanation(schema, document, variableValues ?? {});
  const errors = result.errors.flatMap((error) =>
    isCoercion(error) ? (explanation.explain(error) ?? [error]) : [error],
  );
  return { ...result, errors };
}

/** Executes an operation as graphql-js does, and rewrites such errors. */
export function executeExplained(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
  const result = execute(args);
  return result instanceof Promise
    ? result.then((settled: ExecutionResult) => explainRefused(args, settled))
    : explainRefused(args, result);
}
