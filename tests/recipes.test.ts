// What is added as CONTRIBUTING.md says, and forgotten at its second place: it would compile, and do nothing.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { commands } from "../src/cli/commands.ts";
import type { Shell } from "../src/cli/command.ts";
import { settings } from "../src/config/config.ts";
import { factColumns, traitsOf } from "../src/database/model/entity-state.ts";
import { factColumns as valuesOf } from "../src/library/facts/columns.ts";
import type { MediaFacts } from "../src/media/facts/facts.ts";
import { instruments } from "../src/observability/metrics/instruments.ts";
import { pageNames } from "../src/server/files/page-policy.ts";

const root = join(import.meta.dirname, "..");
const textOf = (file: string) => readFileSync(join(root, file), "utf8");
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((file) => `src/${file.replaceAll("\\", "/")}`)
  .filter((file) => file.endsWith(".ts") && !file.includes("/generated/"));
/** The program without the files that only declare. */
const textWithout = (isDeclaring: (file: string) => boolean) =>
  sources
    .filter((file) => !isDeclaring(file))
    .map(textOf)
    .join("\n");

test("each setting is read by the program", () => {
  const text = textWithout((file) => file.startsWith("src/config/") && !file.endsWith("/config.ts"));
  expect(Object.keys(settings).filter((key) => !new RegExp(`\\b${key}\\b`).test(text))).toEqual([]);
});

test("each metric is taken by the program", () => {
  const text = textWithout((file) => file.endsWith("/instruments.ts"));
  expect(Object.keys(instruments).filter((name) => !text.includes(`"${name}"`))).toEqual([]);
});

test("each column that the facts of a file decide has a value from them", () => {
  // Only what it looks into has to be there.
  const nothing = { type: "IMAGE", captured: null, keywords: [], unread: [], problems: [] };
  const values = valuesOf(nothing as unknown as MediaFacts, { name: null, modifiedAt: null });
  // The database's own code writes the folded ones.
  const wanted = factColumns.filter((column) => traitsOf[column].foldOf == null);
  expect(wanted.filter((column) => !(column in values))).toEqual([]);
});

describe("each command", () => {
  test("that a file of src/cli adds is in the list of commands", () => {
    const added = sources
      .filter((file) => file.startsWith("src/cli/"))
      .flatMap((file) => [...textOf(file).matchAll(/^export const (\w+): AddCommand\b/gm)])
      .map(([, name]) => name);
    expect(commands.map(({ name }) => name).sort()).toEqual(added.sort());
  });

  test("is in the table of docs/operations.md", () => {
    const program = new Command();
    // Only what runs needs one.
    for (const add of commands) add(program, {} as Shell);
    const page = textOf("docs/operations.md");
    const names = program.commands.map((command) => command.name());
    expect(names.filter((name) => !new RegExp(`^\\| \`${name}[ \`]`, "m").test(page))).toEqual([]);
  });
});

test("each folder of object stores is held to the contract", () => {
  const proofs = readdirSync(join(root, "tests/storage"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("contract.test.ts"))
    .map((file) => textOf(`tests/storage/${file}`))
    .join("\n");
  const folders = readdirSync(join(root, "src/storage"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.filter((name) => !proofs.includes(`/src/storage/${name}/`))).toEqual([]);
});

test("each page of web/ is built and served", () => {
  const folders = readdirSync(join(root, "web")).filter((name) =>
    existsSync(join(root, "web", name, "index.html")),
  );
  expect([...pageNames].sort()).toEqual(folders.sort());
  const handler = textOf("src/server/handler.ts");
  expect(pageNames.filter((name) => !handler.includes(`answerPage(exchange, handlers, "${name}")`))).toEqual(
    [],
  );
});
