import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A string of the sources, which must occur exactly once, and its replacement in a broken build. */
export interface Replacement {
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

const listSources = () =>
  readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".d.ts"),
  );

/** As `npm run build` makes it, but without checking types. */
function writeProgram(dir: string, replacements: readonly Replacement[] = []): void {
  for (const name of ["package.json", "prisma"])
    cpSync(join(root, name), join(dir, name), { recursive: true });
  for (const file of listSources()) {
    let text = readFileSync(join(root, "src", file), "utf8");
    for (const replacement of replacements.filter((one) => one.file === `src/${file}`))
      text = replaceOnce(text, replacement);
    const { outputText } = ts.transpileModule(text, {
      fileName: file,
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    const path = join(dir, "dist", file.replace(/ts$/, "js"));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, outputText);
  }
  // The pages are built by who needs them; until then there are none.
  symlinkSync(join(root, "dist/web"), join(dir, "dist/web"));
}

/** The program in a temporary folder, which the caller sweeps away. @returns the folder with `dist/main.js` in it. */
export function buildProgram(replacements: readonly Replacement[] = []): string {
  const dir = mkdtempSync(join(tmpdir(), "colan-build-"));
  symlinkSync(join(root, "node_modules"), join(dir, "node_modules"));
  writeProgram(dir, replacements);
  return dir;
}

const cache = join(root, "node_modules/.cache/colan-program");

function hashSources(): string {
  const hash = createHash("sha256").update(process.version);
  for (const file of listSources().sort()) hash.update(file).update(readFileSync(join(root, "src", file)));
  for (const file of ["package.json", "tests/support/program.ts"])
    hash.update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 16);
}

let program: string | undefined;

/**
 * The program as its sources stand now, built once for all who start it: a server of it starts in a second, one of the
 * sources in three. @returns the folder with `dist/main.js` in it.
 */
export function builtProgram(): string {
  program ??= join(cache, hashSources());
  if (existsSync(program)) return program;
  const making = `${program}.${process.pid}`;
  writeProgram(making);
  try {
    renameSync(making, program);
  } catch (error) {
    // Another worker was quicker.
    rmSync(making, { recursive: true });
    if (!existsSync(program)) throw error;
  }
  return program;
}

function replaceOnce(text: string, { file, right, wrong }: Replacement): string {
  if (text.split(right).length !== 2) throw new Error(`${file} does not have this once: ${right}`);
  return text.replace(right, () => wrong);
}
