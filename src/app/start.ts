import { ConfigError, readConfig, type Config } from "../config/config.ts";

/** Exit codes of programs that did not do what they were asked to; from sysexits.h. */
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

/** Errors of Node.js, the language and the database are bugs or breakages, of which the log wants to know more. */
const unforeseen = /^(Error|AggregateError|TypeError|RangeError|ReferenceError|SyntaxError|SqliteError)$/;

const listening: Readonly<Record<string, (address: string, port: unknown) => string>> = {
  EADDRINUSE: (address, port) =>
    `PORT: ${String(port)} on ${address} is in use by another program; stop that one, or set PORT to another port`,
  EACCES: (_address, port) =>
    `PORT: this user may not listen on ${String(port)}; set PORT to 1024 or more, and let a proxy listen there`,
  EADDRNOTAVAIL: (address) => `HOST: this machine has no address ${address}; set HOST to one that it has`,
  ENOTFOUND: (address) => `HOST: there is no machine called ${address}; set HOST to an address of this one`,
};

/** A problem that an operator can solve, in a sentence; undefined for one that only the log explains. */
export function startProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const {
    code = "",
    address,
    hostname,
    port,
  } = error as NodeJS.ErrnoException & {
    address?: string;
    hostname?: string;
    port?: unknown;
  };
  const sentence = listening[code]?.(address ?? hostname ?? "this address", port);
  return sentence ?? (unforeseen.test(error.name) ? undefined : error.message);
}
