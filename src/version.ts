import { readFileSync } from "node:fs";

/** The package's version, such as 1.2.3; package.json lies above this file under src/ as under dist/. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
