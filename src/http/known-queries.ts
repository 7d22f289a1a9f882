import { getOperationAST, OperationTypeNode, type DocumentNode, type ExecutionResult } from "graphql";
import type { GraphQLParams } from "graphql-yoga";
import { readAtOneMoment } from "../graphql/moment.ts";
import { executeWithin, type Metered } from "../graphql/budget.ts";
import { executeExplained } from "../graphql/inputs/explain.ts";
import { planOf, type Plan } from "../graphql/plan.ts";
import { checkCost, QueryCostError, type Cost, type CostLimits } from "./cost.ts";
import { createDocumentCache } from "./document-cache.ts";
import type { HandlerNeeds } from "./handler.ts";
import { isPlain } from "./params.ts";
import { shownCost, type Call } from "./yoga.ts";

/**
 * Queries that somebody has asked before, executed without the detour over Fetch's Request and Response, which costs
 * as much as reading a page. What is anything but a plain success is Yoga's to answer, so that failures look alike.
 */
export interface KnownQueries {
  /** Notes a document that was found valid, by its text. */
  remember(query: string, document: DocumentNode): void;
  /**
   * The answer of a query without errors, as JSON; undefined when Yoga has to answer. What was executed already is
   * then the call's `result`.
   */
  answer(call: Call): Promise<string | undefined>;
}

function textOf(result: ExecutionResult): string | undefined {
  try {
    return JSON.stringify(result);
  } catch {
    // A value that is none in JSON is a bug of ours; Yoga meets it again, and answers it.
    return undefined;
  }
}

interface Needs extends Pick<HandlerNeeds, "schema" | "context"> {
  readonly limits: CostLimits;
}

interface Known {
  readonly document: DocumentNode;
  readonly plan: Plan | undefined;
  /** So many times the plan is not tried. */
  rest: number;
}

/** What fails is executed twice, so that its errors are graphql-js's own; one time in a hundred is no burden. */
const restAfterFailure = 100;

/** @param charsMax of all documents together. */
export function createKnownQueries({ schema, context, limits }: Needs, charsMax: number): KnownQueries {
  const documents = createDocumentCache<Known>(charsMax);

  const find = ({ query = "", operationName }: GraphQLParams) => {
    const known = documents.get(query);
    if (known == null) return undefined;
    const operation = getOperationAST(known.document, operationName);
    return operation?.operation === OperationTypeNode.QUERY ? known : undefined;
  };

  /** Undefined when it asks for too much: Yoga finds that out again, and says so. */
  const costOf = (document: DocumentNode, { operationName, variables }: GraphQLParams): Cost | undefined => {
    try {
      return checkCost(schema, { document, operationName, variables }, limits);
    } catch (error) {
      if (error instanceof QueryCostError) return undefined;
      throw error;
    }
  };

  /** What has spent its budget is not executed once more. */
  const executePlan = async (known: Known, call: Call, at: Metered): Promise<ExecutionResult | undefined> => {
    const { plan } = known;
    if (plan == null || known.rest-- > 0) return undefined;
    const result = await executeWithin(at, async (): Promise<ExecutionResult> => {
      const data = await plan.execute(at, call.params.variables ?? {});
      return data == null ? {} : { data };
    });
    const hasFailed = result.data == null && result.errors == null;
    known.rest = hasFailed ? restAfterFailure : 0;
    return hasFailed ? undefined : result;
  };

  const executeFully = (document: DocumentNode, call: Call, at: Metered) =>
    executeWithin(at, () =>
      executeExplained({
        ...{ schema, document },
        // Loaders of its own: those of the plan remember what failed.
        contextValue: { ...at },
        variableValues: call.params.variables,
        operationName: call.params.operationName,
      }),
    );

  return {
    remember: (query, document) => {
      // It came this far because it failed: its plan shall rest.
      if (documents.get(query)?.document === document) return;
      // Without a name it is the only operation of its document.
      const operation = getOperationAST(document);
      const plan = operation == null ? undefined : planOf(schema, document, operation);
      documents.set(query, { document, plan, rest: 0 });
    },
    async answer(call) {
      const { params } = call;
      const known = isPlain(params) ? find(params) : undefined;
      const cost = known && costOf(known.document, params);
      if (known == null || cost == null) return undefined;
      const { result, transactionId } = await readAtOneMoment(
        context(call),
        async (at) => (await executePlan(known, call, at)) ?? (await executeFully(known.document, call, at)),
      );
      call.transactionId = transactionId;
      const extensions = { cost: shownCost(cost, limits.queryCostMax), transactionId };
      const text = result.errors == null ? textOf({ ...result, extensions }) : undefined;
      // Without data nothing was executed: the variables are wrong, and Yoga finds that out for itself.
      if (text == null && result.data !== undefined) call.result = result;
      return text;
    },
  };
}
