import { GraphQLError, parseValue as literal } from "graphql";
import { describe, expect, test } from "vitest";
import { scalars } from "../../src/graphql/scalars.ts";

const { DateTime, LocalDateTime, BigInt: Size, JSON: Json, Upload } = scalars;

describe("DateTime", () => {
  test.each([
    ["2019-07-21T14:03:11Z", "2019-07-21T14:03:11.000Z"],
    ["2019-07-21T14:03:11.25Z", "2019-07-21T14:03:11.250Z"],
    ["2019-07-21T14:03:11.123999Z", "2019-07-21T14:03:11.123Z"],
    ["2019-07-21T14:03:11+02:00", "2019-07-21T12:03:11.000Z"],
    ["2019-12-31T23:30:00-01:00", "2020-01-01T00:30:00.000Z"],
    ["2020-02-29T00:00:00Z", "2020-02-29T00:00:00.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("reads %s, as a variable and in a document", (text, instant) => {
    expect(DateTime.parseValue(text)).toEqual(new Date(instant));
    expect(DateTime.parseLiteral(literal(JSON.stringify(text)), {})).toEqual(new Date(instant));
  });

  test("writes every instant as the language does, whatever the year and more days than are kept", () => {
    const farthest = 8.64e15;
    const around = [-farthest, -62_167_219_200_000, -1, 0, 253_402_300_799_999, farthest];
    const days = Array.from({ length: 3000 }, (_, day) => 1_500_000_000_000 + day * 86_412_345);
    for (const ms of [...around, ...days, ...days].flatMap((at) => [at - 1, at, at + 1])) {
      const date = new Date(ms);
      if (!Number.isNaN(date.getTime())) expect(DateTime.serialize(date)).toBe(date.toISOString());
    }
    expect(() => DateTime.serialize(new Date(NaN))).toThrow();
  });

  test.each([
    "2019-07-21T14:03:11",
    "2019-07-21",
    "2019-02-30T00:00:00Z",
    "2019-13-01T00:00:00Z",
    "2019-07-21T25:00:00Z",
    "2016-12-31T23:59:60Z",
    "+012019-07-21T00:00:00Z",
    "yesterday",
    "",
    1563710591000,
    null,
    true,
    {},
  ])("refuses %j", (value) => {
    expect(() => DateTime.parseValue(value)).toThrow(GraphQLError);
  });

  test("writes UTC with milliseconds", () => {
    expect(DateTime.serialize(new Date(Date.UTC(2019, 6, 21, 14, 3, 11, 7)))).toBe(
      "2019-07-21T14:03:11.007Z",
    );
    expect(DateTime.serialize(new Date(0))).toBe("1970-01-01T00:00:00.000Z");
    expect(() => DateTime.serialize(new Date(NaN))).toThrow(GraphQLError);
  });
});

describe("LocalDateTime", () => {
  test.each([
    ["2019-07-21T14:03:11", "2019-07-21T14:03:11.000"],
    ["2019-07-21T14:03:11.25", "2019-07-21T14:03:11.250"],
    ["2019-07-21T14:03:11.2500", "2019-07-21T14:03:11.250"],
    ["9999-12-31T23:59:59.999999999", "9999-12-31T23:59:59.999999999"],
  ])("reads %s as it is kept", (text, read) => {
    expect(LocalDateTime.serialize(read)).toBe(read);
    expect(LocalDateTime.parseValue(text)).toBe(read);
  });

  test.each([
    ...["2019-07-21", "2019-02-30T00:00:00", "2019-07-21T24:00:00", "2019-07-21T14:03:11Z", "", null, 5],
    ...["2019-07-21T14:03:11+02:00", "2019-13-01T00:00:00"],
  ])("refuses %j", (value) => {
    expect(() => LocalDateTime.parseValue(value)).toThrow("LocalDateTime");
  });
});

describe("BigInt", () => {
  test.each([0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER])("writes and reads %i as a number", (value) => {
    expect(Size.serialize(value)).toBe(value);
    expect(Size.parseValue(value)).toBe(value);
    expect(Size.parseLiteral(literal(String(value)), {})).toBe(value);
  });

  // Seen: "SafeInt cannot represent non-integer value", a type that the schema does not have.
  test.each([2 ** 53, -(2 ** 53), 1.5, "12", "", true, null, {}, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %j, by its own name",
    (value) => {
      expect(() => Size.parseValue(value)).toThrow(GraphQLError);
      expect(() => Size.parseValue(value)).toThrow(/^BigInt (?!.*SafeInt)/);
    },
  );

  test.each(["9007199254740992", "123456789012345678901234567890", "1.5", '"12"', "1e3"])(
    "refuses %s in a document",
    (text) => {
      expect(() => Size.parseLiteral(literal(text), {})).toThrow(GraphQLError);
      expect(() => Size.parseLiteral(literal(text), {})).toThrow(/^BigInt (?!.*SafeInt)/);
    },
  );
});

test("JSON writes any value as it is", () => {
  for (const value of [null, 1, "text", [1, [2]], { a: { b: null } }])
    expect(Json.serialize(value)).toEqual(value);
});

describe("Upload", () => {
  test.each([null, "file", 1, {}, { promise: null }, { file: {} }])(
    "refuses %j in place of a file",
    (value) => {
      expect(() => Upload.parseValue(value)).toThrow(GraphQLError);
    },
  );

  test("is no literal and no answer", () => {
    expect(() => Upload.parseLiteral(literal('"file"'), {})).toThrow("variable");
    expect(() => Upload.serialize("file")).toThrow(GraphQLError);
  });
});

test("each says what it is, and none refers to another library's types", () => {
  for (const [name, scalar] of Object.entries(scalars)) {
    expect(scalar.name).toBe(name);
    expect(scalar.description).toBeTruthy();
    expect(scalar.extensions).toEqual({});
  }
});
