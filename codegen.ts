import type { CodegenConfig } from "@graphql-codegen/cli";

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

const config: CodegenConfig = {
  schema: "schema.graphql",
  silent: true,
  importExtension: ".ts",
  generates: {
    "tests/generated/": {
      ...typedDocuments,
      documents: ["tests/**/*.ts", "!tests/generated/**"],
      // The file travels beside the variables.
      config: { ...typedDocuments.config, documentMode: "string", scalars: { ...scalars, Upload: "null" } },
    },
    "web/app/generated/": {
      ...typedDocuments,
      documents: ["web/app/**/*.{ts,tsx}", "!web/app/generated/**"],
      config: { ...typedDocuments.config, scalars: { ...scalars, Upload: "File" } },
    },
  },
};

export default config;
