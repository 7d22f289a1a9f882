import {
  GraphQLError,
  GraphQLScalarType,
  Kind,
  print,
  type GraphQLScalarTypeConfig,
  type ValueNode,
} from "graphql";
import { GraphQLDateTime, GraphQLJSON, GraphQLSafeInt } from "graphql-scalars";
import { instantText } from "./instants.ts";
import { isUploadedFile } from "./upload.ts";

/** Reads as ever, and refuses with another name of the type: clients look up the name of their own schema. */
function renamingRefusals<R>(read: () => R, [from, to]: readonly [string, string], node?: ValueNode): R {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // Without its node the error would not point to the argument in the document.
    throw new GraphQLError(error.message.replace(from, to), { nodes: error.nodes ?? node ?? null });
  }
}

/** A scalar that others keep, under the name and the description our clients see. */
const renamed = <Input, Output>(
  scalar: GraphQLScalarType<Input, Output>,
  name: string,
  description: string,
  specifiedByURL?: string,
) => {
  const config: Readonly<GraphQLScalarTypeConfig<Input, Output>> = scalar.toConfig();
  const names = [scalar.name, name] as const;
  return new GraphQLScalarType({
    ...config,
    parseValue: (value) => renamingRefusals(() => scalar.parseValue(value), names),
    parseLiteral: (node, variables) =>
      renamingRefusals(() => scalar.parseLiteral(node, variables), names, node),
    name,
    description,
    specifiedByURL: specifiedByURL ?? null,
    // Hints of libraries for code generators name their own types, not these.
    extensions: {},
    astNode: null,
  });
};

const Upload = new GraphQLScalarType({
  name: "Upload",
  description: "A file part of a GraphQL multipart request; the variable itself is null in `operations`.",
  specifiedByURL: "https://github.com/jaydenseric/graphql-multipart-request-spec",
  parseValue: (value) => {
    if (isUploadedFile(value)) return value;
    throw new GraphQLError(
      "Upload takes a file part of a multipart request (see the graphql-multipart-request-spec)",
    );
  },
  parseLiteral: (node) => {
    throw new GraphQLError("Upload takes a variable, not a literal", { nodes: node });
  },
  serialize: () => {
    throw new GraphQLError("Upload is for sending only");
  },
});

/** As text at once: JSON.stringify takes three times as long over an answer in which it meets an object's `toJSON`. */
const GraphQLDateTimeText = new GraphQLScalarType({
  ...GraphQLDateTime.toConfig(),
  serialize: (value) =>
    value instanceof Date && !Number.isNaN(value.getTime())
      ? instantText(value)
      : GraphQLDateTime.serialize(value).toISOString(),
});

const wallClock = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?$/;

/** As wall clocks are kept, with three digits of a second or more: two of them compare as text. */
function readWallClock(text: unknown): string {
  const [, date = "", time = "", digits = ""] = (typeof text === "string" && wallClock.exec(text)) || [];
  const day = new Date(`${date}T${time}Z`);
  // 31 February would be taken for a day in March.
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 19) !== `${date}T${time}`)
    throw new GraphQLError(`LocalDateTime cannot represent ${JSON.stringify(text).slice(0, 100)}`);
  return `${date}T${time}.${digits.padEnd(3, "0").replace(/(?<=\d{3})0+$/, "")}`;
}

const GraphQLLocalDateTime = new GraphQLScalarType<string, string>({
  name: "LocalDateTime",
  serialize: (value) => String(value),
  parseValue: readWallClock,
  parseLiteral: (node) => {
    if (node.kind !== Kind.STRING)
      throw new GraphQLError(`LocalDateTime cannot represent ${print(node).slice(0, 100)}`, { nodes: node });
    return readWallClock(node.value);
  },
});

export const scalars = {
  DateTime: renamed(
    GraphQLDateTimeText,
    "DateTime",
    "An instant with its offset as RFC 3339 writes it, such as `2019-07-21T14:03:11.250Z`; kept in UTC milliseconds.",
    "https://www.rfc-editor.org/rfc/rfc3339",
  ),
  LocalDateTime: renamed(
    GraphQLLocalDateTime,
    "LocalDateTime",
    "A wall clock's date and time without offset, as a camera wrote it, such as `2019-07-21T14:03:11.250`.",
  ),
  BigInt: renamed(
    GraphQLSafeInt,
    "BigInt",
    "An integer up to 2^53 - 1, as a JSON number; used for counts of bytes.",
  ),
  JSON: renamed(GraphQLJSON, "JSON", "Any JSON value.", "https://www.rfc-editor.org/rfc/rfc8259"),
  Upload,
};
