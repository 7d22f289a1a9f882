import * as z from "zod";
import { type Setting, flag, integer, setting } from "./setting.ts";

const optional = z.string().transform((text) => (text === "" ? null : text));

/** Keys that come over the open network could be anybody's. */
const isKeyUrl = (text: string) =>
  URL.canParse(text) && /^(https:|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])/.test(text);

const jwksUrl = z
  .string()
  .refine(
    (text) => text === "" || isKeyUrl(text),
    "expected https:// (http:// only for localhost), a host and a path, such as https://id.example/.well-known/jwks.json",
  )
  .transform((text) => (text === "" ? null : text));

/** Authentication and authorization. */
export const accessSettings = {
  authMode: setting(
    "AUTH_MODE",
    z.enum(["off", "write", "all"], "expected off, write or all"),
    "off",
    "Requests that need a token or API key: `off` none, `write` every change, `all` reading too.",
  ),
  allowOpenAccess: setting(
    "ALLOW_OPEN_ACCESS",
    flag,
    "false",
    "`true` lets the server listen beyond loopback although AUTH_MODE is off.",
  ),
  adminForDestruction: setting(
    "ADMIN_FOR_DESTRUCTION",
    flag,
    "true",
    "Whether hard delete, emptying the trash and undoing others' transactions need media_store_admin; else media_store_write.",
  ),
  jwtPublicKeyFile: setting(
    "JWT_PUBLIC_KEY_FILE",
    optional,
    "",
    "PEM file of the public keys that tokens are checked with: P-256, Ed25519 or RSA; several while keys change.",
  ),
  jwtJwksUrl: setting(
    "JWT_JWKS_URL",
    jwksUrl,
    "",
    "Where an identity provider publishes its keys (RFC 7517), instead of a file or beside it.",
  ),
  jwtIssuer: setting("JWT_ISSUER", optional, "", "Required `iss` of tokens; needed with either of those."),
  jwtAudience: setting(
    "JWT_AUDIENCE",
    optional,
    "",
    "Required `aud` of tokens, or one of them; needed with either of those.",
  ),
  jwtClockToleranceSeconds: setting(
    "JWT_CLOCK_TOLERANCE_SECONDS",
    integer(0, 300),
    "10",
    "How far the clocks of server and issuer may be apart, 0 to 300 seconds.",
  ),
  jwtLifetimeSecondsMax: setting(
    "JWT_LIFETIME_SECONDS_MAX",
    integer(60, 3_153_600_000),
    "31536000",
    "Farthest in the future that a token's `exp` may be, in seconds; a token that never ends could not be revoked.",
  ),
  urlLifetimeSeconds: setting(
    "URL_LIFETIME_SECONDS",
    integer(60, 31_536_000),
    "86400",
    "With AUTH_MODE=all: how long a file's URL leads to it, in seconds; at least half of it.",
  ),
} as const satisfies Record<string, Setting>;
