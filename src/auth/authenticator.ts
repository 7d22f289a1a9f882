import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { Db } from "../database/db.ts";
import { UnauthenticatedError } from "../errors.ts";
import { findKeyViewer, isValid, listKeys, looksLikeKey } from "./keys.ts";
import { anonymous, type Permission, type Viewer } from "./viewer.ts";

/**
 * Finds the viewer of a request.
 * @param token a JSON Web Token or API key; null for an anonymous request, which is not a failure.
 * @throws {UnauthenticatedError} for a token that is not accepted, even where none is required.
 */
export type Authenticate = (token: string | null) => Viewer | Promise<Viewer>;

interface Needs {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: { now(): number };
  readonly db: Pick<Db, "transaction" | "reader">;
}

/** @throws {Error} for key files that cannot be used. */
export async function createAuthenticator(needs: Needs): Promise<Authenticate> {
  const { authMode, adminForDestruction } = needs.config;
  if (authMode === "off") return () => anonymous;
  // Most servers start without, and sooner.
  const { createTokens } = await import("./tokens.ts");
  const verify = createTokens(needs);
  if (verify == null && !(await listKeys(needs)).some((key) => isValid(key, needs.clock.now())))
    needs.log.warn(
      { authMode },
      "nobody can sign in: there is no API key, and neither JWT_PUBLIC_KEY_FILE nor JWT_JWKS_URL is set; " +
        "make a key: npx colan keys create NAME --permissions read,write",
    );
  // Where reading is open to all, so it is to those who say who they are.
  const everybody: readonly Permission[] = authMode === "write" ? ["read"] : [];
  const unauthenticated: Viewer = { actor: null, permissions: new Set(everybody), expiresAt: null };

  const allowed = (viewer: Viewer): Viewer => {
    const permissions = new Set([...viewer.permissions, ...everybody]);
    if (!adminForDestruction && permissions.has("write")) permissions.add("admin");
    return { ...viewer, permissions };
  };
  return async (token) => {
    if (token == null) return unauthenticated;
    if (looksLikeKey(token)) {
      const viewer = await findKeyViewer(needs, token);
      if (viewer == null) throw new UnauthenticatedError("The API key is unknown, revoked or expired");
      return allowed(viewer);
    }
    if (verify == null)
      throw new UnauthenticatedError(
        "This server takes API keys only (JWT_PUBLIC_KEY_FILE and JWT_JWKS_URL are not set)",
      );
    const viewer = verify(token);
    return viewer instanceof Promise ? viewer.then(allowed) : allowed(viewer);
  };
}
