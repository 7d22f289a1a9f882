import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { FailedRequest } from "../../graphql/errors.ts";
import { LazyEnd } from "../../signals.ts";
import type { Outcome } from "./outcome.ts";

interface Asked {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string;
  readonly address: string;
  readonly hidesSuggestions: boolean;
  /** Of the server. */
  readonly log: Logger;
}

/** One HTTP request and its response. */
export class Exchange implements FailedRequest, Outcome {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string;
  /** The client's, behind the proxies that are trusted. */
  readonly address: string;
  readonly hidesSuggestions: boolean;
  /** Comes when the client goes before it has its answer. */
  readonly gone = new LazyEnd();
  operation: Outcome["operation"];
  code: Outcome["code"];
  /** For the log; undefined until it is known. */
  operationName: string | undefined;
  readonly #serverLog: Logger;
  #log: Logger | undefined;

  constructor({ req, res, requestId, address, hidesSuggestions, log }: Asked) {
    this.req = req;
    this.res = res;
    this.requestId = requestId;
    this.address = address;
    this.hidesSuggestions = hidesSuggestions;
    this.#serverLog = log;
  }

  /** Most requests log nothing but their line. */
  get log(): Logger {
    return (this.#log ??= this.#serverLog.child({ requestId: this.requestId }));
  }
}
