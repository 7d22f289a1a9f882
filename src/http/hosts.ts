import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { RequestRefusedError } from "./errors.ts";

/** RFC 9110 section 7.2: a host, which is an address in brackets or a name, and perhaps a port. */
const hostForm = /^(\[[^[\]]+\]|[^:[\]/?#@\s,]+)(?::\d*)?$/;

/**
 * The host of a Host header or of a setting, without its port, in one spelling: lower case, an IPv6 address shortened and
 * in brackets, no dot at its end. Undefined when it is none.
 */
export function hostOf(text: string): string | undefined {
  const host = hostForm.exec(text)?.[1]?.toLowerCase();
  if (host == null) return undefined;
  if (host.startsWith("[")) {
    const address = host.slice(1, -1);
    if (isIP(address) !== 6) return undefined;
    // A zone is a network card of this machine, and says nothing about the address.
    return new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname;
  }
  return host.replace(/(?<=.)\.$/, "");
}

/** The same of a setting, where an IPv6 address may stand without brackets and a name in its own script. */
export function listedHost(text: string): string | undefined {
  if (isIP(text) === 6) return hostOf(`[${text}]`);
  const host = hostForm.exec(text)?.[1];
  // With a port it would look as if the port mattered.
  if (host == null || host !== text) return undefined;
  return hostOf(text.startsWith("[") ? text : domainToASCII(text) || text);
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * What no page of the internet is called, so that none can point it here: addresses, which name servers have no say in,
 * names without a dot, and those of the local network (RFC 6762).
 */
const isLocalName = (host: string) =>
  host.startsWith("[") ? true : isIP(host) === 4 || /^[a-z\d_-]+(\.local)?$/.test(host) || /^[a-z\d_.-]+\.local$/.test(host);

export interface HostRules {
  /** What is listened on. */
  readonly host: string;
  /** Names that were allowed by name. */
  readonly allowed: readonly string[];
  /** Whether those are all, `local`: what cannot be rebound as well, `any`: nothing is checked. */
  readonly others: "none" | "local" | "any";
}

/**
 * DNS rebinding: a page at evil.example lets that name point to this server's address and is then of the server's
 * origin, so that neither CORS nor the CSRF check holds. Only its Host header tells it apart. It reaches servers that the
 * internet does not: on its visitor's own machine and in the network around it.
 */
export function createHostCheck({ host, allowed, others }: HostRules) {
  const own = listedHost(host);
  const names = new Set(["localhost", "127.0.0.1", "[::1]", ...(own == null ? [] : [own]), ...allowed]);
  // A server that only its own machine reaches is never asked for by another address.
  const admitsLocal = others === "local" && !(own != null && loopback.test(own));
  const admitsAny = others === "any" && !(own != null && loopback.test(own));

  /** @throws {RequestRefusedError} FORBIDDEN, 421 (RFC 9110 section 15.5.20) */
  return ({ headers }: Pick<IncomingMessage, "headers">) => {
    // Every browser sends Host; what does not is no web page.
    if (admitsAny || headers.host == null) return;
    const asked = hostOf(headers.host);
    if (asked != null && (names.has(asked) || (admitsLocal && isLocalName(asked)))) return;
    throw new RequestRefusedError(
      "FORBIDDEN",
      `This server does not answer to the host ${JSON.stringify(headers.host.slice(0, 100))}, since any web page could ` +
        "have pointed a name of its own here (DNS rebinding). If it is yours, add it to ALLOWED_HOSTS, " +
        `without a port; so far these are allowed: ${[...names].join(", ")}${admitsLocal ? ", IP addresses, names without a dot, *.local" : ""}`,
      { status: 421 },
    );
  };
}
