import type { Entity } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";

/** The result of a mutation of one entity; the transaction is null when nothing had to change. */
export interface Edited {
  readonly entity: Entity;
  readonly transactionId: number | null;
}

/** The result of a mutation of many entities: the ids of those that changed. */
export interface EditedMany {
  readonly ids: readonly EntityId[];
  readonly transactionId: number | null;
}
