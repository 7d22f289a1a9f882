import type { IncomingMessage, ServerResponse } from "node:http";
import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import { createYoga, type GraphQLParams, type Plugin } from "graphql-yoga";
import { graphqlJson, mediaTypeFor } from "./answer.ts";
import { checkCost, QueryCostError, type Cost, type CostLimits } from "./cost.ts";
import { RequestRefusedError } from "./errors.ts";
import { createDocumentCache } from "./document-cache.ts";
import type { Documents } from "./documents.ts";
import type { KnownQueries } from "./known-queries.ts";
import { noteResult, type Outcome } from "./measures.ts";
import type { Viewer } from "../auth/viewer.ts";
import type { Metered } from "../graphql/budget.ts";
import { toClientError, type FailedRequest } from "../graphql/errors.ts";
import { executeAtOneMoment } from "../graphql/moment.ts";

/** Characters; a syntax tree takes up to 240 bytes for each. */
export const cachedCharsMax = 256 * 1024;

/** A request that passed all checks. */
export interface Call extends FailedRequest, Outcome {
  /** The client's. */
  readonly address: string;
  readonly params: GraphQLParams;
  readonly viewer: Viewer;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** Whether its answer says nothing but what the library holds: that of a query without errors. */
  isRepeatable: boolean;
  /** What came of it, when it was executed before Yoga got it. */
  result?: ExecutionResult;
  /** The last transaction that had been written when it was read; undefined until that is known, or is not to be told. */
  transactionId?: string | undefined;
  /** What its operation asks for; undefined until that is known. */
  cost?: Cost;
}

/** What clients read beside the data. */
export const shownCost = ({ cost }: Cost, max: number) => ({ requested: cost, max });

export interface ServerContext {
  req: IncomingMessage;
  res: ServerResponse;
}

/**
 * Whether some of a mutation's fields were carried out, whatever became of the others: the status speaks of the whole
 * then. Whoever repeats a request by its status would write twice.
 */
const hasWritten = ({ operation }: Outcome, result: object): boolean =>
  operation === OperationTypeNode.MUTATION &&
  // Typed by nobody on the way here.
  Object.values((result as ExecutionResult).data ?? {}).some((payload) => payload != null);

interface Needs {
  readonly schema: GraphQLSchema;
  readonly limits: CostLimits;
  readonly context: (call: Call) => Metered;
  /** The call a request belongs to. */
  readonly callOf: (req: IncomingMessage) => Call;
  /** Told of every query that is executed. */
  readonly queries: Pick<KnownQueries, "remember">;
  readonly documents: Documents;
}

/** GraphQL itself: everything about HTTP has been decided before. */
export function createGraphQL({ schema, limits, context, callOf, queries, documents }: Needs) {
  const checked = ({ document, operationName, variableValues }: ExecutionArgs): Cost | GraphQLError => {
    try {
      return checkCost(schema, { document, operationName, variables: variableValues }, limits);
    } catch (error) {
      if (!(error instanceof QueryCostError)) throw error;
      return new GraphQLError(error.message, { originalError: error });
    }
  };

  const face: Plugin<object, ServerContext> = {
    // Set after Yoga's own parsers, so it replaces them: they would read the body a second time.
    onRequestParse({ serverContext, setRequestParser }) {
      setRequestParser(() => callOf(serverContext.req).params);
    },

    onParse({ params: { source }, setParseFn }) {
      setParseFn(() => documents.parse(String(source)));
    },

    onValidate({ setValidationFn }) {
      setValidationFn((_schema: GraphQLSchema, document: DocumentNode) => documents.validate(document));
    },

    onExecute({ args, setExecuteFn, setResultAndStopExecution }) {
      // The context is Yoga's own, with what it was given.
      const { req } = args.contextValue as unknown as ServerContext;
      // Typed by nobody on the way here.
      const given = args as unknown as ExecutionArgs;
      const call = callOf(req);
      const asked = checked(given);
      if (asked instanceof GraphQLError) {
        setResultAndStopExecution({ errors: [asked] });
        return;
      }
      call.cost = asked;
      const operation = getOperationAST(given.document, given.operationName);
      call.operation = operation?.operation;
      call.isRepeatable = operation?.operation === OperationTypeNode.QUERY;
      if (call.isRepeatable) queries.remember(call.params.query ?? "", given.document);
      if (call.result != null) {
        setResultAndStopExecution(call.result);
        return;
      }
      setExecuteFn(async (asGiven: ExecutionArgs) => {
        const { result, transactionId } = await executeAtOneMoment(asGiven);
        call.transactionId = transactionId;
        return result;
      });
    },

    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(() => {
        const message = "A subscription is answered with text/event-stream, or over WebSocket";
        throw new RequestRefusedError("BAD_USER_INPUT", message, { status: 406 });
      });
    },

    onResultProcess(payload) {
      const { request, result, serverContext, resultProcessor } = payload;
      if (Array.isArray(result)) return;
      const call = callOf(serverContext.req);
      const { cost, transactionId } = call;
      const extensions = {
        ...(cost != null && { cost: shownCost(cost, limits.queryCostMax) }),
        ...(transactionId != null && { transactionId }),
      };
      const errors: readonly unknown[] | undefined = "errors" in result ? result.errors : undefined;
      if (!errors?.length) {
        payload.setResult({ ...result, extensions });
        return;
      }
      call.isRepeatable = false;
      const told = errors.map((error) => toClientError(error, call));
      noteResult(call, { errors: told });
      if (hasWritten(call, result)) for (const error of told) delete error.extensions["http"];
      payload.setResult({ ...result, extensions, errors: told });
      const mediaType = mediaTypeFor(request.headers.get("accept") ?? undefined, true);
      // Yoga would answer "*/*" as application/json, where the status may not speak.
      if (resultProcessor && mediaType === graphqlJson)
        payload.setResultProcessor(resultProcessor, mediaType);
    },
  };

  return createYoga<ServerContext>({
    schema,
    context: ({ req }) => context(callOf(req)),
    plugins: [face],
    graphqlEndpoint: "/graphql",
    multipart: false,
    batching: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    // Done above, where the request is known.
    maskedErrors: false,
    maxRequestBodySize: false,
    parserAndValidationCache: {
      documentCache: createDocumentCache<DocumentNode>(cachedCharsMax),
      errorCache: createDocumentCache<unknown>(cachedCharsMax),
    },
  });
}

export type GraphQLHandler = ReturnType<typeof createGraphQL>;
