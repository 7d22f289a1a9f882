import { readFileSync, writeFileSync } from "node:fs";
import { lexicographicSortSchema, printSchema } from "graphql";
import { schema } from "../src/app/schema.ts";

// `npm run schema` writes schema.graphql; with --check it only says whether the file is still true.
const path = new URL("../schema.graphql", import.meta.url);
const printed = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (!process.argv.includes("--check")) {
  writeFileSync(path, printed);
} else if (readFileSync(path, "utf8") !== printed) {
  process.stderr.write(
    "schema.graphql differs from the code: run `npm run schema`, read the difference, commit it\n",
  );
  process.exitCode = 1;
}
