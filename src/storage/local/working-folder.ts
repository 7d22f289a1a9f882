import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { codeOf, sync } from "./durable.ts";

const idName = ".server";
const idForm = /^[0-9a-f]{32}$/;

/**
 * The id of a server's working folder, made at the first start. No two processes work in it at the same time, so what a
 * server with this id was doing before this process began is over.
 */
export async function workingFolderId(dir: string): Promise<string> {
  const path = join(resolve(dir), idName);
  const known = await readFile(path, "utf8").catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
    return "";
  });
  if (idForm.test(known.trim())) return known.trim();
  const id = randomBytes(16).toString("hex");
  await writeFile(`${path}-new`, `${id}\n`);
  await sync(`${path}-new`);
  await rename(`${path}-new`, path);
  await sync(resolve(dir));
  return id;
}
