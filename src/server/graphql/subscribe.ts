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

/** The source of events; `take` returns all that are available, the same list to all readers at the same cursor. */
interface Source extends AsyncIterator<unknown> {
  readonly take?: () => Promise<readonly unknown[]>;
}

const isStream = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value;

/** Failures as clients may see them. */
export const shown = (result: ExecutionResult, request: FailedRequest): ExecutionResult =>
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
    // Fragments that double each other would take forever.
    if (seen.has(name)) return false;
    seen.add(name);
    return fragments.find((one) => one.name.value === name)?.selectionSet.selections.some(isIn) ?? false;
  };
  return selections.some(isIn);
}

/** Equal for operations that get the same response to the same event. @param scope equal for viewers who do. */
export function operationKey(
  { query, operationName, variables }: { readonly [K in keyof GraphQLParams]?: unknown },
  scope: string,
): string {
  const text = JSON.stringify([query, operationName ?? null, variables ?? {}, scope]);
  return createHash("sha256").update(text).digest("base64");
}

interface Asking {
  readonly request: FailedRequest;
  readonly answers: SharedAnswers;
  /** Of `operationKey`. */
  readonly key: string;
  /** Called before responses are handed out. @throws {AppError} when the viewer's credentials have expired */
  readonly readmit: () => unknown;
  /** Makes the context of resolvers; a new one each time. */
  readonly newContext: () => Metered;
}

/** Answers to a subscription's events, as many at once as there are, up to a size. */
export interface Answers {
  /** Undefined at the end. A source that fails ends with a coded error. */
  next(): Promise<Omit<Piece, "next"> | undefined>;
  end(): Promise<void>;
}

/**
 * As graphql-js's own `subscribe`, but each event is answered with a context and a budget of its own: values that a
 * request's loaders have cached would otherwise stay for the whole life of the subscription. A failure that prevents
 * the stream is returned as it is.
 */
export async function subscribe(
  args: Omit<ExecutionArgs, "contextValue">,
  { request, answers, key, readmit, newContext }: Asking,
): Promise<Answers | ExecutionResult> {
  const operation = getOperationAST(args.document, args.operationName);
  if (operation != null && isConditional(operation.selectionSet, args.document)) {
    const message = "The field of a subscription cannot have @skip or @include";
    return { errors: [new GraphQLError(message, { nodes: operation })] };
  }
  const opened = await createSourceEventStream({ ...args, contextValue: newContext() });
  if (!isStream(opened)) return explainRefused(args, opened);
  // graphql-js hands on the iterator of the resolver.
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
 * The same one by one.
 * @param room resolves when the client can be sent another one.
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
