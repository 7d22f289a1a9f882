import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { manifestName, type Encoding, type Manifest, type ManifestFile } from "./manifest.ts";

/** Where `npm run build` puts the pages: beside the program, and found from its sources as well. */
export const builtPagesDir = fileURLToPath(new URL("../../../dist/web/", import.meta.url));

/** A file of a web page. */
export interface PageFile extends Omit<ManifestFile, "name"> {
  /** The bytes; read once, when first asked for, and kept. */
  read(encoding?: Encoding): Promise<Buffer>;
}

/** The web pages as they were built. */
export interface Pages {
  /** The HTML of a page, such as `graphiql`; undefined when there is none. */
  page(name: string): PageFile | undefined;
  /** A file of a page, by its URL's path below /assets/; its name changes with its content. */
  asset(name: string): PageFile | undefined;
}

const endings = { br: ".br", gzip: ".gz" } as const;

function openFile(dir: string, { name, ...file }: ManifestFile): PageFile {
  const read = new Map<string, Promise<Buffer>>();
  return {
    ...file,
    read(encoding) {
      const stored = encoding == null ? name : name + endings[encoding];
      const bytes = read.get(stored) ?? readFile(join(dir, stored));
      read.set(stored, bytes);
      return bytes;
    },
  };
}

/**
 * Knows the files by name, as the manifest has them: a URL never becomes a path, so nothing else can be read.
 * @returns undefined when the pages have not been built.
 */
export async function openPages(dir = builtPagesDir): Promise<Pages | undefined> {
  let text: string;
  try {
    text = await readFile(join(dir, manifestName), "utf8");
  } catch (error) {
    // Only Node's own errors come from reading.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  // Written by the build of this very program.
  const { files } = JSON.parse(text) as Manifest;
  const byName = new Map(files.map((file) => [file.name, openFile(dir, file)]));
  return {
    page: (name) => byName.get(`${name}/index.html`),
    asset: (name) => byName.get(`assets/${name}`),
  };
}
