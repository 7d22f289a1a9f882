import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { withSettings } from "../scripts/print-settings.ts";
import { makeJpeg } from "./support/pictures.ts";
import { startServer } from "./support/server.ts";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const fenced = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map(([, code]) => code ?? "");

test("the README's settings are those of the code; `npm run docs` writes them", () => {
  const squeezed = (text: string) => text.replace(/ +/g, " ").replace(/-{3,}/g, "---");
  expect(squeezed(readme)).toBe(squeezed(withSettings(readme)));
});

test("the README's examples run as they are, one after another", async () => {
  const server = await startServer();
  const dir = await mkdtemp(join(tmpdir(), "colan-readme-"));
  try {
    await writeFile(join(dir, "photo.jpg"), await makeJpeg({ width: 1600, height: 1200 }));
    const upload = fenced("sh").find((command) => command.startsWith("curl"));
    if (upload == null) throw new Error("the README shows no upload");
    const command = upload.replace("http://127.0.0.1:4000", server.url);
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: dir });
    expect(JSON.parse(stdout)).toMatchObject({
      data: { uploadEntity: { status: "CREATED", entity: { id: "1", width: 1600 } } },
    });

    const queries = fenced("graphql");
    expect(queries).not.toEqual([]);
    for (const query of queries) {
      const response = await fetch(`${server.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query }),
      });
      const answer = (await response.json()) as { data: unknown; errors?: unknown };
      expect(answer.errors).toBeUndefined();
      expect(JSON.stringify(answer.data)).not.toContain('"items":[]');
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
