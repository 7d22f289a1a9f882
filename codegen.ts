import { readFileSync } from "node:fs";
import type { CodegenConfig } from "@graphql-codegen/cli";
import { buildSchema, isAbstractType, Kind, parse, print, visit } from "graphql";

const scalars = {
  ID: { input: "string", output: "string" },
  DateTime: "string",
  LocalDateTime: "string",
  BigInt: "number",
  JSON: "unknown",
};

/** `graphql(…)` knows the variables and the result of each document. */
const typedDocuments = {
  preset: "client" as const,
  presetConfig: { fragmentMasking: false },
  config: { useTypeImports: true, enumsAsTypes: true },
};

/**
 * The schema for clients that throw when an answer has errors, as the tests' `run`: a mutation's field is null only
 * where it failed.
 */
function schemaWithoutFailures(): string {
  const document = parse(readFileSync("schema.graphql", "utf8"));
  return print(
    visit(document, {
      ObjectTypeDefinition: (type) => (type.name.value === "Mutation" ? undefined : false),
      FieldDefinition: (field) =>
        field.type.kind === Kind.NON_NULL_TYPE
          ? field
          : { ...field, type: { kind: Kind.NON_NULL_TYPE, type: field.type } },
    }),
  );
}

/** Apollo's cache cannot know of itself which types a fragment on an interface means. */
function possibleTypes(): string {
  const schema = buildSchema(readFileSync("schema.graphql", "utf8"));
  const types = Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)] as const);
  return `export const possibleTypes: Record<string, string[]> = ${JSON.stringify(Object.fromEntries(types))};`;
}

const config: CodegenConfig = {
  silent: true,
  importExtension: ".ts",
  generates: {
    "tests/generated/": {
      ...typedDocuments,
      schema: schemaWithoutFailures(),
      documents: ["tests/**/*.ts", "!tests/generated/**"],
      // The file travels beside the variables.
      config: {
        ...typedDocuments.config,
        documentMode: "string",
        scalars: { ...scalars, Upload: "null" },
      },
    },
    "apollo/generated/": {
      ...typedDocuments,
      schema: "schema.graphql",
      documents: "apollo/operations/*.graphql",
      config: {
        ...typedDocuments.config,
        scalars: {
          ...scalars,
          Upload: { input: "Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>", output: "never" },
        },
      },
    },
    "apollo/generated/possible-types.ts": {
      schema: "schema.graphql",
      plugins: [{ add: { content: possibleTypes() } }],
    },
    "web/app/generated/": {
      ...typedDocuments,
      schema: "schema.graphql",
      documents: ["web/app/**/*.{ts,tsx}", "!web/app/generated/**"],
      config: { ...typedDocuments.config, scalars: { ...scalars, Upload: "File" } },
    },
  },
};

export default config;
