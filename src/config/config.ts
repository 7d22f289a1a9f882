import type * as z from "zod";
import { accessSettings } from "./access.ts";
import { clientsSettings } from "./clients.ts";
import { librarySettings } from "./library.ts";
import { mediaSettings } from "./media.ts";
import { operationsSettings } from "./operations.ts";
import { requestsSettings } from "./requests.ts";
import { serverSettings } from "./server.ts";
import { findUnknown, type Unknown } from "./unknown.ts";
import { storeSettings } from "./store.ts";
import { uploadsSettings } from "./uploads.ts";
import type { Setting } from "./setting.ts";

/** Every setting there is; a folder of lists, each with the settings of one concern. */
export const settings = {
  ...serverSettings,
  ...clientsSettings,
  ...librarySettings,
  ...storeSettings,
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

/** Addresses may carry user and password, and what is said here ends up in logs. */
const withoutPassword = (text: string) => text.replace(/\/\/[^/\s]*@/g, "//…@");

/** Variables that look like a setting and are none. */
export const unknownSettings = (env: Readonly<Record<string, string | undefined>>): Unknown[] =>
  findUnknown(
    Object.keys(env),
    Object.values(settings).map(({ env: name }) => name),
  );

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** Combinations of settings that contradict each other. */
function contradictions(config: Config): string[] {
  const { corsCredentials, corsOrigins, uploadBytesMax, uploadRequestBytesMax } = config;
  const problems: string[] = [];
  const { jwtPublicKeyFile, jwtJwksUrl, jwtIssuer, jwtAudience } = config;
  // Else a token that the same provider made for another program would open this one (RFC 8725 section 3.9).
  if (jwtPublicKeyFile != null || jwtJwksUrl != null)
    for (const [name, value] of Object.entries({ JWT_ISSUER: jwtIssuer, JWT_AUDIENCE: jwtAudience }))
      if (value == null)
        problems.push(
          `${name}: expected what tokens carry, since JWT_PUBLIC_KEY_FILE or JWT_JWKS_URL is set, got ""`,
        );
  // Fetch standard, "CORS protocol and credentials": browsers refuse that, and any page could act for its visitor.
  if (corsCredentials && corsOrigins.includes("*"))
    problems.push("CORS_CREDENTIALS: expected false while CORS_ORIGINS is *; name the origins");
  if (config.s3Redirect && config.mediaUrl === "")
    problems.push("S3_REDIRECT: expected false while MEDIA_URL names no bucket that clients could be led to");
  if (uploadRequestBytesMax < uploadBytesMax)
    problems.push(
      `UPLOAD_REQUEST_BYTES_MAX: expected room for one file of UPLOAD_BYTES_MAX, which is ${uploadBytesMax}, got ${uploadRequestBytesMax}`,
    );
  return problems;
}

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
    problems.push(`${name}: ${expected}, got ${JSON.stringify(withoutPassword(text))}`);
    return [key, undefined] as const;
  });
  // Each value has just been parsed by the type of its own setting.
  const config = Object.freeze(Object.fromEntries(values)) as Config;

  const isOpen = config.authMode === "off" && !config.allowOpenAccess;
  if (problems.length === 0 && isOpen && !loopback.test(config.host)) {
    problems.push(
      `HOST: ${config.host} is open to other machines while AUTH_MODE is off, so anybody there could delete everything; ` +
        `listen on 127.0.0.1, set AUTH_MODE to write or all, or ALLOW_OPEN_ACCESS=true if that is meant`,
    );
  }
  if (problems.length === 0) problems.push(...contradictions(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
