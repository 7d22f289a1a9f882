import { readFile } from "node:fs/promises";
import { findHits, listCopies, type Advisories, type LockFile } from "./advisories.ts";

// Offline, so that it can be part of every check; `npm audit` asks the registry for what is not yet listed here.
const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(name, import.meta.url), "utf8"));

// Both are files of this repository, with these shapes.
const lock = (await read("../package-lock.json")) as LockFile;
const known = (await read("advisories.json")) as Advisories;

const node = { name: "node", version: process.versions.node, path: process.execPath, isAtRunTime: true };
const hits = findHits([...listCopies(lock), node], known);
for (const hit of hits) console.error(hit);
if (hits.length > 0) process.exit(1);
