import { expect, test } from "vitest";
import { graphql } from "../generated/index.ts";
import { clientOf } from "../support/client.ts";
import { colan } from "../support/colan.ts";
import { startServer } from "../support/server.ts";

const COUNT = graphql(`
  query KeysCount {
    stats {
      entities
    }
  }
`);

test("keys are made, shown once, listed and revoked beside a running server", async () => {
  const server = await startServer({ env: { AUTH_MODE: "all" } });
  const made = await colan(server, [
    "keys",
    "create",
    "phone",
    "--permissions",
    "read,write",
    "--days",
    "30",
  ]);
  expect(made.code).toBe(0);
  const key = made.stdout.trim();
  expect(key).toMatch(/^colan_/);
  expect(made.stderr).toContain("shown this once");
  expect((await clientOf(server.url, key).ask(COUNT)).status).toBe(200);

  const { stdout } = await colan(server, ["keys", "list", "--json"]);
  const listed = JSON.parse(stdout) as { id: number; name: string };
  expect(listed).toMatchObject({ name: "phone", permissions: ["read", "write"], revokedAt: null });
  expect(stdout).not.toContain(key.slice(6, 30));

  const revoked = await colan(server, ["keys", "revoke", String(listed.id)]);
  expect(revoked).toMatchObject({ code: 0, stdout: `Key ${listed.id} is revoked.\n` });
  expect((await clientOf(server.url, key).ask(COUNT)).status).toBe(401);
  expect((await colan(server, ["keys", "list"])).stdout).toMatch(
    /read,write .* revoked \d{4}-\d\d-\d\d .*phone/,
  );
});

test.each([
  [["keys", "create"], "missing required argument 'name'"],
  [["keys", "create", "x", "--permissions", "read,root"], "expected some of read,write,admin"],
  [["keys", "create", "x", "--days", "0"], "expected a number of days"],
  [["keys", "revoke", "all"], "expected a number that colan keys list shows"],
])("says in one line what is wrong with %j", async (args, message) => {
  const { code, stderr } = await colan({ databasePath: "/nowhere", mediaDir: "/nowhere" }, args);
  expect(code).toBe(64);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(message);
});

// "(outputHelp)" was all it said.
test.each([[["keys"]], [["help", "keys"]], [["keys", "--help"]]])("%j lists the commands", async (args) => {
  const { code, stdout, stderr } = await colan({ databasePath: "/nowhere", mediaDir: "/nowhere" }, args);
  expect(code).toBe(args.length === 1 ? 64 : 0);
  for (const name of ["create", "list", "revoke"]) expect(stdout + stderr).toContain(name);
  expect(stdout + stderr).not.toContain("outputHelp");
});

test("help shows every command", async () => {
  const { code, stdout } = await colan({ databasePath: "/nowhere", mediaDir: "/nowhere" }, ["help"]);
  expect(code).toBe(0);
  for (const name of ["serve", "verify", "backup", "keys"]) expect(stdout).toContain(name);
});

test("a library without keys says so, and where there is no library it says how to get one", async () => {
  const server = await startServer();
  const { code, stdout, stderr } = await colan(server, ["keys", "list"]);
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toContain("There are no keys yet; make one with: colan keys create <name>");
  const early = await colan({ databasePath: "/nowhere/x.db", mediaDir: "/nowhere" }, ["keys", "create", "x"]);
  expect(early.code).toBe(69);
  expect(early.stderr).toContain("The first start of the server makes it");
});
