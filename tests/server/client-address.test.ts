import { describe, expect, test } from "vitest";
import { createClientAddress, networkOf } from "../../src/server/admission/client-address.ts";

const addressOf = (proxies: readonly string[], remoteAddress: string | undefined, forwarded?: string) =>
  createClientAddress(proxies)({
    socket: { remoteAddress },
    headers: forwarded == null ? {} : { "x-forwarded-for": forwarded },
  });

describe("a client's address", () => {
  test.each([
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["2001:db8::7", "2001:db8::7"],
    ["fe80::1%eth0", "fe80::1"],
    [undefined, ""],
  ])("is that of its connection: %s", (remote, address) => {
    expect(addressOf([], remote)).toBe(address);
  });

  test("is not what it says of itself", () => {
    expect(addressOf([], "203.0.113.9", "127.0.0.1")).toBe("203.0.113.9");
    expect(addressOf(["10.0.0.0/8"], "203.0.113.9", "127.0.0.1")).toBe("203.0.113.9");
    expect(addressOf(["10.0.0.0/8"], undefined, "127.0.0.1")).toBe("");
  });

  test("warns once of a proxy that is not trusted", () => {
    const told: string[] = [];
    const addressOfAny = createClientAddress(["10.0.0.0/8"], (address) => told.push(address));
    for (const remoteAddress of ["10.0.0.1", "203.0.113.9", "203.0.113.9"])
      addressOfAny({ socket: { remoteAddress }, headers: { "x-forwarded-for": "127.0.0.1" } });
    expect(told).toEqual(["203.0.113.9"]);
  });

  test.each<[what: string, remote: string, forwarded: string, address: string]>([
    ["one proxy", "10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["a chain of them", "10.0.0.1", "203.0.113.9, 10.2.0.1 , 10.3.0.1", "203.0.113.9"],
    ["what the client had written there before", "10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"],
    ["also when it named one of the proxies", "10.0.0.1", "10.9.9.9, 203.0.113.9, 10.0.0.2", "203.0.113.9"],
    ["a port", "10.0.0.1", "203.0.113.9:4711", "203.0.113.9"],
    ["a port of IPv6", "10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"],
    ["brackets only", "10.0.0.1", "[2001:db8::7]", "2001:db8::7"],
    ["a proxy of IPv6", "2001:db8:1::1", "203.0.113.9", "203.0.113.9"],
    ["a proxy by its address alone", "192.0.2.7", "203.0.113.9", "203.0.113.9"],
    ["a mapped proxy", "::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"],
    ["nothing but proxies", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["nonsense", "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"],
    ["nothing", "10.0.0.1", "", "10.0.0.1"],
    ["a script", "10.0.0.1", "<script>, 203.0.113.9", "203.0.113.9"],
  ])("is what trusted proxies say, with %s", (_what, remote, forwarded, address) => {
    expect(addressOf(["10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7"], remote, forwarded)).toBe(address);
  });
});

test.each([
  ["203.0.113.9", "203.0.113.9"],
  ["2001:db8:0:7::1", "2001:db8:0:7::/64"],
  ["2001:db8:0:7:ffff:1:2:3", "2001:db8:0:7::/64"],
  ["2001:0DB8::", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["1::", "1:0:0:0::/64"],
  ["64:ff9b::203.0.113.9", "64:ff9b:0:0::/64"],
  ["1:2:3:4:5:6:203.0.113.9", "1:2:3:4::/64"],
  ["", ""],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
