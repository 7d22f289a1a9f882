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

/** Of one argument or variable; the first ones say enough. */
const faultsMax = 10;

function some(faults: Iterable<Fault>): Fault[] {
  const first: Fault[] = [];
  for (const fault of faults) {
    first.push(fault);
    if (first.length === faultsMax) break;
  }
  return first;
}

/** The same error, saying which argument it is of. */
const withFault = (error: GraphQLError, fault: Fault): GraphQLError =>
  new GraphQLError(`${fault.field}: ${fault.problem}${fault.hint}`, {
    ...{ nodes: error.nodes ?? null, path: error.path ?? null, originalError: new InvalidInputError(fault) },
  });

class Explanation {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  readonly #variables: Variables | undefined;
  #arguments: Arguments | undefined;
  /** Arguments and variables that are explained already: one look finds all their faults. */
  readonly #seen = new Set<ASTNode>();

  constructor(schema: GraphQLSchema, document: DocumentNode, variables?: Variables) {
    this.#schema = schema;
    this.#document = document;
    this.#variables = variables;
  }

  get #given(): Arguments {
    return (this.#arguments ??= new Arguments(this.#schema, this.#document));
  }

  /** Undefined for what is no matter of arguments. */
  explain(error: GraphQLError): GraphQLError[] | undefined {
    for (const node of error.nodes ?? []) {
      const faults = this.#faultsAt(node, error);
      if (faults == null) continue;
      return faults.map((fault) => withFault(error, fault));
    }
    return undefined;
  }

  /** Undefined where the node has nothing to do with an argument; empty for what was said before. */
  #faultsAt(node: ASTNode, error: GraphQLError): Fault[] | undefined {
    if (node.kind === Kind.FIELD || node.kind === Kind.DIRECTIVE) {
      const absent = this.#given.missingOf(node).filter(({ name }) => error.message.includes(`"${name}"`));
      return absent.length === 0 ? undefined : absent.map(({ name, type }) => missing(name, type));
    }
    const argument = this.#given.find(node);
    if (argument != null) return this.#faultsOf(argument, node, error);
    const definition = this.#given.definitionAt(node);
    return definition && this.#faultsOfVariable(definition, error);
  }

  #faultsOf(argument: GivenArgument, node: ASTNode, error: GraphQLError): Fault[] {
    const { declared, node: whole } = argument;
    if (declared == null) return [unknownArgument(argument)];
    const given = givenByNode(whole.value, this.#variables);
    const faults =
      given == null
        ? [missing(declared.name, declared.type)]
        : some(faultsIn(declared.type, given, declared.name));
    if (faults.length === 0) return [this.#otherFault(argument, node, error)];
    if (this.#seen.has(whole)) return [];
    this.#seen.add(whole);
    return faults;
  }

  /** A fault of an argument itself and not of its value, such as a variable of another type. */
  #otherFault({ declared }: GivenArgument, node: ASTNode, { message }: GraphQLError): Fault {
    const field = this.#given.pathOf(node) ?? declared?.name ?? "";
    // A part's own type is in the message, where it matters.
    const isWhole = declared != null && field === declared.name;
    const hint = isWhole ? `; expected ${expectationOf(declared.type).words}` : "";
    return { field, problem: message.replace(/\.$/, ""), hint };
  }

  #faultsOfVariable(definition: VariableDefinitionNode, error: GraphQLError): Fault[] | undefined {
    const name = definition.variable.name.value;
    // Of an error that is about a usage and a definition, the usage is looked at.
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
    const faults = given == null ? [] : some(faultsIn(type, given, field));
    // Such as a variable that is never used: an error must not be lost because its value is right.
    if (faults.length === 0) return undefined;
    this.#seen.add(definition);
    return faults;
  }
}

/** Errors of validation about arguments say which one it is, what was expected, and an example. */
export function explainInvalid(
  schema: GraphQLSchema,
  document: DocumentNode,
  errors: readonly GraphQLError[],
): readonly GraphQLError[] {
  if (errors.length === 0) return errors;
  const explanation = new Explanation(schema, document);
  return errors.flatMap((error) => explanation.explain(error) ?? [error]);
}

/** A variable that is refused has no path; an argument is refused below a field, by an error that points at it. */
const isCoercion = ({ originalError, nodes, path }: GraphQLError): boolean =>
  nodes != null && ((path == null && originalError == null) || originalError instanceof GraphQLError);

/** The same for variables and arguments that were refused when the operation was executed. */
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

/** As graphql-js executes it, with such errors explained. */
export function executeExplained(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
  const result = execute(args);
  return result instanceof Promise
    ? result.then((settled: ExecutionResult) => explainRefused(args, settled))
    : explainRefused(args, result);
}
