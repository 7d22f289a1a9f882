import type { EntityId } from "../../database/model/ids.ts";
import { AppError } from "../../errors.ts";

export class CollectionNotEmptyError extends AppError {
  readonly code = "COLLECTION_NOT_EMPTY";
  constructor(id: EntityId, count: number) {
    super(
      `Collection ${id} still holds ${count} ${count === 1 ? "entity" : "entities"}; pass recursive: true to destroy them too`,
    );
  }
}
