import { isIP } from "node:net";
import { domainToASCII } from "node:url";

/** RFC 9110 section 7.2: an address in brackets or a name, and perhaps a port. */
const hostForm = /^(\[[^[\]]+\]|[^:[\]/?#@\s,]+)(?::\d*)?$/;

/**
 * The host in a Host header, without its port, in one spelling: lower case, an IPv6 address shortened and in brackets,
 * no dot at the end of a name. Undefined when it is none.
 */
export function hostOf(header: string): string | undefined {
  const host = hostForm.exec(header)?.[1]?.toLowerCase();
  if (host == null) return undefined;
  if (!host.startsWith("[")) return host.replace(/(?<=.)\.$/, "");
  // A zone names a network card of this machine, and no host.
  const address = host.slice(1, -1).replace(/%.*$/, "");
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname : undefined;
}

/** The same of a setting, where an IPv6 address may stand without brackets and a name in its own script; no port. */
export function hostNamed(text: string): string | undefined {
  if (isIP(text) === 6) return hostOf(`[${text}]`);
  if (text.startsWith("[")) return text.endsWith("]") ? hostOf(text) : undefined;
  const name = domainToASCII(text);
  return /^[\w.-]+$/.test(name) ? hostOf(name) : undefined;
}
