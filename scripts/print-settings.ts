import { readFileSync, writeFileSync } from "node:fs";
import { settings } from "../src/config/config.ts";

const path = new URL("../README.md", import.meta.url);
const [begin, end] = ["<!-- settings: written by `npm run docs` -->\n", "<!-- /settings -->"];

/** The README with its table of settings made again from the code. */
export function withSettings(readme: string): string {
  const rows = Object.values(settings).map(
    ({ env, byDefault, about }) => `| \`${env}\` | \`${byDefault.replaceAll("|", "\\|")}\` | ${about} |`,
  );
  const table = ["", "| variable | default | what it is |", "| --- | --- | --- |", ...rows, ""].join("\n");
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (before == null || after == null) throw new Error("README.md has lost the marks around its settings");
  return `${before}${begin}${table}\n${end}${after}`;
}

if (process.argv[1] === new URL(import.meta.url).pathname)
  writeFileSync(path, withSettings(readFileSync(path, "utf8")));
