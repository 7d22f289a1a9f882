import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  TokenKind,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationTypeNode,
} from "graphql";
import type { GraphQLParams } from "graphql-yoga";
import { LRUCache } from "lru-cache";
import { checkCost, costOf, type Cost, type CostLimits } from "./cost.ts";
import type { Config } from "../../config/config.ts";
import { QueryTooComplexError, type AppError } from "../../errors.ts";
import { explainInvalid } from "../../graphql/inputs/explain.ts";

type Limits = CostLimits & Pick<Config, "queryTokensMax" | "queryDirectivesMax" | "introspection">;
type Operation = Pick<GraphQLParams, "query" | "operationName" | "variables">;

/** The documents that clients send, read the same way over HTTP and WebSocket. Those used last are kept. */
export interface Documents {
  /** @throws {GraphQLError} also for a document that is too long: its original error is a {QueryTooComplexError}. */
  parse(query: string): DocumentNode;
  /** @returns what is wrong with a document; an empty list when it may be executed. */
  validate(document: DocumentNode): readonly GraphQLError[];
  /** @returns undefined when the document cannot be parsed, or has no such operation. */
  typeOf(operation: Operation): OperationTypeNode | undefined;
  /** Root fields of an operation that may not have been validated; at least one, also for a wrong document. */
  rootFieldsOf(operation: Operation): number;
  /** @param document a valid one. @throws {QueryCostError} */
  checkCost(document: DocumentNode, operation: Operation): Cost;
}

/** Characters of the documents kept; a syntax tree takes up to 240 bytes for each. */
const keptCharsMax = 256 * 1024;

const refusal = (originalError: AppError) => new GraphQLError(originalError.message, { originalError });

const tooMany = (what: string, max: number, setting: string) =>
  refusal(
    new QueryTooComplexError(`The GraphQL document has more than the ${max} ${what} allowed (${setting})`),
  );

/** graphql-js throws a syntax error like any other, known by its words only. */
const isTooLong = (error: unknown) =>
  error instanceof GraphQLError &&
  /^Syntax Error: Document contains more (than|that) \d+ tokens/.test(error.message);

function countDirectives({ loc }: DocumentNode): number {
  let directives = 0;
  for (let token = loc?.startToken; token != null; token = token.next ?? undefined)
    if (token.kind === TokenKind.AT) directives++;
  return directives;
}

/**
 * Validation compares fields with fields and variables with variables, and a wrong directive costs as much as a field:
 * the tokens allowed take some milliseconds, where 64 KiB of them take a quarter of a second.
 */
function parseWithin(query: string, { queryTokensMax, queryDirectivesMax }: Limits): DocumentNode {
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: queryTokensMax });
  } catch (error) {
    throw isTooLong(error) ? tooMany("tokens", queryTokensMax, "QUERY_TOKENS_MAX") : error;
  }
  if (countDirectives(document) > queryDirectivesMax)
    throw tooMany("directives", queryDirectivesMax, "QUERY_DIRECTIVES_MAX");
  return document;
}

export function createDocuments(schema: GraphQLSchema, limits: Limits): Documents {
  const rules = limits.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  // Yoga's own cache counts documents: 1,024 of 64 KiB each would fill the memory of any machine.
  const parsed = new LRUCache<string, DocumentNode | GraphQLError>({
    maxSize: keptCharsMax,
    sizeCalculation: (_document, query) => Math.max(1, query.length),
  });
  const validated = new WeakMap<DocumentNode, readonly GraphQLError[]>();

  const read = (query: string): DocumentNode | GraphQLError => {
    let document = parsed.get(query);
    if (document == null) {
      try {
        document = parseWithin(query, limits);
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        document = error;
      }
      parsed.set(query, document);
    }
    return document;
  };
  const find = (query: string): DocumentNode | undefined => {
    const document = read(query);
    return document instanceof GraphQLError ? undefined : document;
  };

  return {
    parse(query) {
      const document = read(query);
      if (document instanceof GraphQLError) throw document;
      return document;
    },
    validate(document) {
      let errors = validated.get(document);
      if (errors == null) {
        errors = explainInvalid(schema, document, validate(schema, document, rules));
        validated.set(document, errors);
      }
      return errors;
    },
    typeOf({ query = "", operationName }) {
      const document = find(query);
      return document && getOperationAST(document, operationName)?.operation;
    },
    rootFieldsOf({ query = "", operationName, variables }) {
      const document = find(query);
      if (document == null) return 1;
      return Math.max(1, costOf(schema, { document, operationName, variables }).rootFields);
    },
    checkCost: (document, { operationName, variables }) =>
      checkCost(schema, { document, operationName, variables }, limits),
  };
}
