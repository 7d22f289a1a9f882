import { createHash } from "node:crypto";
import {
  createSourceEventStream,
  getOperationAST,
  GraphQLError,
  Kind,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { GraphQLParams } from "graphql-yoga";
import type { Metered } from "../../graphql/budget.ts";
import { toClientError, type FailedRequest } from "../../graphql/errors.ts";
import { explainRefused } from "../../graphql/inputs/explain.ts";
import { executeEvent } from "../../graphql/moment.ts";
import { eventOf, failureOf, type Piece, type SharedAnswers } from "./shared-answers.ts";

/** The events of a subscription. `take` returns all that are available: the same list to all at the same position. */
interface Source extends AsyncIterator<unknown> {
  readonly take?: () => Promise<readonly unknown[]>;
}

const isStream = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value;

/** A result with its failures as clients may see them. */
const shown = (result: ExecutionResult, request: FailedRequest): ExecutionResult =>
  result.errors == null
    ? result
    : { ...result, errors: result.errors.map((error) => toClientError(error, request)) };

/**
 * Whether `@skip` or `@include` may leave a subscription without its field, here or in a fragment. The specification
 * of September 2025 (section 5.2.4.1) forbids it; graphql-js 16 does not, and fails with a TypeError.
 */
function isConditional({ selections }: SelectionSetNode, { definitions }: DocumentNode): boolean {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  const seen = new Set<string>();
  const isIn = (selection: SelectionNode): boolean => {
    if (selection.directives?.some(({ name }) => name.value === "skip" || name.value === "include"))
      return true;
    if (selection.kind === Kind.FIELD) return false;
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet.selections.some(isIn);
    const name = selection.name.value;
    // Searched once: fragments that each spread the next one twice would take forever.
    if (seen.has(name)) return false;
    seen.add(name);
    return fragments.find((one) => one.name.value === name)?.selectionSet.selections.some(isIn) ?? false;
  };
  return selections.some(isIn);
}

/**
 * Equal for operations that get the same response to the same event.
 * @param scope equal for viewers who get the same response.
 */
export function operationKey(
  { query, operationName, variables }: { readonly [K in keyof GraphQLParams]?: unknown },
  scope: string,
): string {
  const text = JSON.stringify([query, operationName ?? null, variables ?? {}, scope]);
  return createHash("sha256").update(text).digest("base64");
}

interface Needs {
  readonly request: FailedRequest;
  readonly answers: SharedAnswers;
  /** From `operationKey`. */
  readonly key: string;
  /** Checks before each delivery that the viewer is still admitted. @throws {AppError} */
  readonly readmit: () => unknown;
  /** Makes the context of resolvers; a new one each time. */
  readonly newContext: () => Metered;
}

/** The answers to a subscription's events, in pieces: all that are ready, up to a size. */
export interface Answers {
  /** Undefined at the end. If the source fails, the last piece is a coded error. */
  next(): Promise<Omit<Piece, "next"> | undefined>;
  end(): Promise<void>;
}

/**
 * Subscribes as graphql-js does, but answers each event with a context and a budget of its own: otherwise the values in
 * a request's loaders would stay cached for the whole life of the subscription.
 * @returns the answers, or why the subscription cannot begin; those errors are not yet prepared for clients.
 */
export async function subscribe(
  args: Omit<ExecutionArgs, "contextValue">,
  { request, answers, key, readmit, newContext }: Needs,
): Promise<Answers | ExecutionResult> {
  const operation = getOperationAST(args.document, args.operationName);
  if (operation != null && isConditional(operation.selectionSet, args.document)) {
    const message = "The field of a subscription cannot have @skip or @include";
    return { errors: [new GraphQLError(message, { nodes: operation })] };
  }
  const opened = await createSourceEventStream({ ...args, contextValue: newContext() });
  if (!isStream(opened)) return explainRefused(args, opened);
  // graphql-js returns what the resolver returned, so the iterator may have `take`.
  const source = opened[Symbol.asyncIterator]() as Source;
  let events: readonly unknown[] = [];
  let from = 0;
  let hasFailed = false;

  const answer = async (event: unknown): Promise<ExecutionResult> =>
    shown(await executeEvent({ ...args, rootValue: event, contextValue: newContext() }), request);
  const take = async () => {
    if (source.take != null) return source.take();
    const event: IteratorResult<unknown, unknown> = await source.next();
    return event.done === true ? [] : [event.value];
  };

  return {
    async next() {
      if (hasFailed) return undefined;
      try {
        if (from === events.length) {
          // The wait can be long, and must not keep the old list in memory.
          events = [];
          events = await take();
          from = 0;
        }
        if (events.length === 0) return undefined;
        await readmit();
        const piece = await answers.ask({ events, from, key, answer });
        from = piece.next;
        return piece;
      } catch (error) {
        hasFailed = true;
        return failureOf(toClientError(error, request));
      }
    },
    async end() {
      await source.return?.();
    },
  };
}

/** A stream of one result. */
export function justOne(result: ExecutionResult): Answers {
  const bytes = Buffer.from(eventOf(result));
  let pieces = [{ results: [result], bytes, hasFailures: result.errors != null }];
  return {
    next: () => Promise.resolve(pieces.shift()),
    end: () => {
      pieces = [];
      return Promise.resolve();
    },
  };
}

/**
 * The answers as an iterator of single results, which Yoga and graphql-ws take.
 * @param room resolves when the client can take another result.
 */
export function eachResult(
  answers: Answers,
  room: () => Promise<void> = () => Promise.resolve(),
): AsyncIterableIterator<ExecutionResult> {
  let results: readonly ExecutionResult[] = [];
  let at = 0;
  let hasEnded = false;
  const each: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      if (at === results.length && !hasEnded) {
        // As in `subscribe`, the wait must not keep the old list.
        results = [];
        results = (await answers.next())?.results ?? [];
        at = 0;
      }
      await room();
      const value = hasEnded ? undefined : results[at++];
      return value == null ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      hasEnded = true;
      await answers.end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => each,
  };
  return each;
}
