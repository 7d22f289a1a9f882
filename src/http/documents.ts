import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  TokenKind,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from "graphql";
import type { Config } from "../config.ts";
import { QueryTooComplexError, type AppError } from "../errors.ts";
import { explainInvalid } from "../graphql/inputs/explain.ts";

type Limits = Pick<Config, "queryTokensMax" | "queryDirectivesMax" | "introspection">;

/** How documents are read, whichever way they come. */
export interface Documents {
  /** @throws {GraphQLError} also when there is too much in it: then its original error is a {QueryTooComplexError}. */
  parse(query: string): DocumentNode;
  /** What is wrong with it; nothing when it may be executed. */
  validate(document: DocumentNode): readonly GraphQLError[];
}

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
 * so many tokens are some milliseconds, where 64 KiB of them are a quarter of a second.
 */
export function createDocuments(
  schema: GraphQLSchema,
  { queryTokensMax, queryDirectivesMax, introspection }: Limits,
): Documents {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  return {
    parse(query) {
      let document: DocumentNode;
      try {
        document = parse(query, { maxTokens: queryTokensMax });
      } catch (error) {
        throw isTooLong(error) ? tooMany("tokens", queryTokensMax, "QUERY_TOKENS_MAX") : error;
      }
      if (countDirectives(document) > queryDirectivesMax)
        throw tooMany("directives", queryDirectivesMax, "QUERY_DIRECTIVES_MAX");
      return document;
    },
    validate: (document) => explainInvalid(schema, document, validate(schema, document, rules)),
  };
}
