import type { CodegenConfig } from "@graphql-codegen/cli";

/** Typed documents for the tests: `graphql(…)` knows the variables and the result of each. */
const config: CodegenConfig = {
  schema: "schema.graphql",
  documents: ["tests/**/*.ts", "!tests/generated/**"],
  silent: true,
  importExtension: ".ts",
  generates: {
    "tests/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: {
          ID: { input: "string", output: "string" },
          DateTime: "string",
          LocalDateTime: "string",
          BigInt: "number",
          JSON: "unknown",
          // The file travels beside the variables.
          Upload: "null",
        },
      },
    },
  },
};

export default config;
