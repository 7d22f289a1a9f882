import codegen from "../codegen.ts";
import { makeUnlessUnchanged } from "./unchanged.ts";

// The documents of the package itself, for `npm run build`: `npm run generate` makes the tests' documents too.
const targets = Object.entries(codegen.generates).filter(([target]) => !target.startsWith("tests/"));
await makeUnlessUnchanged({
  name: "build-documents",
  inputs: ["schema.graphql", "codegen.ts", "package-lock.json", "apollo/operations", "web/app"],
  isInput: (file) => !file.includes("/generated/"),
  outputs: ["apollo/generated", "web/app/generated"],
  make: async () => {
    // It takes two seconds to load.
    const { generate } = await import("@graphql-codegen/cli");
    await generate({ ...codegen, generates: Object.fromEntries(targets) });
  },
});
