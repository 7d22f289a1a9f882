import {
  GraphQLError,
  getOperationAST,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type { Metered } from "../../graphql/budget.ts";
import { longAnswers } from "../../graphql/long-answers.ts";
import { loopShares, type Owner } from "../../graphql/loop-shares.ts";
import { toClientError } from "../../graphql/errors.ts";
import { executeAtOneMoment } from "../../graphql/moment.ts";
import type { Call } from "./call.ts";
import { QueryCostError, type Cost, type CostLimits } from "./cost.ts";
import type { Documents } from "./documents.ts";
import { noteResult } from "../transport/request-metrics.ts";
import type { SharedAnswers } from "./shared-answers.ts";
import { eachResult, operationKey, subscribe, type Answers } from "./subscribe.ts";

interface Needs {
  readonly schema: GraphQLSchema;
  readonly limits: CostLimits;
  /** Makes the context of resolvers; a new one for each operation, and for each event of a subscription. */
  readonly context: (call: Call) => Metered;
  readonly documents: Documents;
  readonly answers: SharedAnswers;
}

/** The data that Yoga passes from hook to hook. */
interface Carried {
  readonly call: Call;
  cost?: Cost;
  /** Of a subscription that has begun. */
  events?: Answers;
}

/** Answers operations, whichever way they came. */
export interface GraphQLService {
  /**
   * Never rejects because of what a client sent.
   * @returns the result of a query or mutation, or what kept an operation from beginning (then without `data`), with the
   * errors that clients see; the events of a subscription.
   */
  answer(call: Call): Promise<ExecutionResult | Answers>;
}

export const isSubscription = (answer: ExecutionResult | Answers): answer is Answers => "next" in answer;

/** The hooks' arguments are typed for any context and any executor; both are made here. */
const carriedIn = (context: unknown): Carried => (context as { carried: Carried }).carried;

interface Begun {
  readonly args: unknown;
  readonly setResultAndStopExecution: (result: ExecutionResult) => void;
}

/** An operation that asks for too much is refused before it begins. */
function checkCost({ args, setResultAndStopExecution }: Begun, documents: Documents): void {
  const { contextValue, document } = args as ExecutionArgs;
  const carried = carriedIn(contextValue);
  try {
    carried.cost = documents.checkCost(document, carried.call.params);
  } catch (error) {
    if (!(error instanceof QueryCostError)) throw error;
    setResultAndStopExecution({ errors: [new GraphQLError(error.message, { originalError: error })] });
  }
}

/** Operations are executed within their budget; a query reads one moment. */
const executionIn =
  ({ context }: Needs) =>
  (args: ExecutionArgs): Promise<ExecutionResult> => {
    const { call } = carriedIn(args.contextValue);
    call.operation = getOperationAST(args.document, args.operationName)?.operation;
    // Not by Yoga's own way, which copies a context part by part.
    const { schema, document, variableValues, operationName } = args;
    const own = { schema, document, variableValues, operationName, contextValue: context(call) };
    return executeAtOneMoment(own).then(({ result, transactionId }) => {
      call.transactionId = transactionId;
      return result;
    });
  };

const subscriptionIn =
  ({ context, answers }: Needs) =>
  async (args: ExecutionArgs) => {
    const carried = carriedIn(args.contextValue);
    const { call } = carried;
    call.operation = OperationTypeNode.SUBSCRIPTION;
    const key = operationKey(call.params, call.scope);
    const newContext = () => context(call);
    const opened = await subscribe(args, {
      request: call,
      answers,
      key,
      readmit: () => call.readmit(),
      newContext,
    });
    if (!isSubscription(opened)) return opened;
    carried.events = opened;
    return eachResult(opened);
  };

/**
 * Whether some of a mutation's fields were carried out, even if others failed: the status speaks of the whole,
 * and a client that repeats a request by its status would write twice.
 */
const hasWritten = ({ operation }: Call, { data }: ExecutionResult): boolean =>
  operation === OperationTypeNode.MUTATION && Object.values(data ?? {}).some((payload) => payload != null);

/** Clients see coded errors, and beside the data what it cost and of which moment it is. */
function shownTo(
  { call, cost }: Carried,
  result: ExecutionResult,
  { queryCostMax }: CostLimits,
): ExecutionResult {
  const extensions: { cost?: object; transactionId?: string } = {};
  if (cost != null) extensions.cost = { requested: cost.cost, max: queryCostMax };
  if (call.transactionId != null) extensions.transactionId = call.transactionId;
  if (result.errors == null) return { ...result, extensions };
  const errors = result.errors.map((error) => toClientError(error, call));
  if (hasWritten(call, result)) for (const error of errors) delete error.extensions["http"];
  return { ...result, extensions, errors };
}

/** One for all steps: each plugin costs something in each step. */
function pluginOf(needs: Needs): Plugin {
  const { documents, limits } = needs;
  const execution = executionIn(needs);
  const subscription = subscriptionIn(needs);
  return {
    // Documents are parsed and validated with our limits, and kept.
    onParse({ params: { source }, setParsedDocument }) {
      setParsedDocument(documents.parse(String(source)));
    },
    onValidate({ params: { documentAST }, setResult }) {
      setResult([...documents.validate(documentAST as DocumentNode)]);
    },
    onExecute(begun) {
      checkCost(begun, documents);
      begun.setExecuteFn(execution);
    },
    onSubscribe(begun) {
      checkCost(begun, documents);
      begun.setSubscribeFn(subscription);
    },
    onExecutionResult(hook) {
      const { result } = hook;
      // A stream's results are made one by one.
      if (result == null || Array.isArray(result) || Symbol.asyncIterator in result) return;
      const carried = carriedIn(hook.context);
      const shown = shownTo(carried, result, limits);
      noteResult(carried.call, shown);
      hook.setResult(shown);
    },
  };
}

/**
 * Characters of a document that takes about a millisecond to be read and checked. Longer ones wait for a turn of the
 * event loop: one that nests to its limits takes thirty, and a dozen may arrive in the same moment.
 */
const longDocument = 4_000;

/** Its time is nobody's. */
const reading = (): Owner => ({ spend: () => undefined });

/** Yoga looks at a request's method only, which was checked before. */
const request = new Request("http://localhost/graphql", { method: "POST" });

export function createGraphQL(needs: Needs): GraphQLService {
  const yoga = createYoga<{ carried: Carried }>({
    schema: needs.schema,
    plugins: [pluginOf(needs)],
    logging: false,
    // The plugin does both.
    maskedErrors: false,
    parserAndValidationCache: false,
  });

  return {
    async answer(call) {
      if ((call.params.query?.length ?? 0) > longDocument) await longAnswers.turn(reading(), longDocument);
      // Reading a document is no other operation's work.
      loopShares.end();
      const carried: Carried = { call };
      const result = await yoga.getResultForParams({ params: call.params, request }, { carried });
      // Typed for batches as well, which come from another entry.
      return carried.events ?? (result as ExecutionResult);
    },
  };
}
