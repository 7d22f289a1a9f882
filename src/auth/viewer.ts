/** Who is asking. */
export interface Viewer {
  /** Who transactions are attributed to; null for somebody unknown. */
  readonly actor: string | null;
}

/** Everybody, while AUTH_MODE is off. */
export const anonymous: Viewer = { actor: null };
