import type { Random } from "../../../bench/random.ts";

/** A number as it is to stand in the text, which no JavaScript number can say: `1e999`, `-0`, twenty digits. */
export class RawNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What there is in the library, so that some of what is asked for is found. */
export interface Pool {
  /** Highest id of an entity, and of a transaction. */
  readonly idMax: number;
  readonly cursors: readonly string[];
  readonly hashes: readonly string[];
}

/** What values are made with. */
export interface Making {
  readonly random: Random;
  readonly pool: Pool;
  /** Whether some are of another type than asked for; else they are only as odd as their type allows. */
  readonly isSloppy: boolean;
}

const raw = (text: string) => new RawNumber(text);

/** GraphQL's Int has 32 bits, BigInt those that a double has. */
const integers = [0, 1, 2, 5, 20, 100, 101, -1, -2_147_483_648, 2_147_483_647];
const bigIntegers = [...integers, 2_147_483_648, 4_294_967_296, Number.MAX_SAFE_INTEGER, -(2 ** 53) + 1];
const oddIntegers = [
  2 ** 53,
  -(2 ** 53),
  "1",
  1.5,
  raw("-0"),
  raw("1e999"),
  raw("9".repeat(30)),
  raw("1e2"),
  raw("NaN"),
];

const floats = [0, 0.1, -90, 90, 90.000001, 180, -180.5, 1e308, -1e308, 5e-324, 1e21]
  .map((number): unknown => number)
  .concat([raw("-0.0")]);
const oddFloats = [raw("1e999"), raw("-1e999"), raw("NaN"), raw("Infinity"), "NaN"];

/** Texts that end strings, patterns, full-text queries and lines, or that are longer or other than they look. */
const texts = [
  ...'|a|A| |%|_|%%|\\|\'|"|""|*|a*|-a|- |^|(|)|NEAR(|a NEAR b|AND|OR|NOT|a OR|label:|label:x|:a|{a b}|+|a+b'.split(
    "|",
  ),
  "'; DROP TABLE Entity; --",
  "a\0b",
  "\0",
  "\ud800",
  "a\udc00b",
  "\ud800\ud800",
  "\u202egpj.exe",
  "\u200b\u200d\ufeff",
  "\u0301".repeat(2_000),
  "e\u0301é",
  "👩‍👩‍👧‍👦🏳️‍🌈",
  "ﷺ".repeat(200),
  "ß İ ı ŉ ﬃ",
  "\r\n\t\v\f\u2028\u2029\u0085",
  "x".repeat(70_000),
  "a b ".repeat(3_000),
  `"${"a ".repeat(500)}"`,
  "((((((((((".repeat(100),
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "${7*7}{{7*7}}<script>alert(1)</script>",
  "../../../../etc/passwd",
  "C:\\x",
  "undefined",
  "null",
  "photo",
  "holiday",
  "made",
];

const dates = [
  ..."2024-05-01T12:00:00Z|2020-02-29T23:59:59Z|1970-01-01T00:00:00.000Z|0000-01-01T00:00:00Z".split("|"),
  ..."9999-12-31T23:59:59.999Z|2024-05-01T12:00:00+14:00|2024-05-01T12:00:00.123-11:30".split("|"),
];
const oddDates = [
  ..."2020-02-30T00:00:00Z|2020-02-29T23:59:60Z|-000001-01-01T00:00:00Z|+275760-09-13T00:00:00Z".split("|"),
  ..."+275760-09-13T00:00:00.001Z|9999-12-31T23:59:59.999999999Z|2024-05-01T12:00:00-99:99".split("|"),
  ..."2024-05-01|2024-05-01T12:00:00|now|0|2024-13-01T00:00:00Z|2024-05-01t12:00:00z| 2024-05-01T12:00:00Z".split(
    "|",
  ),
];

const ids = [
  "0",
  "-1",
  "1e3",
  "1.5",
  " 1",
  "",
  "01",
  "9007199254740993",
  "42@3",
  "9".repeat(400),
  "1\0",
  "NaN",
];

const anyText = (random: Random) =>
  String.fromCodePoint(
    ...Array.from({ length: random.below(12) }, () =>
      random.below(random.pick([0x80, 0x800, 0x10000, 0x110000])),
    ),
  );

const makeText = (random: Random) => (random.below(5) === 0 ? anyText(random) : random.pick(texts));

/** One that the server has given, or one like it. */
function makeCursor(random: Random, { cursors }: Pool): string {
  const cursor = cursors.length > 0 ? random.pick(cursors) : "";
  if (random.below(3) === 0 || cursor === "") return cursor || makeText(random);
  const at = random.below(cursor.length);
  const changed = `${cursor.slice(0, at)}${random.pick(["A", "=", "-", "\0", "é", ""])}${cursor.slice(at + 1)}`;
  const again = Buffer.from(makeText(random)).toString("base64url");
  return random.pick([changed, cursor.slice(0, at), cursor + cursor, again]);
}

function makeId(random: Random, { idMax }: Pool): unknown {
  if (random.below(4) > 0) return String(1 + random.below(idMax));
  return random.below(3) === 0 ? random.pick(bigIntegers) : random.pick(ids);
}

/** What no type expects. */
const strangers: readonly unknown[] = [
  null,
  {},
  [],
  [[[]]],
  { a: { b: [1] } },
  true,
  "",
  0,
  { __proto__: null, not: "" },
  [null],
  { equals: {} },
];

const isPage = (name: string) => /^(limit|first|last|offset|width|height|edge)$/.test(name);

/**
 * A value for a scalar, mostly of its type.
 * @param name of the argument or field, which tells a page's length and a cursor from other numbers and texts.
 */
export function makeScalar(type: string, name: string, { random, pool, isSloppy }: Making): unknown {
  if (isSloppy && random.below(20) === 0) return random.pick(strangers);
  const oneOf = (usual: readonly unknown[], odd: readonly unknown[]) =>
    random.pick(isSloppy && random.below(4) === 0 ? odd : usual);
  switch (type) {
    case "Int":
      return isPage(name) && random.below(6) > 0 ? random.below(64) : oneOf(integers, oddIntegers);
    case "BigInt":
      return oneOf(bigIntegers, oddIntegers);
    case "Float":
      return oneOf(floats, oddFloats);
    case "Boolean":
      return random.below(2) === 0;
    case "ID":
      return makeId(random, pool);
    case "DateTime":
    case "LocalDateTime":
      return oneOf(dates, [...oddDates, 0, 1e300]);
    case "Upload":
      return random.pick(strangers);
    default:
      if (/^(after|before)$/.test(name)) return makeCursor(random, pool);
      if (name === "md5" && random.below(2) === 0) return random.pick([...pool.hashes, "0".repeat(32)]);
      return makeText(random);
  }
}
