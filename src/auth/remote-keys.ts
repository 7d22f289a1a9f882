import { createLocalJWKSet, createRemoteJWKSet, type JWTVerifyGetKey } from "jose";
import type { Logger } from "pino";

/** How long keys are believed while their provider does not answer. */
const staleMsMax = 24 * 60 * 60 * 1000;

/** Between attempts to fetch them: each may take as long as the provider's silence. */
const pauseMs = 30_000;

/**
 * The keys that a provider publishes: fetched when first needed, and again when they are ten minutes old or lack one.
 * While that fails, those fetched last go on, for a day at most.
 */
export function createRemoteKeys(url: URL, log: Logger): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url);
  let freshAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (header, token) => {
    // jose has its own clock too.
    const now = Date.now();
    const last = now - freshAt < staleMsMax ? keys.jwks() : undefined;
    if (last != null && !keys.fresh && now - failedAt < pauseMs)
      return createLocalJWKSet(last)(header, token);
    try {
      return await keys(header, token);
    } catch (error) {
      // They were fetched, and the token's is not among them.
      if (last == null || keys.fresh) throw error;
      failedAt = now;
      log.error({ err: error }, "the keys of JWT_JWKS_URL could not be fetched again; the last ones go on");
      return await createLocalJWKSet(last)(header, token);
    } finally {
      if (keys.fresh) freshAt = now;
    }
  };
}
