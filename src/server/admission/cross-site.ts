import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Config } from "../../config/config.ts";
import { hostNamed, hostOf } from "../../config/host-name.ts";
import { RequestRefusedError } from "../errors.ts";

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

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Hosts that no page of the internet can have, so that none can be rebound to here: addresses, which no name server
 * controls, names without a dot, and those of the local network (RFC 6762).
 */
const isLocalHost = (host: string) =>
  host.startsWith("[") || isIP(host) === 4 || /^([\w-]+|[\w.-]+\.local)$/.test(host);

export interface HostRules {
  /** The address that the server listens on. */
  readonly host: string;
  /** Those that the settings name, in the spelling of `hostOf`. */
  readonly named: readonly string[];
  /** The hosts admitted beside them, where other machines can reach the server. */
  readonly others: "none" | "local" | "any";
}

/** Beyond loopback a server does not know its names, and where every operation needs a token it need not. */
export function hostRulesOf(
  config: Pick<Config, "host" | "allowedHosts" | "publicUrl" | "authMode">,
): HostRules {
  const { host, allowedHosts, publicUrl, authMode } = config;
  const publicHost = publicUrl == null ? undefined : hostOf(new URL(publicUrl).host);
  const isChecked = authMode !== "all" || publicHost != null;
  return {
    host,
    named: [...allowedHosts, ...(publicHost == null ? [] : [publicHost])],
    others: allowedHosts.length > 0 ? "none" : isChecked ? "local" : "any",
  };
}

/**
 * DNS rebinding: a page at evil.example lets that name point to this server's address and is then of the server's
 * origin, so that neither CORS nor the check above holds. Only its Host header shows it. It reaches what the internet does
 * not: servers on its visitor's machine, and in the network around it.
 */
export function createHostCheck({ host, named, others }: HostRules) {
  const own = hostNamed(host);
  const isLoopback = own != null && loopback.test(own);
  // Clients of a server on loopback have no reason to use another address.
  if (others === "any" && !isLoopback) return () => undefined;
  const admitsLocal = others === "local" && !isLoopback;
  const allowed = new Set(["localhost", "127.0.0.1", "[::1]", ...(own == null ? [] : [own]), ...named]);

  /** @throws {RequestRefusedError} FORBIDDEN, 421 (RFC 9110 section 15.5.20) */
  return ({ headers }: Pick<IncomingMessage, "headers">) => {
    // Every browser sends Host; what does not is no web page.
    if (headers.host == null) return;
    const asked = hostOf(headers.host);
    if (asked != null && (allowed.has(asked) || (admitsLocal && isLocalHost(asked)))) return;
    const shown = JSON.stringify(headers.host.slice(0, 100));
    throw new RequestRefusedError(
      "FORBIDDEN",
      `This server does not answer to the host ${shown}: any web page could have pointed a name of its own here ` +
        "(DNS rebinding). If the name is yours, add it to ALLOWED_HOSTS, without a port, or make it PUBLIC_URL's",
      { status: 421 },
    );
  };
}

/** Whether a page of this origin was loaded from the host of the request, with the default port written or not. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  if (host == null || !/^https?:\/\//.test(origin)) return false;
  const [scheme = ""] = origin.split("//", 1);
  const asked = `${scheme}//${host}`;
  return URL.canParse(asked) && URL.canParse(origin) && new URL(asked).origin === origin;
}

/**
 * Refuses a WebSocket that a page of another origin opens: browsers open it without a preflight, and send the
 * request with the user's credentials. Programs other than browsers send no Origin.
 * @throws {RequestRefusedError} FORBIDDEN
 */
export function checkOrigin(
  { headers }: Pick<IncomingMessage, "headers">,
  isAllowed: (origin: string) => boolean,
) {
  const { origin, host } = headers;
  if (origin == null || isSameOrigin(origin.toLowerCase(), host?.toLowerCase()) || isAllowed(origin)) return;
  throw new RequestRefusedError("FORBIDDEN", "A web page of another origin may not open a WebSocket here");
}

export const isMultipart = ({ method, headers }: Pick<IncomingMessage, "method" | "headers">) =>
  method === "POST" && mediaTypeOf(headers["content-type"]) === "multipart/form-data";
