import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from "graphql";
import type { Given } from "./given.ts";

/** Scalars in words, each with an example as a document has it. */
const scalars: Readonly<Record<string, readonly [words: string, example: string]>> = {
  ID: ["an id", '"42"'],
  String: ["a string", '"Beach"'],
  Int: ["a whole number of 32 bits", "20"],
  Float: ["a number", "1.5"],
  Boolean: ["true or false", "true"],
  BigInt: ["a whole number up to 2^53 - 1", "1048576"],
  DateTime: ["a date and time with its zone", '"2019-07-21T14:03:11.250Z"'],
  LocalDateTime: ["a date and time without zone", '"2019-07-21T14:03:11.250"'],
  JSON: ["any JSON value", "{}"],
  Upload: [
    "a file part of a multipart request",
    'the variable $file: Upload! with null in `operations` and "variables.file" in `map`',
  ],
};

/** Fields that make the best example of an input object, in this order. */
const likely = ["contains", "equals", "within", "label", "file"];

function likelyField(type: GraphQLInputObjectType): GraphQLInputField | undefined {
  const fields = type.getFields();
  const name = likely.find((one) => one in fields);
  return name == null ? Object.values(fields)[0] : fields[name];
}

/** As a document would have it. @param text to stand for a string, such as what the client wrote in another form. */
export function exampleOf(type: GraphQLInputType, text?: string): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return `[${exampleOf(nullable.ofType, text)}]`;
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name ?? "";
  if (!isInputObjectType(nullable)) {
    const example = scalars[nullable.name]?.[1] ?? "null";
    return nullable.name === "String" && text != null ? JSON.stringify(text) : example;
  }
  const required = Object.values(nullable.getFields()).filter(isRequiredInputField);
  const some = likelyField(nullable);
  const shown = required.length > 0 ? required : some == null ? [] : [some];
  return `{${shown.map((field) => `${field.name}: ${exampleOf(field.type, text)}`).join(", ")}}`;
}

/** The values that a type takes. */
export interface Expectation {
  readonly words: string;
  readonly example: string;
}

/** Most wrong dates lack only a time or a zone: the example adds them. */
function completed(type: string, { string }: Given): string | undefined {
  const [, date = "", time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:\d\d)?$/.exec(string ?? "") ?? [];
  if (date === "") return undefined;
  const clock = time == null ? "00:00:00" : time.length === 5 ? `${time}:00` : time;
  return JSON.stringify(`${date}T${clock}${type === "DateTime" ? (zone ?? "Z") : ""}`);
}

export function expectationOf(type: GraphQLInputType, given?: Given): Expectation {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const { words, example } = expectationOf(nullable.ofType, given);
    return { words: `a list, each ${words}`, example: `[${example}]` };
  }
  if (isEnumType(nullable)) {
    const names = nullable.getValues().map(({ name }) => name);
    const meant =
      given?.string != null && names.includes(given.string) ? `${given.string} without quotes` : undefined;
    return { words: `a value of the enum ${nullable.name}`, example: meant ?? `one of ${names.join(", ")}` };
  }
  if (isInputObjectType(nullable))
    return { words: `an object of type ${nullable.name}`, example: exampleOf(nullable, given?.string) };
  const [words, example] = scalars[nullable.name] ?? ["a value", "null"];
  const better =
    given == null || !/DateTime$/.test(nullable.name) ? undefined : completed(nullable.name, given);
  // A completed date may still not exist, such as the 31st of June.
  const isRight = better != null && isTaken(nullable, better);
  return { words: `${words} (${nullable.name})`, example: isRight ? better : example };
}

function isTaken(type: { parseValue(value: unknown): unknown }, text: string): boolean {
  try {
    type.parseValue(JSON.parse(text));
    return true;
  } catch {
    return false;
  }
}

/** Whether the example of a type says nothing of the schema but the names of scalars. */
export const isPublicExample = (type: GraphQLInputType): boolean => {
  const nullable = getNullableType(type);
  return isListType(nullable)
    ? isPublicExample(nullable.ofType)
    : !isEnumType(nullable) && !isInputObjectType(nullable);
};
