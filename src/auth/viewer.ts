import { ForbiddenError, UnauthenticatedError } from "../errors.ts";

/** Permissions on the library. Admin includes the others; write does not include read. */
export const permissions = ["read", "write", "admin"] as const;
export type Permission = (typeof permissions)[number];

/** The person or program that sends a request. */
export interface Viewer {
  /** The name to which transactions are attributed; null for an anonymous viewer. */
  readonly actor: string | null;
  readonly permissions: ReadonlySet<Permission>;
  /** UTC milliseconds when they have to show again who they are; null for never. */
  readonly expiresAt: number | null;
}

const keyPrefix = "key:";

/** The actor name of an API key. */
export const actorOfKey = (name: string): string => `${keyPrefix}${name}`;

/** Whether a name is one that only API keys have, or looks like it to people who read it in a list. */
export const isKeysActor = (actor: string): boolean =>
  actor
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .trim()
    .toLowerCase()
    .startsWith(keyPrefix);

/** Everybody, while AUTH_MODE is off. */
export const anonymous: Viewer = { actor: null, permissions: new Set(permissions), expiresAt: null };

/** Equal for viewers who see the same: answers to queries depend on nothing else of the viewer. */
export const scopeOf = ({ permissions: own }: Viewer): string =>
  permissions.filter((permission) => own.has(permission)).join();

const deeds: Readonly<Record<Permission, string>> = {
  read: "Reading",
  write: "Changing the library",
  admin: "Destroying what nothing brings back, and undoing what others did,",
};

/** @throws {UnauthenticatedError} for an anonymous viewer, @throws {ForbiddenError} for a known one. */
export function checkPermission({ actor, permissions: own }: Viewer, permission: Permission): void {
  if (own.has(permission)) return;
  const deed = deeds[permission];
  if (actor == null)
    throw new UnauthenticatedError(
      `${deed} needs a token: send the header "Authorization: Bearer …" with a JWT or an API key`,
    );
  throw new ForbiddenError(`${deed} needs the permission media_store_${permission}, which you do not have`);
}
