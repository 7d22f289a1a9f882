import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { colan } from "../support/colan.ts";
import { blocksOf } from "./blocks.ts";

/** Blocks that a test runs, by document and beginning; the others are below, each with its reason. */
const executed = [
  ["docs/api.md", ""],
  ["docs/history.md", ""],
  ["docs/organise.md", ""],
  ["docs/search.md", ""],
  ["README.md", "curl "],
  ["README.md", "#"], // GraphQL: tests/readme.test.ts
  ["README.md", "import {"], // The kit: tests/apollo/package.test.ts, as docs/clients.md
  ["README.md", "npx colan keys"],
  ["README.md", "HISTORY_VERSIONS_MAX=10 npx colan prune"],
  ["docs/security.md", "npx colan migrate"],
] as const;

const reasons = [
  ["README.md", "npm ci", "installs the package itself"],
  [
    "README.md",
    "DATABASE_URL=postgresql:",
    "starts a server that does not end; npm run test:postgres has one",
  ],
  [
    "docs/postgresql.md",
    "",
    "needs a PostgreSQL server with users; tests/database and tests/maintenance have one",
  ],
  ["docs/s3.md", "", "needs a store with keys; npm run test:s3 has one, and tests/storage/s3 these settings"],
  ["docs/deployment.md", "", "needs Docker, systemd or a proxy"],
  ["docs/fuzzing.md", "npm run test:", "runs for minutes"],
  ["docs/monitoring.md", "{", "shows an answer; tests/monitoring holds the fields"],
  ["docs/security.md", "openssl", "starts a server that does not end; tests/auth has tokens of such keys"],
  ["docs/security.md", "// token.mjs", "needs an installed package; tests/auth has tokens of such keys"],
] as const;

test("every example of the documents is run, or has a reason why not", async () => {
  const names = (await readdir("docs")).filter((name) => name.endsWith(".md") && name !== "clients.md");
  const known = [...executed, ...reasons];
  for (const path of ["README.md", ...names.map((name) => `docs/${name}`)])
    for (const { code } of await blocksOf(path))
      expect(
        known.some(([where, beginning]) => where === path && code.startsWith(beginning)),
        `${path}: nothing runs\n${code}`,
      ).toBe(true);
});

test("the commands of operations, security and README run", async () => {
  const dir = await mkdtemp(join(tmpdir(), "colan-docs-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const where = { databasePath: join(dir, "media_store.db"), mediaDir: join(dir, "media_files") };
  const blocks = [...(await blocksOf("docs/security.md")), ...(await blocksOf("README.md"))];
  const written = blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) => [...code.matchAll(/^(?:\w+=\d+ )?npx colan (.*?)(?: +#.*)?$/gm)])
    .map(([, line = ""]) => line.split(" "));
  expect(written).not.toEqual([]);
  const backups = join(dir, "backups");
  const others = [
    ["verify", "--deep"],
    ["backup", backups],
    ["restore", backups, "--to", join(dir, "new")],
    ["stats"],
  ];
  for (const args of [...written, ...others]) {
    const { code, stderr } = await colan(where, args, { HISTORY_VERSIONS_MAX: "10" });
    expect(code, `${args.join(" ")}: ${stderr}`).toBe(0);
  }
});
