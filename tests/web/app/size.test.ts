import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { buildWeb } from "../../../scripts/web-build.ts";

const dir = resolve(import.meta.dirname, "../../../dist/web");

test("the app's scripts are at most 200 kB on their way to a browser", async () => {
  await buildWeb();
  const html = await readFile(join(dir, "app/index.html"), "utf8");
  const scripts = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, name]) => name!);
  const sizes = await Promise.all(scripts.map(async (name) => (await stat(join(dir, `${name}.gz`))).size));
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
});
