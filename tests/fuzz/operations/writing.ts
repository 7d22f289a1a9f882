import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  type GraphQLInputType,
} from "graphql";
import type { Random } from "../../../bench/random.ts";
import { makeScalar, RawNumber, type Making } from "./values.ts";

/** A name that is written without quotes in a document. */
export class EnumName {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const depthMax = 5;
const oddNames = ["__proto__", "constructor", "prototype", "toString", "absent", "hasOwnProperty"];

/** A value for an input of this type, mostly right. */
export function makeInput(type: GraphQLInputType, name: string, making: Making, depth = 0): unknown {
  const { random, isSloppy } = making;
  const isWrong = (times: number) => isSloppy && random.below(times) === 0;
  const bare = getNullableType(type);
  if (bare === type && random.below(12) === 0 && (depth === 0 || isSloppy)) return null;
  const named = getNamedType(bare);
  if (isListType(bare)) {
    const length = random.below(25) === 0 ? 300 : random.below(4);
    const inner = bare.ofType;
    return Array.from({ length: depth > 1 ? length % 3 : length }, () =>
      makeInput(inner, name, making, depth + 1),
    );
  }
  if (isEnumType(named)) {
    const values = named.getValues().map((value) => value.name);
    return isWrong(20) ? random.pick([new EnumName("NO_SUCH"), 1, "x"]) : new EnumName(random.pick(values));
  }
  if (!isInputObjectType(named)) return makeScalar(named.name, name, making);
  const fields = Object.values(named.getFields());
  const chosen = fields.filter((field) => {
    if (getNullableType(field.type) !== field.type) return !isWrong(40);
    return depth < depthMax && random.below(fields.length) < 2;
  });
  // @oneOf and orders take exactly one; now and then they get more.
  const isSingle = (named.isOneOf || named.name === "EntityOrderBy") && !isWrong(8);
  const taken = isSingle ? [random.pick(fields)] : chosen;
  const entries = taken.map((field) => [field.name, makeInput(field.type, field.name, making, depth + 1)]);
  if (isWrong(20)) entries.push([random.pick(oddNames), makeScalar("String", "", making)]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

const quote = (text: string, random: Random) =>
  // A block string takes everything but its own end as it is.
  random.below(10) === 0 && !text.includes('"""') ? `"""${text}"""` : JSON.stringify(text);

/** As it stands in a document. */
export function writeLiteral(value: unknown, random: Random): string {
  if (value instanceof RawNumber) return value.text;
  if (value instanceof EnumName) return value.name;
  if (typeof value === "string") return quote(value, random);
  if (Array.isArray(value)) return `[${value.map((entry) => writeLiteral(entry, random)).join(" ")}]`;
  if (typeof value === "object" && value != null) {
    const fields = Object.entries(value).map(([name, entry]) => `${name}: ${writeLiteral(entry, random)}`);
    return `{${fields.join(", ")}}`;
  }
  return JSON.stringify(value);
}

/** As it stands in the JSON of the variables. */
export function writeJson(value: unknown): string {
  if (value instanceof RawNumber) return value.text;
  if (value instanceof EnumName) return JSON.stringify(value.name);
  if (Array.isArray(value)) return `[${value.map(writeJson).join()}]`;
  if (typeof value === "object" && value != null) {
    const fields = Object.entries(value).map(
      ([name, entry]) => `${JSON.stringify(name)}:${writeJson(entry)}`,
    );
    return `{${fields.join()}}`;
  }
  return JSON.stringify(value);
}
