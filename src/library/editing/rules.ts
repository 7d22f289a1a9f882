import type { Entity } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { checkLabel, checkText } from "../entities/rules.ts";

/** A client's changes: an absent field stays as it is, null clears it. */
export interface Edit {
  label?: string | null | undefined;
  description?: string | null | undefined;
  parentId?: string | null | undefined;
}

export type EditedColumns = Partial<Pick<Entity, "label" | "description" | "parentId">>;

/** @throws {BadUserInputError} for strings that cannot be stored. */
export function checkEdit({ label, description }: Edit): void {
  if (label != null) checkLabel("input.label", label);
  if (description != null) checkText("input.description", description, "description");
}

/** The columns that get another value; null when none does, so that nothing need be written. */
export function changedColumns(
  entity: Entity,
  { label, description }: Edit,
  parentId: EntityId | null | undefined,
): EditedColumns | null {
  const wanted = { label, description, parentId };
  const changed = Object.entries(wanted).filter(
    ([column, value]) => value !== undefined && value !== entity[column as keyof typeof wanted],
  );
  return changed.length === 0 ? null : Object.fromEntries(changed);
}
