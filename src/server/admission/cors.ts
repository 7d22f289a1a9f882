import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../../config/config.ts";

const methods = "GET, HEAD, POST";

/** Headers that a page may send beside those that are always allowed (Fetch standard, CORS-safelisted). */
const requestHeaders = [
  ...["content-type", "authorization", "x-api-key"],
  ...["x-graphql-yoga-csrf", "apollo-require-preflight", "graphql-require-preflight"],
  ...["range", "if-match", "if-none-match", "if-range"],
  // Apollo Client's `clientAwareness` names the app in them; the server reads neither.
  ...["apollographql-client-name", "apollographql-client-version"],
  ...["last-event-id", "x-request-id", "traceparent", "tracestate", "colan-seen-transaction"],
].join(", ");

/** Headers that a page may read beside those that it always may. */
const responseHeaders = [
  ...["x-request-id", "retry-after", "www-authenticate", "etag", "allow"],
  ...["accept-ranges", "content-range", "content-disposition", "colan-seen-transaction"],
].join(", ");

/** Two hours, as long as Chromium believes; in seconds. */
const preflightMaxAge = "7200";

export interface Cors {
  /** Whether a page of this origin may use the API. */
  readonly allows: (origin: string) => boolean;
  /**
   * Sets the headers that let a page of another origin read the response.
   * @returns whether the request was a preflight that is granted, which has been answered then.
   */
  answer(req: IncomingMessage, res: ServerResponse): boolean;
}

/**
 * Cross-origin resource sharing (Fetch standard, section 3.3). An origin that is not listed gets no header at all: its
 * preflight is answered like any request of a method that is not ours.
 */
export function createCors({
  corsOrigins,
  corsCredentials,
}: Pick<Config, "corsOrigins" | "corsCredentials">): Cors {
  const isOpen = corsOrigins.includes("*");
  const listed = new Set(corsOrigins);
  const allows = (origin: string) => isOpen || listed.has(origin);

  return {
    allows,
    answer({ method, headers }, res) {
      if (corsOrigins.length === 0) return false;
      // Also without an origin: a cache must not serve this response to a page of another one.
      if (!isOpen) res.setHeader("vary", "origin");
      const { origin } = headers;
      if (origin == null || !allows(origin)) return false;
      res.setHeader("access-control-allow-origin", isOpen ? "*" : origin);
      if (corsCredentials) res.setHeader("access-control-allow-credentials", "true");
      if (method !== "OPTIONS" || headers["access-control-request-method"] == null) {
        res.setHeader("access-control-expose-headers", responseHeaders);
        return false;
      }
      res
        .writeHead(204, {
          "access-control-allow-methods": methods,
          "access-control-allow-headers": requestHeaders,
          "access-control-max-age": preflightMaxAge,
        })
        .end();
      return true;
    },
  };
}
