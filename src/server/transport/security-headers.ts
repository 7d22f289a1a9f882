import type { Config } from "../../config/config.ts";

/** The headers of every response. */
export type CommonHeaders = Readonly<Record<string, string>>;

/** A year. Not for subdomains, which may belong to others. */
const strictTransport = "max-age=31536000";

/**
 * Answers are data: nothing in them is to be run, framed, guessed at or embedded elsewhere. What is meant to be seen
 * (GraphiQL, files) says so itself.
 */
export function commonHeaders({ publicUrl }: Pick<Config, "publicUrl">): CommonHeaders {
  return {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    // RFC 6797 section 7.2: not over plain HTTP; that this is behind TLS only the operator knows.
    ...(publicUrl?.startsWith("https:") ? { "strict-transport-security": strictTransport } : {}),
  };
}

/** Cross-Origin-Resource-Policy of files: pages of other sites may show them only if some may use the API at all. */
export const filesShownTo = ({ corsOrigins }: Pick<Config, "corsOrigins">) =>
  corsOrigins.length === 0 ? "same-site" : "cross-origin";
