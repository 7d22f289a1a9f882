import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import config from "../codegen.ts";

// What the package is built from, for `npm run build`: `npm run generate` makes the tests' documents too. Nothing is done
// when nothing has changed, as it takes seconds.
const root = join(import.meta.dirname, "..");
const stamp = join(root, "apollo/generated/.made-of");

async function listSources(): Promise<string[]> {
  const names = await Promise.all(
    ["apollo/operations", "web/app"].map(async (dir) =>
      (await readdir(join(root, dir), { recursive: true })).map((name) => join(dir, name)),
    ),
  );
  return names.flat().filter((name) => /\.(graphql|tsx?)$/.test(name) && !name.includes("generated"));
}

async function hashSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of ["schema.graphql", "codegen.ts", "package-lock.json", ...(await listSources()).sort()])
    hash.update(name).update(await readFile(join(root, name)));
  return hash.digest("hex");
}

const isMade = async (madeOf: string) => {
  const former = await readFile(stamp, "utf8").catch(() => "");
  const others = ["apollo/generated/graphql.ts", "web/app/generated/graphql.ts"];
  const found = await Promise.all(
    others.map((name) => readFile(join(root, name)).then(Boolean, () => false)),
  );
  return former === madeOf && found.every(Boolean);
};

const madeOf = await hashSources();
if (!(await isMade(madeOf))) {
  // It takes two seconds to load.
  const { generate } = await import("@graphql-codegen/cli");
  const targets = Object.entries(config.generates).filter(([target]) => !target.startsWith("tests/"));
  await generate({ ...config, generates: Object.fromEntries(targets) });
  await writeFile(stamp, madeOf);
}
