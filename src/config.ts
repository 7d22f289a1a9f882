import type * as z from "zod";
import { accessSettings } from "./config/access.ts";
import { librarySettings } from "./config/library.ts";
import { mediaSettings } from "./config/media.ts";
import { operationsSettings } from "./config/operations.ts";
import { requestsSettings } from "./config/requests.ts";
import { serverSettings } from "./config/server.ts";
import { uploadsSettings } from "./config/uploads.ts";
import type { Setting } from "./config/setting.ts";

/** Every setting there is; a folder of lists, each with the settings of one concern. */
export const settings = {
  ...serverSettings,
  ...librarySettings,
  ...accessSettings,
  ...uploadsSettings,
  ...requestsSettings,
  ...mediaSettings,
  ...operationsSettings,
} as const satisfies Record<string, Setting>;

type Settings = typeof settings;
export type Config = Readonly<{ [K in keyof Settings]: z.output<Settings[K]["type"]> }>;

/** Why the program cannot start: every wrong setting, each with its variable, what it expects and what it got. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Invalid settings:\n  ${problems.join("\n  ")}`);
    this.problems = problems;
  }
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/**
 * Reads every setting at once; an empty variable counts as absent.
 * @throws {ConfigError} naming every problem, so that a bad deploy is mended in one go.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values = Object.entries(settings).map(([key, { env: name, type, byDefault }]) => {
    const text = env[name] || byDefault;
    const result = type.safeParse(text);
    if (result.success) return [key, result.data] as const;
    const expected = result.error.issues.map(({ message }) => message).join("; ");
    problems.push(`${name}: ${expected}, got ${JSON.stringify(text)}`);
    return [key, undefined] as const;
  });
  // Each value has just been parsed by the type of its own setting.
  const config = Object.freeze(Object.fromEntries(values)) as Config;

  if (problems.length === 0 && !loopback.test(config.host) && !config.allowOpenAccess) {
    problems.push(
      `HOST: ${config.host} is open to other machines while AUTH_MODE is off, so anybody there could delete everything; ` +
        `listen on 127.0.0.1, or set ALLOW_OPEN_ACCESS=true if that is meant`,
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
