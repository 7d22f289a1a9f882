import { ConfigError, readConfig, type Config } from "./config.ts";

/** What programs end with when they did not do what they were asked; of sysexits.h. */
export const exitCodes = { usage: 64, unavailable: 69, software: 70, config: 78 } as const;

/** Says why on standard error and ends the process. */
export function fail(message: string, code: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

export function configOrExit(env: Readonly<Record<string, string | undefined>>): Config {
  try {
    return readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) fail(error.message, exitCodes.config);
    throw error;
  }
}
