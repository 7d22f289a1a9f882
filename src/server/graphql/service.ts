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
import { loopShares } from "../../graphql/loop-shares.ts";
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

/** Documents are parsed and validated with our limits, and kept. */
const documentsPlugin = (documents: Documents): Plugin => ({
  onParse({ params: { source }, setParsedDocument }) {
    setParsedDocument(documents.parse(String(source)));
  },
  onValidate({ params: { documentAST }, setResult }) {
    setResult([...documents.validate(documentAST as DocumentNode)]);
  },
});

/** An operation that asks for too much is refused before it begins. */
function costPlugin(documents: Documents): Plugin {
  interface Begun {
    readonly args: unknown;
    readonly setResultAndStopExecution: (result: ExecutionResult) => void;
  }
  const check = ({ args, setResultAndStopExecution }: Begun) => {
    const { contextValue, document } = args as ExecutionArgs;
    const carried = carriedIn(contextValue);
    try {
      carried.cost = documents.checkCost(document, carried.call.params);
    } catch (error) {
      if (!(error instanceof QueryCostError)) throw error;
      setResultAndStopExecution({ errors: [new GraphQLError(error.message, { originalError: error })] });
    }
  };
  return { onExecute: check, onSubscribe: check };
}

/** Operations are executed within their budget; a query reads one moment. */
const executionPlugin = ({ context, answers }: Pick<Needs, "context" | "answers">): Plugin => ({
  onExecute({ setExecuteFn }) {
    setExecuteFn(async (args: ExecutionArgs) => {
      const { call } = carriedIn(args.contextValue);
      call.operation = getOperationAST(args.document, args.operationName)?.operation;
      // Not by Yoga's own way, which copies a context part by part.
      const { result, transactionId } = await executeAtOneMoment({ ...args, contextValue: context(call) });
      call.transactionId = transactionId;
      return result;
    });
  },
  onSubscribe({ setSubscribeFn }) {
    setSubscribeFn(async (args: ExecutionArgs) => {
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
    });
  },
});

/**
 * Whether some of a mutation's fields were carried out, even if others failed: the status speaks of the whole,
 * and a client that repeats a request by its status would write twice.
 */
const hasWritten = ({ operation }: Call, { data }: ExecutionResult): boolean =>
  operation === OperationTypeNode.MUTATION && Object.values(data ?? {}).some((payload) => payload != null);

/** Clients see coded errors, and beside the data what it cost and of which moment it is. */
const resultPlugin = ({ queryCostMax }: CostLimits): Plugin => ({
  onExecutionResult(hook) {
    const { result } = hook;
    // A stream's results are made one by one.
    if (result == null || Array.isArray(result) || Symbol.asyncIterator in result) return;
    const { call, cost } = carriedIn(hook.context);
    const { transactionId } = call;
    const errors = result.errors?.map((error) => toClientError(error, call));
    const extensions = {
      ...(cost != null && { cost: { requested: cost.cost, max: queryCostMax } }),
      ...(transactionId != null && { transactionId }),
    };
    if (errors != null && hasWritten(call, result))
      for (const error of errors) delete error.extensions["http"];
    const shown = { ...result, extensions, ...(errors != null && { errors }) };
    noteResult(call, shown);
    hook.setResult(shown);
  },
});

/** Yoga looks at a request's method only, which was checked before. */
const request = new Request("http://localhost/graphql", { method: "POST" });

export function createGraphQL(needs: Needs): GraphQLService {
  const { schema, limits, documents } = needs;
  const yoga = createYoga<{ carried: Carried }>({
    schema,
    plugins: [
      documentsPlugin(documents),
      costPlugin(documents),
      executionPlugin(needs),
      resultPlugin(limits),
    ],
    logging: false,
    // The plugins do both.
    maskedErrors: false,
    parserAndValidationCache: false,
  });

  return {
    async answer(call) {
      // Reading a document is no other operation's work.
      loopShares.end();
      const carried: Carried = { call };
      const result = await yoga.getResultForParams({ params: call.params, request }, { carried });
      // Typed for batches as well, which come from another entry.
      return carried.events ?? (result as ExecutionResult);
    },
  };
}
