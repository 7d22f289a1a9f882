import { ForbiddenError, UnauthenticatedError } from "../errors.ts";

/** What somebody may do with the library. Admin includes the others; write does not include read. */
export const permissions = ["read", "write", "admin"] as const;
export type Permission = (typeof permissions)[number];

/** Who is asking. */
export interface Viewer {
  /** Who transactions are attributed to; null for somebody unknown. */
  readonly actor: string | null;
  readonly permissions: ReadonlySet<Permission>;
  /** UTC milliseconds when they have to show again who they are; null for never. */
  readonly expiresAt: number | null;
}

const keyPrefix = "key:";

/** Who acts with an API key. */
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

/** Alike for viewers who are shown the same: what queries answer depends on nothing else of them. */
export const scopeOf = ({ permissions: own }: Viewer): string =>
  permissions.filter((permission) => own.has(permission)).join();

const deeds: Readonly<Record<Permission, string>> = {
  read: "Reading",
  write: "Changing the library",
  admin: "Destroying what nothing brings back, and undoing what others did,",
};

/** @throws {UnauthenticatedError} when nobody is known, @throws {ForbiddenError} when they may not. */
export function checkPermission({ actor, permissions: own }: Viewer, permission: Permission): void {
  if (own.has(permission)) return;
  const deed = deeds[permission];
  if (actor == null)
    throw new UnauthenticatedError(
      `${deed} needs a token: send the header "Authorization: Bearer …" with a JWT or an API key`,
    );
  throw new ForbiddenError(`${deed} needs the permission media_store_${permission}, which you do not have`);
}
