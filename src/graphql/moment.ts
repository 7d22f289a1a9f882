import { getOperationAST, OperationTypeNode, type ExecutionArgs, type ExecutionResult } from "graphql";
import { transactionIdText } from "../database/model/ids.ts";
import { AppError, type ErrorCode } from "../errors.ts";
import { executeWithin, type Metered } from "./budget.ts";
import type { Context } from "./context.ts";
import { executeExplained } from "./inputs/explain.ts";

/** The result of an operation, and the last transaction that had been written when it was read. */
export interface Answered<T> {
  readonly result: T;
  /** Undefined for a viewer who may not read. */
  readonly transactionId: string | undefined;
}

/** Failures that would occur at any moment, and may have taken long. */
const lasting: ReadonlySet<ErrorCode> = new Set(["QUERY_TOO_COMPLEX", "RATE_LIMITED", "UNAVAILABLE"]);

const isLasting = ({ errors = [] }: Pick<ExecutionResult, "errors">): boolean =>
  errors.some(({ originalError }) => originalError instanceof AppError && lasting.has(originalError.code));

/** The parts of a context that moments need; one without a database has none of them. */
type Reading = Partial<Pick<Context, "db" | "viewer" | "signal" | "revision">> & Metered;

const shownTo = ({ viewer }: Reading, transactionId: number): string | undefined =>
  viewer?.permissions.has("read") === true ? transactionIdText(transactionId) : undefined;

/** The same but for some parts; what is kept for a context is not kept for this one. */
const changed = <T extends object>(original: T, parts: Partial<T>): T =>
  Object.assign(Object.create(original) as T, parts);

/**
 * Executes a query so that all it reads is of one moment.
 * @param run may be called twice.
 */
export async function readAtOneMoment<T extends Pick<ExecutionResult, "errors">>(
  context: Reading,
  run: (context: Reading) => T | Promise<T>,
): Promise<Answered<T>> {
  const { db } = context;
  context.budget.giveUpWhenGone();
  if (db == null) return { result: await run(context), transactionId: undefined };
  const { result, transactionId } = await db.readAtOneMoment(
    context,
    (view) => {
      context.revision = view.revision;
      return run(view.db === db ? context : changed(context, { db: view.db }));
    },
    isLasting,
  );
  return { result, transactionId: shownTo(context, transactionId) };
}

/**
 * Executes a mutation. The transaction in the response is its own last one: its payload was read then or later, so the
 * response claims nothing that it has not seen.
 */
async function executeMutation(
  context: Reading,
  run: (context: Reading) => ExecutionResult | Promise<ExecutionResult>,
): Promise<Answered<ExecutionResult>> {
  const { db } = context;
  if (db == null) return { result: await run(context), transactionId: undefined };
  const before = db.now().transactionId;
  let written: number | undefined;
  const transaction: typeof db.transaction = async (opening, work) => {
    const { result, own } = await db.transaction(opening, async (tx) => ({
      result: await work(tx),
      own: tx.transactionId,
    }));
    written = own ?? written;
    return result;
  };
  const result = await run(changed(context, { db: changed(db, { transaction }) }));
  const transactionId = written == null ? shownTo(context, before) : transactionIdText(written);
  return { result, transactionId };
}

/** Executes a query or a mutation. */
export function executeAtOneMoment(args: ExecutionArgs): Promise<Answered<ExecutionResult>> {
  // The context is the object that `app.ts` makes, with the additions of the transport.
  const context = args.contextValue as Reading;
  const run = (contextValue: Metered) =>
    executeWithin(contextValue, () => executeExplained({ ...args, contextValue }));
  const operation = getOperationAST(args.document, args.operationName);
  return operation?.operation === OperationTypeNode.MUTATION
    ? executeMutation(context, run)
    : readAtOneMoment(context, run);
}

/** Answers an event, which contains the entity as it was, and other fields as they are now. */
export async function executeEvent(args: ExecutionArgs): Promise<ExecutionResult> {
  // As above.
  const context = args.contextValue as Reading;
  const moment = context.db?.now();
  const result = await executeWithin(context, () => executeExplained(args));
  const transactionId = moment && shownTo(context, moment.transactionId);
  return withTransaction({ result, transactionId });
}

/** The result as clients get it. */
export const withTransaction = ({ result, transactionId }: Answered<ExecutionResult>): ExecutionResult =>
  transactionId == null ? result : { ...result, extensions: { ...result.extensions, transactionId } };
