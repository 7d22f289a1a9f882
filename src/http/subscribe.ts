import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from "graphql";
import { toClientError, type FailedRequest } from "../graphql/errors.ts";

const isStream = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value;

/** Failures as clients may see them. */
export const shown = (result: ExecutionResult, request: FailedRequest): ExecutionResult =>
  result.errors == null
    ? result
    : { ...result, errors: result.errors.map((error) => toClientError(error, request)) };

/**
 * As graphql-js's own `subscribe`, but each event is answered with a context of its own: what a request's loaders
 * have read would otherwise be kept, and believed, as long as the subscription lasts. A source that fails ends the
 * stream with a coded error. What keeps the stream from beginning is returned as it is.
 */
export async function subscribe(
  args: ExecutionArgs,
  request: FailedRequest,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!isStream(source)) return source;
  const events: AsyncIterator<unknown> = source[Symbol.asyncIterator]();
  let hasFailed = false;

  const answer = async (event: unknown): Promise<ExecutionResult> => {
    // The context is the object that `app.ts` makes.
    const contextValue = { ...(args.contextValue as object) };
    return shown(await execute({ ...args, rootValue: event, contextValue }), request);
  };

  const answers: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      if (hasFailed) return { done: true, value: undefined };
      try {
        const event = await events.next();
        if (event.done === true) return { done: true, value: undefined };
        return { done: false, value: await answer(event.value) };
      } catch (error) {
        hasFailed = true;
        return { done: false, value: { errors: [toClientError(error, request)] } };
      }
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => answers,
  };
  return answers;
}
