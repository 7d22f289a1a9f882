import type { Entity } from "../db/generated/client.ts";
import type { EntityId } from "../db/ids.ts";

/** What one mutation did to one entity; the transaction is null when nothing had to change. */
export interface Edited {
  readonly entity: Entity;
  readonly transactionId: number | null;
}

/** What one mutation did to many: the ids of those that changed. */
export interface EditedMany {
  readonly ids: readonly EntityId[];
  readonly transactionId: number | null;
}
