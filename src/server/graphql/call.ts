import type { GraphQLParams } from "graphql-yoga";
import type { Viewer } from "../../auth/viewer.ts";
import type { FailedRequest } from "../../graphql/errors.ts";
import type { End } from "../../signals.ts";
import type { Outcome } from "../transport/outcome.ts";

/** One operation that a client asks for, over HTTP or a WebSocket. */
export interface Call extends FailedRequest, Outcome {
  /** The client's. */
  readonly address: string;
  readonly params: GraphQLParams;
  readonly viewer: Viewer;
  /** Comes when the client has gone, or takes no interest any longer. */
  readonly gone: End;
  /** Equal for viewers who get the same response. */
  readonly scope: string;
  /**
   * Whether the viewer is still believed, asked while a subscription goes on: a key may have been revoked.
   * @throws {UnauthenticatedError}
   */
  readonly readmit: () => Viewer | Promise<Viewer>;
  /** The last transaction that had been written when the response was read; undefined until known, or when hidden. */
  transactionId?: string | undefined;
}
