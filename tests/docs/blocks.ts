import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect } from "vitest";

export interface Block {
  readonly language: string;
  /** The words after the language: `variables`, `answer`, or `fails` and a code. */
  readonly note: string;
  readonly code: string;
}

/** The fenced blocks of a document, given by its path from the repository's root. */
export async function blocksOf(path: string): Promise<readonly Block[]> {
  const text = await readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  return [...text.matchAll(/^```(\w*) ?(.*)\n([^]*?)^```$/gm)].map(
    ([, language = "", note = "", code = ""]) => ({
      language,
      note,
      code,
    }),
  );
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

/** Runs operations and curl commands in their order and holds the answers against those written below them. */
export async function runBlocks(blocks: readonly Block[], { url, dir }: { url: string; dir: string }) {
  let answer: Answer = {};
  for (const [index, block] of blocks.entries()) {
    if (block.language === "json") {
      if (block.note === "answer") expect(answer, block.code).toMatchObject(JSON.parse(block.code) as object);
      continue;
    }
    const next = blocks[index + 1];
    const variables = next?.note === "variables" ? (JSON.parse(next.code) as unknown) : {};
    answer =
      block.language === "sh"
        ? await runInShell(block.code.replaceAll("http://127.0.0.1:4000", url), dir)
        : await ask(url, { query: block.code, variables });
    const [, code] = /^fails (\w+)$/.exec(block.note) ?? [];
    expect(answer.errors?.[0]?.extensions?.code, `${block.code}${JSON.stringify(answer)}`).toBe(code);
  }
}

async function runInShell(command: string, cwd: string): Promise<Answer> {
  const { stdout } = await promisify(execFile)("sh", ["-ec", command], { cwd });
  return JSON.parse(stdout) as Answer;
}

async function ask(url: string, body: object): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json()) as Answer;
}
