import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A text of the sources, each of which must be there exactly once, and what stands in its place in a broken build. */
export interface Replacement {
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

/**
 * The program in a temporary folder, as `npm run build` makes it but without checking types: a server of it starts in
 * a second, one of the sources in three. @returns the folder, whose `dist/main.js` is to be run.
 */
export function buildProgram(replacements: readonly Replacement[] = []): string {
  const dir = mkdtempSync(join(tmpdir(), "colan-build-"));
  for (const name of ["package.json", "prisma"])
    cpSync(join(root, name), join(dir, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(dir, "node_modules"));
  for (const file of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file.endsWith(".d.ts")) continue;
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
  return dir;
}

function replaceOnce(text: string, { file, right, wrong }: Replacement): string {
  if (text.split(right).length !== 2) throw new Error(`${file} does not have this once: ${right}`);
  return text.replace(right, () => wrong);
}
