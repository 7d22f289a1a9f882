import type { IncomingMessage, ServerResponse } from "node:http";
import type { FailedRequest } from "../../graphql/errors.ts";
import type { Outcome } from "./outcome.ts";

/** One HTTP request and its response. */
export interface Exchange extends FailedRequest, Outcome {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The client's, behind the proxies that are trusted. */
  readonly address: string;
  /** Aborted when the client goes before it has its answer. */
  readonly signal: AbortSignal;
  /** For the log; undefined until it is known. */
  operationName?: string | undefined;
}
