import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { settings } from "../src/config/config.ts";
import { clientsSettings } from "../src/config/clients.ts";
import { requestsSettings } from "../src/config/requests.ts";
import { uploadsSettings } from "../src/config/uploads.ts";

const page = await readFile(new URL("../docs/limits.md", import.meta.url), "utf8");
const shown = [...page.matchAll(/^\| `([A-Z_]+)` +\| `([^`]*)` +\|/gm)].map(([, name = "", byDefault]) => ({
  name,
  byDefault,
}));

test("docs/limits.md has the real defaults", () => {
  const byName = new Map<string, string>(
    Object.values(settings).map(({ env, byDefault }) => [env, byDefault]),
  );
  expect(shown).toEqual(shown.map(({ name }) => ({ name, byDefault: byName.get(name) })));
});

test("docs/limits.md names every limit of clients, requests and uploads", () => {
  const limits = Object.values({ ...clientsSettings, ...requestsSettings, ...uploadsSettings });
  const names = limits.map(({ env }) => env).filter((env) => /_(MAX|MIN|TIMEOUT_MS)$/.test(env));
  expect(shown.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});
