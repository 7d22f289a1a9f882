/** An object that a server is about to store, or has stored and not committed its row yet. */
export interface ObjectIntent {
  /** The object carries it too, which tells who brought it. */
  readonly id: string;
  readonly key: string;
  /** The server, by the id of its working folder. */
  readonly holder: string;
  /** Grows while the holder lives: others watch it instead of a clock, since clocks differ. */
  readonly beat: number;
}

/**
 * A store without renames cannot hide an object until its row is there, so a row of the database says first what will be
 * stored. It goes when the object's own row is committed, or when the object is gone again.
 */
export interface ObjectIntents {
  /** Durable on return. */
  add(intent: Omit<ObjectIntent, "beat">): Promise<void>;
  /** Removing one that is gone succeeds. */
  remove(id: string): Promise<void>;
  list(): Promise<readonly ObjectIntent[]>;
  /** Advances these intents' `beat`. */
  beat(ids: readonly string[]): Promise<void>;
}
