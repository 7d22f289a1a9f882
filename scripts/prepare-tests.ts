import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { makeUnlessUnchanged } from "./unchanged.ts";

const root = join(import.meta.dirname, "..");

function run(program: string, ...args: string[]): void {
  execFileSync(join(root, "node_modules/.bin", program), args, { stdio: ["ignore", "pipe", "pipe"] });
}

// Generated files that tests and type checks need. A step whose inputs are unchanged takes no time.
await makeUnlessUnchanged({
  name: "prisma",
  inputs: ["prisma/schema.prisma", "prisma.config.ts", "package-lock.json", "scripts/postgres-schema.ts"],
  outputs: ["src/database/generated", "src/database/postgres/generated", "src/graphql/generated"],
  make: () => {
    run("tsx", "scripts/generate-clients.ts");
  },
});

await makeUnlessUnchanged({
  name: "documents",
  inputs: ["schema.graphql", "codegen.ts", "package-lock.json", "apollo/operations", "web/app", "tests"],
  // Of the sources only those with a document in them.
  isInput: (file, text) =>
    !file.includes("/generated/") && (!/\.tsx?$/.test(file) || /graphql\(|GraphQL \*\/|gql`/.test(text)),
  outputs: ["tests/generated", "apollo/generated", "web/app/generated"],
  make: () => {
    run("graphql-codegen");
  },
});
