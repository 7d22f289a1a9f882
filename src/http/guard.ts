import type { IncomingMessage } from "node:http";
import { RequestRefusedError } from "./errors.ts";

const preflightHeaders = [
  "apollo-require-preflight",
  "x-graphql-yoga-csrf",
  "graphql-require-preflight",
] as const;

/** Content types a page may send to another origin without asking it first (Fetch standard, CORS-safelisted). */
const simpleTypes = new Set(["multipart/form-data", "application/x-www-form-urlencoded", "text/plain", ""]);

/** The media type without its parameters, in lower case; "" when absent. */
export const mediaTypeOf = (contentType: string | undefined) =>
  (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";

/**
 * Refuses what a page of another origin could make a browser send here without a CORS preflight:
 * without it, any website could upload to or delete from a library on its visitor's machine.
 * @throws {RequestRefusedError} FORBIDDEN
 */
export function requirePreflight({ method, headers }: Pick<IncomingMessage, "method" | "headers">) {
  const isSimple =
    method === "GET" || method === "HEAD" || simpleTypes.has(mediaTypeOf(headers["content-type"]));
  if (!isSimple || preflightHeaders.some((name) => Boolean(headers[name]))) return;
  throw new RequestRefusedError(
    "FORBIDDEN",
    "A web page of another origin could have sent this request unasked (CSRF). " +
      "Add the header x-graphql-yoga-csrf, apollo-require-preflight or graphql-require-preflight with any value " +
      "(curl: -H 'x-graphql-yoga-csrf: 1'), or send a POST with content-type application/json",
  );
}

/** The host without its port: `localhost:4000` is localhost, `[::1]:4000` is [::1]. */
const hostOf = (header: string) => header.replace(/:\d*$/, "").toLowerCase();

const inHeader = (host: string) =>
  (host.includes(":") && !host.startsWith("[") ? `[${host}]` : host).toLowerCase();

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * DNS rebinding: a page at evil.example lets that name point to 127.0.0.1 and is then of "our" origin, so
 * that neither CORS nor the check above holds. Only its Host header tells. A server that other machines
 * may reach cannot know its names, and is no easier to reach by rebinding, so there nothing is checked.
 */
export function createHostCheck(host: string, otherHosts: readonly string[] = []) {
  const own = inHeader(host);
  if (!loopback.test(own)) return () => undefined;
  const allowed = new Set(["localhost", "127.0.0.1", "[::1]", own, ...otherHosts.map(inHeader)]);

  /** @throws {RequestRefusedError} FORBIDDEN, 421 (RFC 9110 section 15.5.20) */
  return ({ headers }: Pick<IncomingMessage, "headers">) => {
    // Every browser sends Host; what does not is no web page.
    if (headers.host == null || allowed.has(hostOf(headers.host))) return;
    throw new RequestRefusedError(
      "FORBIDDEN",
      `This server listens on ${host} only and answers to ${[...allowed].join(", ")}, not to other names`,
      { status: 421 },
    );
  };
}

/**
 * Refuses a WebSocket that a page of another origin opens: browsers ask nobody before they do, and send the
 * request with whatever the user may do here. Programs other than browsers send no Origin.
 * @throws {RequestRefusedError} FORBIDDEN
 */
export function checkOrigin(
  { headers }: Pick<IncomingMessage, "headers">,
  isAllowed: (origin: string) => boolean,
) {
  const { origin, host } = headers;
  if (origin == null || origin.replace(/^https?:\/\//, "").toLowerCase() === host?.toLowerCase()) return;
  if (isAllowed(origin)) return;
  throw new RequestRefusedError("FORBIDDEN", "A web page of another origin may not open a WebSocket here");
}
