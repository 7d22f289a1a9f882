import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { manifestName, type Manifest, type ManifestFile } from "../src/server/files/manifest.ts";
import { pageNames } from "../src/server/files/page-policy.ts";

const root = resolve(import.meta.dirname, "..");

/** The inputs of the pages; the lock file stands for all packages. */
const sources = [
  ...["web", "apollo", "package-lock.json", "scripts/web-build.ts"],
  // Names the pages.
  "src/server/files/page-policy.ts",
];

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
  ".png": "image/png",
  ".ttf": "font/ttf",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

/** Smaller, a packet is a packet; and these are compressed already. */
const isCompressible = (name: string, bytes: Buffer) =>
  bytes.length > 1_400 && ![".png", ".woff", ".woff2"].includes(extname(name));

async function listFiles(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    // A file, or nothing.
    return (error as NodeJS.ErrnoException).code === "ENOTDIR" ? [path] : [];
  }
}

/** A digest of all that the pages are made of. */
async function hashSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources)
    for (const file of await listFiles(join(root, source)))
      hash
        .update(relative(root, file))
        .update("\0")
        .update(await readFile(file))
        .update("\0");
  return hash.digest("hex");
}

async function isBuilt(dir: string, madeOf: string): Promise<boolean> {
  try {
    // Written by this program.
    const manifest = JSON.parse(await readFile(join(dir, manifestName), "utf8")) as Manifest;
    return manifest.madeOf === madeOf;
  } catch {
    return false;
  }
}

/** Written beside the file where they are worth it: a browser gets the smallest that it understands. */
async function compress(dir: string, name: string): Promise<ManifestFile> {
  const bytes = await readFile(join(dir, name));
  const type = types[extname(name)];
  if (type == null) throw new Error(`a page needs ${name}, whose type is not known`);
  const encodings: ManifestFile["encodings"][number][] = [];
  if (isCompressible(name, bytes)) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    await writeFile(join(dir, `${name}.br`), await compressBrotli(bytes, { params }));
    await writeFile(join(dir, `${name}.gz`), await compressGzip(bytes));
    encodings.push("br", "gzip");
  }
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  return { name, type, etag, encodings };
}

/**
 * Builds the pages into a folder, unless it holds just what would be built. The folder is replaced at the end, so
 * that a build that fails or is interrupted leaves the former one.
 * @returns whether there was something to do.
 */
export async function buildWeb(dir = join(root, "dist/web")): Promise<boolean> {
  const madeOf = await hashSources();
  if (await isBuilt(dir, madeOf)) return false;
  // Mostly nothing has changed, and Vite takes a second to load.
  const [{ build }, { buildSettings }] = await Promise.all([import("vite"), import("../web/vite.config.ts")]);
  const making = `${dir}.making-${process.pid}`;
  const { NODE_ENV } = process.env;
  try {
    // Vite trusts this more than its mode: a build within tests would get React's development build.
    process.env["NODE_ENV"] = "production";
    for (const name of pageNames) {
      const settings = buildSettings([name]);
      await build({
        ...settings,
        configFile: false,
        mode: "production",
        logLevel: "error",
        build: { ...settings.build, outDir: making, emptyOutDir: false },
      });
    }
    const names = (await listFiles(making)).map((file) => relative(making, file));
    const files = await Promise.all(names.map((name) => compress(making, name)));
    await writeFile(join(making, manifestName), JSON.stringify({ madeOf, files } satisfies Manifest));
    await rm(dir, { recursive: true, force: true });
    await mkdir(dirname(dir), { recursive: true });
    await rename(making, dir);
  } finally {
    if (NODE_ENV == null) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = NODE_ENV;
    await rm(making, { recursive: true, force: true });
  }
  return true;
}
