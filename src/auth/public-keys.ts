import { createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

const pemBlock = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;

/** The algorithms that are accepted, and the keys that each belongs to (RFC 7518, RFC 8037). */
const algorithmOf: Readonly<Record<string, string>> = { rsa: "RS256", ec: "ES256", ed25519: "EdDSA" };

export interface PublicKey {
  readonly algorithm: string;
  readonly key: KeyObject;
}

/** Shorter ones can be factored (RFC 7518 section 3.3). */
const rsaBitsMin = 2048;

function readBlock(path: string, pem: string): PublicKey {
  if (pem.includes("PRIVATE"))
    throw new Error(`JWT_PUBLIC_KEY_FILE: ${path} has a private key in it; only public keys belong there`);
  const key = createPublicKey(pem);
  const { modulusLength = rsaBitsMin, namedCurve = "prime256v1" } = key.asymmetricKeyDetails ?? {};
  const algorithm = algorithmOf[key.asymmetricKeyType ?? ""];
  if (algorithm == null || namedCurve !== "prime256v1" || modulusLength < rsaBitsMin)
    throw new Error(
      `JWT_PUBLIC_KEY_FILE: ${path} has a key of another kind than RSA of ${rsaBitsMin} bits or more, P-256 or Ed25519`,
    );
  return { algorithm, key };
}

/**
 * Every public key of a PEM file (SPKI, or certificates), several while keys are being changed.
 * @throws {Error} naming the setting, when it cannot be read or has none.
 */
export function readPublicKeys(path: string): readonly PublicKey[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`JWT_PUBLIC_KEY_FILE: ${path} cannot be read`, { cause });
  }
  const keys = [...text.matchAll(pemBlock)].map(([pem]) => readBlock(path, pem));
  if (keys.length === 0) throw new Error(`JWT_PUBLIC_KEY_FILE: ${path} has no key in PEM form`);
  return keys;
}
