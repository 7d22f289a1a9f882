import { describe, expect, test } from "vitest";
import { formatLocal, formatOffset, parseOffset, parseTimestamp } from "../../src/media/facts/timestamp.ts";

const local = (text: string, subSeconds?: string) => {
  const found = parseTimestamp(text, subSeconds);
  return found && formatLocal(found.wall);
};

describe("parseTimestamp", () => {
  test.each([
    ["2019:07:21 14:03:11", "2019-07-21T14:03:11.000"],
    ["2019-07-21T14:03:11Z", "2019-07-21T14:03:11.000"],
    ["2019:07:21 14:03:11.25+02:00", "2019-07-21T14:03:11.250"],
    ["2019:07:21 14:03", "2019-07-21T14:03:00.000"],
    ["2019:07:21 14:03:11.123456789", "2019-07-21T14:03:11.123"],
    ["2016:02:29 00:00:00", "2016-02-29T00:00:00.000"],
    ["2019:07:21", "2019-07-21T00:00:00.000"],
  ])("reads %s", (text, expected) => {
    expect(local(text)).toBe(expected);
  });

  test.each([
    "0000:00:00 00:00:00",
    "    :  :     :  :  ",
    "1904:01:01 00:00:00",
    "1904:01:01 01:00:00",
    "2019:13:01 00:00:00",
    "2019:02:31 12:00:00",
    "2015:02:29 12:00:00",
    "2019",
    "2019:07",
    "0001:01:01 00:00:00",
    "yesterday",
    "2019:07:21 14:03:11 and more",
    "2019:07:21 " + "1".repeat(100_000),
  ])("calls %s unknown", (text) => {
    expect(parseTimestamp(text)).toBeNull();
  });

  test("reads sub-seconds as decimal digits after the point", () => {
    expect(local("2019:07:21 14:03:11", "25")).toBe("2019-07-21T14:03:11.250");
    expect(local("2019:07:21 14:03:11", "007")).toBe("2019-07-21T14:03:11.007");
    expect(local("2019:07:21 14:03:11", "123456")).toBe("2019-07-21T14:03:11.123");
    expect(local("2019:07:21 14:03:11", "  ")).toBe("2019-07-21T14:03:11.000");
  });

  test("takes the zone that is written behind the time", () => {
    expect(parseTimestamp("2019:07:21 14:03:11-03:30")?.offset).toBe(-210);
    expect(parseTimestamp("2019:07:21 14:03:11Z")?.offset).toBe(0);
    expect(parseTimestamp("2019:07:21 14:03:11")?.offset).toBeNull();
  });
});

describe("parseOffset", () => {
  test.each([
    ["+02:00", 120],
    ["-09:30", -570],
    ["Z", 0],
    ["+14:00", 840],
    ["+0530", 330],
  ])("reads %s", (text, minutes) => {
    expect(parseOffset(text)).toBe(minutes);
  });

  test.each(["   :  ", "", "+15:00", "+02:75", "02:00", "CEST"])("calls '%s' unknown", (text) => {
    expect(parseOffset(text)).toBeNull();
  });

  test("is the reverse of formatOffset", () => {
    for (const text of ["+02:00", "-09:30", "+00:00", "+05:45"]) {
      expect(formatOffset(parseOffset(text)!)).toBe(text);
    }
  });
});
