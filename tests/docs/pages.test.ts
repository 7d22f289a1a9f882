import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { httpStatusOf, meaningOf, type ErrorCode } from "../../src/errors.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer } from "../support/server.ts";
import { blocksOf, runBlocks } from "./blocks.ts";

test.each(["docs/api.md", "docs/history.md", "docs/organise.md", "docs/search.md"])(
  "the examples of %s run as they are, one after another",
  async (path) => {
    const server = await startServer();
    await writeFile(join(server.dir, "photo.jpg"), await makeJpeg({ width: 1600, height: 1200 }));
    const blocks = await blocksOf(path);
    expect(blocks.length).toBeGreaterThan(3);
    await runBlocks(blocks, server);
  },
);

test("docs/api.md lists every error code with its status and meaning", async () => {
  const page = await readFile(new URL("../../docs/api.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| (\d+) +\| (.*?) +\|$/gm)];
  const written = Object.fromEntries(
    rows.map(([, code = "", status, meaning]) => [code, [Number(status), meaning]] as const),
  );
  // The keys are those of the table of codes, which `Object.keys` forgets.
  const codes = Object.keys(httpStatusOf) as ErrorCode[];
  expect(written).toEqual(
    Object.fromEntries(codes.map((code) => [code, [httpStatusOf[code], meaningOf[code]]])),
  );
});
