import { charactersIn } from "../characters.ts";
import { createHash } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyResult } from "jose";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { UnauthenticatedError } from "../errors.ts";
import { readPublicKeys, type PublicKey } from "./public-keys.ts";
import { createRemoteKeys } from "./remote-keys.ts";
import { isKeysActor, permissions, type Permission, type Viewer } from "./viewer.ts";

/**
 * Nothing symmetric: a public key taken for a shared secret lets anybody sign (RFC 8725 section 2.1). `kid` chooses
 * among our own keys only; `jku`, `x5u` and `jwk` are never looked at (section 3.10).
 */
const algorithms = ["ES256", "EdDSA", "RS256"];

/** How long a token that was verified is believed without looking again, so that a key can be taken back. */
const believedMs = 60_000;
const believedMax = 5_000;

interface Needs {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: { now(): number };
}

/** OpenID Connect Core 1.0 section 2. */
const subjectCharsMax = 255;

/** @returns the viewer whom a JSON Web Token (RFC 7519) names. @throws {UnauthenticatedError} */
export type VerifyToken = (token: string) => Viewer | Promise<Viewer>;

type Verify = (token: string) => Promise<JWTVerifyResult>;

/** Reads the claims of a token whose signature is verified. */
function viewerOf({ sub, exp, permissions: claimed, is_admin: isAdmin }: JWTPayload): Viewer {
  const refuse = (why: string) => new UnauthenticatedError(why, { isGuess: false });
  // Typed as a string, but a provider may send anything.
  if (typeof sub !== "string" || sub === "") throw refuse("The token's sub claim must be a non-empty string");
  if (charactersIn(sub, subjectCharsMax) > subjectCharsMax)
    throw refuse(`The token's sub is longer than the ${subjectCharsMax} characters of OpenID Connect`);
  // It stands in logs and lists: line breaks, escapes and signs that turn or hide others make it look like another.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(sub) || sub.trim() !== sub)
    throw refuse("The token's sub has control or format characters, or space around it");
  // Where people choose their names, one could choose a key's, and undo what it did.
  if (isKeysActor(sub)) throw refuse("The token's sub is a name that only API keys have");
  const own = new Set<Permission>(
    permissions.filter((name) => Array.isArray(claimed) && claimed.includes(`media_store_${name}`)),
  );
  if (isAdmin === true || own.has("admin")) for (const name of permissions) own.add(name);
  return { actor: sub, permissions: own, expiresAt: (exp ?? 0) * 1000 };
}

/** RFC 8725 section 3.11: a token of another kind, such as a logout token, must not do where an access token is expected. */
const kinds = new Set(["jwt", "at+jwt"]);

/** The checks of a token beside signature, audience and time. */
function checkKind(
  { protectedHeader, payload }: JWTVerifyResult,
  now: number,
  { jwtLifetimeSecondsMax }: Config,
) {
  const refuse = (why: string) => new UnauthenticatedError(why, { isGuess: false });
  const typ: unknown = protectedHeader.typ;
  // RFC 7515 section 4.1.9: without a slash, "application/" is to be thought before it; in any case.
  const kind = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : typ;
  if (kind !== undefined && !(typeof kind === "string" && kinds.has(kind)))
    throw refuse("The token is of another kind: its typ is neither JWT nor at+jwt");
  if (!((payload.exp ?? Infinity) - now / 1000 <= jwtLifetimeSecondsMax))
    throw refuse(`The token lasts too long: its exp is more than ${jwtLifetimeSecondsMax} seconds from now`);
}

/** The reason that a client is given for a refused token; details of the signature are not among them. */
function refusalOf(error: unknown, log: Logger): UnauthenticatedError {
  if (error instanceof UnauthenticatedError) return error;
  if (error instanceof errors.JWTExpired)
    return new UnauthenticatedError("The token has expired", { cause: error, isGuess: false });
  if (error instanceof errors.JWTClaimValidationFailed)
    return new UnauthenticatedError(
      `The token is not for this server: its ${error.claim} is missing or wrong`,
      { cause: error, isGuess: false },
    );
  // Thrown by jose for input that is no token at all.
  const isGarbage = error instanceof TypeError && error.message.startsWith("Invalid Token");
  if (!isGarbage && (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout)) {
    log.error({ err: error }, "the keys of JWT_JWKS_URL could not be fetched");
    return new UnauthenticatedError("The token cannot be checked now; try again later", {
      cause: error,
      isGuess: false,
    });
  }
  return new UnauthenticatedError("The token is not accepted", { cause: error });
}

/** Tries each key of the token's kind; what the last one says counts. */
function verifyByFile(
  keys: readonly PublicKey[],
  verify: (token: string, key: PublicKey["key"]) => ReturnType<Verify>,
): Verify {
  return async (token) => {
    const { alg } = decodeProtectedHeader(token);
    let failure: unknown = new errors.JOSEAlgNotAllowed("there is no key for it");
    for (const { key } of keys.filter(({ algorithm }) => algorithm === alg))
      try {
        return await verify(token, key);
      } catch (error) {
        // The signature fits, so that no other key will.
        if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
          throw error;
        failure = error;
      }
    throw failure;
  };
}

/**
 * @returns undefined when the settings name no keys.
 * @throws {Error} for a key file that cannot be used.
 */
export function createTokens({ config, log, clock }: Needs): VerifyToken | undefined {
  const { jwtPublicKeyFile, jwtJwksUrl, jwtIssuer, jwtAudience, jwtClockToleranceSeconds } = config;
  const options = () => ({
    algorithms,
    ...(jwtIssuer == null ? {} : { issuer: jwtIssuer }),
    ...(jwtAudience == null ? {} : { audience: jwtAudience }),
    clockTolerance: jwtClockToleranceSeconds,
    requiredClaims: ["exp", "iss", "aud", "sub"],
    currentDate: new Date(clock.now()),
  });
  const ways: Verify[] = [];
  if (jwtPublicKeyFile != null)
    ways.push(
      verifyByFile(readPublicKeys(jwtPublicKeyFile), (token, key) => jwtVerify(token, key, options())),
    );
  if (jwtJwksUrl != null) {
    const keys = createRemoteKeys(new URL(jwtJwksUrl), log);
    ways.push((token) => jwtVerify(token, keys, options()));
  }
  if (ways.length === 0) return undefined;

  const believed = new LRUCache<string, { readonly viewer: Viewer; readonly until: number }>({
    max: believedMax,
  });
  const verify = async (token: string, key: string): Promise<Viewer> => {
    let failure: unknown;
    for (const way of ways)
      try {
        const verified = await way(token);
        checkKind(verified, clock.now(), config);
        const viewer = viewerOf(verified.payload);
        const tolerated = (viewer.expiresAt ?? 0) + jwtClockToleranceSeconds * 1000;
        believed.set(key, { viewer, until: Math.min(clock.now() + believedMs, tolerated) });
        return viewer;
      } catch (error) {
        failure = error;
      }
    throw refusalOf(failure, log);
  };
  return (token) => {
    // Not the token itself: a dump of the memory should not hand them out by the thousand.
    const key = createHash("sha256").update(token).digest("base64");
    const known = believed.get(key);
    return known != null && known.until > clock.now() ? known.viewer : verify(token, key);
  };
}
