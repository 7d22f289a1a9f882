/** What somebody may do with the library; who may write may not therefore read, nor who administers write. */
export type Permission = "read" | "write" | "admin";

/** Who is asking. */
export interface Viewer {
  /** Who transactions are attributed to; null for somebody unknown. */
  readonly actor: string | null;
  readonly permissions: ReadonlySet<Permission>;
}

/** Everybody, while AUTH_MODE is off. */
export const anonymous: Viewer = { actor: null, permissions: new Set(["read", "write", "admin"]) };
