import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** `::ffff:10.0.0.1`, as a dual-stack socket reports it, is 10.0.0.1; a zone names a network card of this machine. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");

/** Some proxies add the port: `10.0.0.1:4711`, `[::1]:4711`. */
const withoutPort = (text: string) =>
  /^(?:\[(.+)\]|([\d.]+))(?::\d+)?$/.exec(text)?.slice(1).join("") ?? text;

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/", 2);
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits == null) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

interface Arrived extends Pick<IncomingMessage, "headers"> {
  readonly socket: { readonly remoteAddress?: string | undefined };
}

export type ClientAddress = (req: Arrived) => string;

/**
 * The address a request comes from. Any client can send X-Forwarded-For: it is believed only from a configured proxy, and
 * only back to the first address in it that is none of those.
 * @param proxies addresses, or networks such as 10.0.0.0/8.
 * @param onStranger called once for a proxy, or a client that pretends to be one, that is not configured.
 */
export function createClientAddress(
  proxies: readonly string[],
  onStranger: (address: string) => void = () => undefined,
): ClientAddress {
  const trusted = blockListOf(proxies);
  const isProxy = (address: string) => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

  let isTold = false;
  return ({ socket, headers }) => {
    let address = plain(socket.remoteAddress ?? "");
    // Node has joined several headers into one (RFC 9110 section 5.3).
    const forwarded = headers["x-forwarded-for"];
    if (typeof forwarded !== "string" || isIP(address) === 0) return address;
    if (!isProxy(address)) {
      if (!isTold) onStranger(address);
      isTold = true;
      return address;
    }
    // Each proxy adds at the end whom it heard from.
    for (const hop of forwarded.split(",").reverse()) {
      const before = plain(withoutPort(hop.trim()));
      if (isIP(before) === 0) break;
      address = before;
      if (!isProxy(address)) break;
    }
    return address;
  };
}

/**
 * The network of one household or company: an IPv4 address, or the /64 that is the smallest prefix a provider assigns
 * in IPv6 (RFC 6177), from which a single client can take a new address for every request.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail = ""] = address.split("::", 2);
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  // The last two groups may be written as an IPv4 address.
  const missing = 8 - groups(head).length - groups(tail).length - (tail.includes(".") ? 1 : 0);
  const zeros = address.includes("::") ? Array<string>(missing).fill("0") : [];
  const all = [...groups(head), ...zeros, ...groups(tail)];
  const first = all.slice(0, 4).map((group) => parseInt(group, 16).toString(16));
  return `${first.join(":")}::/64`;
}
