import { InvalidArgumentError, type Command } from "commander";
import { exits, type AddCommand, type Shell } from "./command.ts";
import { permissions, type Permission } from "../auth/viewer.ts";
import type { Deps } from "../deps.ts";

type Rows = Pick<Deps, "db" | "clock">;

const dayMs = 24 * 60 * 60 * 1000;

/** Opens the rows beside a server; an earlier version's are refused, and none are made. */
async function withRows(shell: Shell, work: (rows: Rows) => Promise<void> | void): Promise<void> {
  const [{ configOrExit }, { Closers, openRows }, { openLibraryForReading }] = await Promise.all([
    import("../app/start.ts"),
    import("../app/library.ts"),
    import("../app/reading-library.ts"),
  ]);
  const config = configOrExit(shell.env);
  const closers = new Closers();
  try {
    await openLibraryForReading(config, closers);
    await work(await openRows(config, { now: Date.now }, closers));
    shell.exit(exits.ok);
  } finally {
    await closers.close();
  }
}

function parsePermissions(text: string): readonly Permission[] {
  const given = text.split(",").map((name) => name.trim());
  const own = permissions.filter((name) => given.includes(name));
  if (own.length === 0 || own.length !== new Set(given).size)
    throw new InvalidArgumentError(`expected some of ${permissions.join(",")}.`);
  return own;
}

function parseDays(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError("expected a number of days, 1 to 99999.");
  return Number(text);
}

function parseKeyId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new InvalidArgumentError("expected a number that colan keys list shows.");
  return Number(text);
}

const day = (time: number | null) => (time == null ? "never" : new Date(time).toISOString().slice(0, 10));

function addCreate(keys: Command, shell: Shell): void {
  keys
    .command("create")
    .summary("make a key; it is shown this once")
    .argument("<name>", "who uses it; changes are attributed to key:<name>")
    .option("--permissions <list>", "some of read,write,admin", parsePermissions, ["read"] as const)
    .option("--days <number>", "how long it works; forever when left out", parseDays)
    .action((name: string, { permissions, days }: { permissions: readonly Permission[]; days?: number }) =>
      withRows(shell, async (rows) => {
        const { createKey } = await import("../auth/keys.ts");
        const expiresAt = days == null ? null : rows.clock.now() + days * dayMs;
        const { id, key } = await createKey(rows, { name, permissions, expiresAt });
        shell.terminal.say(key);
        shell.terminal.warn(
          `This is key ${id}. It is shown this once; send it as: Authorization: Bearer <key>`,
        );
      }),
    );
}

function addList(keys: Command, shell: Shell): void {
  keys
    .command("list")
    .summary("show every key, but never the key itself")
    .option("--json", "one JSON object a line")
    .action(({ json }: { json?: boolean }) =>
      withRows(shell, async (rows) => {
        const { listKeys } = await import("../auth/keys.ts");
        const listed = await listKeys(rows);
        if (listed.length === 0)
          shell.terminal.warn("There are no keys yet; make one with: colan keys create <name>");
        for (const key of listed) {
          const { id, name, permissions, createdAt, expiresAt, revokedAt } = key;
          const state = revokedAt == null ? `expires ${day(expiresAt)}` : `revoked ${day(revokedAt)}`;
          shell.terminal.say(
            json === true
              ? JSON.stringify(key)
              : `${String(id).padStart(4)}  ${permissions.join().padEnd(16)}  made ${day(createdAt)}  ${state.padEnd(18)}  ${name}`,
          );
        }
      }),
    );
}

function addRevoke(keys: Command, shell: Shell): void {
  keys
    .command("revoke")
    .summary("end a key; a running server refuses it at once")
    .argument("<id>", "as colan keys list shows it", parseKeyId)
    .action((id: number) =>
      withRows(shell, async (rows) => {
        const { revokeKey } = await import("../auth/keys.ts");
        await revokeKey(rows, id);
        shell.terminal.say(`Key ${id} is revoked.`);
      }),
    );
}

export const addKeys: AddCommand = (program: Command, shell) => {
  const keys = program
    .command("keys")
    .summary("API keys: create, list, revoke")
    .description(
      "API keys for programs, for servers with AUTH_MODE=write or all. Works while the server runs.",
    );
  for (const add of [addCreate, addList, addRevoke]) add(keys, shell);
};
