import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const stamps = join(root, "node_modules/.cache/colan-made");

/** The inputs and outputs of a step; files, or folders with everything in them. */
export interface Making {
  /** Of the stamp that remembers it. */
  readonly name: string;
  readonly inputs: readonly string[];
  /** Of the inputs only these; all where it is left out. */
  readonly isInput?: (file: string, text: string) => boolean;
  readonly outputs: readonly string[];
  readonly make: () => Promise<void> | void;
}

async function listFiles(path: string): Promise<string[]> {
  const found = await stat(join(root, path)).catch(() => undefined);
  if (found == null) return [];
  if (!found.isDirectory()) return [path];
  const entries = await readdir(join(root, path), { withFileTypes: true });
  const below = entries.map((entry) => listFiles(join(path, entry.name)));
  return (await Promise.all(below)).flat();
}

async function hash(paths: readonly string[], isMeant: Making["isInput"] = () => true): Promise<string> {
  const digest = createHash("sha256").update(process.version);
  const files = (await Promise.all(paths.map(listFiles))).flat().sort();
  for (const file of files) {
    const text = await readFile(join(root, file), "utf8");
    if (isMeant(file, text)) digest.update(file).update("\0").update(text).update("\0");
  }
  return digest.digest("hex");
}

/**
 * Makes the outputs, unless they are what was made last time, from the same inputs. Another branch, another tool and an
 * edit by hand are noticed: both sides are compared by content.
 */
export async function makeUnlessUnchanged({ name, inputs, isInput, outputs, make }: Making): Promise<void> {
  const stamp = join(stamps, name);
  const state = async () => `${await hash(inputs, isInput)} ${await hash(outputs)}`;
  if ((await readFile(stamp, "utf8").catch(() => "")) === (await state())) return;
  await rm(stamp, { force: true });
  await make();
  await mkdir(stamps, { recursive: true });
  await writeFile(stamp, await state());
}
