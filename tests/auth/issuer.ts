import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT, type JWTPayload } from "jose";

export const issuer = "https://id.example";
export const audience = "colan";

export type Algorithm = "ES256" | "EdDSA" | "RS256";

/** Key pairs are dear to make; each kind is made once. */
export const pairs = {
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: generateKeyPairSync("ed25519"),
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
} as const;

export const pemOf = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();

/** Writes public keys as an operator would. @returns the file's path. */
export function writeKeys(...pems: readonly string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), "colan-keys-")), "keys.pem");
  writeFileSync(path, pems.join("\n"));
  return path;
}

export const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

/** Everything that a good token has; undefined leaves a claim out. */
export const claims = (own: Readonly<Record<string, unknown>> = {}): JWTPayload => ({
  ...{ iss: issuer, aud: audience, sub: "ada", exp: inAnHour() },
  permissions: ["media_store_read", "media_store_write"],
  ...own,
});

export function sign(
  payload: JWTPayload = claims(),
  { algorithm = "ES256", key = pairs[algorithm].privateKey, header = {} }: Signing = {},
): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: algorithm, ...header }).sign(key);
}

interface Signing {
  readonly algorithm?: Algorithm;
  readonly key?: KeyObject;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** Settings of a server that believes all three keys. */
export const trusting = (mode: "write" | "all" = "all") => ({
  AUTH_MODE: mode,
  JWT_PUBLIC_KEY_FILE: writeKeys(...Object.values(pairs).map(({ publicKey }) => pemOf(publicKey))),
  JWT_ISSUER: issuer,
  JWT_AUDIENCE: audience,
});
