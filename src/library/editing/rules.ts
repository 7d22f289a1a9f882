import type { Entity } from "../../database/generated/client.ts";
import type { Said } from "../../database/model/described.ts";
import type { EntityId } from "../../database/model/ids.ts";
import {
  checkDescribed,
  describedColumns,
  type DescribedEdit,
  type DescribedInput,
} from "../entities/described.ts";
import { checkLabel, checkText } from "../entities/rules.ts";

/** A client's changes: an absent field stays as it is, null clears it. */
export interface Edit extends DescribedInput {
  label?: string | null | undefined;
  description?: string | null | undefined;
  parentId?: string | null | undefined;
}

export type EditedColumns = Partial<Pick<Entity, "label" | "description" | "parentId"> & Said>;

/** @throws {BadUserInputError} for what cannot be stored. */
export function checkEdit(edit: Edit): DescribedEdit {
  const { label, description } = edit;
  if (label != null) checkLabel("input.label", label);
  if (description != null) checkText("input.description", description, "description");
  return checkDescribed("input", edit);
}

/** The columns that get another value; null when none does, so that nothing need be written. */
export function changedColumns(
  entity: Entity,
  { label, description }: Edit,
  described: DescribedEdit,
  parentId: EntityId | null | undefined,
): EditedColumns | null {
  const wanted = { label, description, parentId };
  const changed = Object.entries(wanted).filter(
    ([column, value]) => value !== undefined && value !== entity[column as keyof typeof wanted],
  );
  const columns = { ...Object.fromEntries(changed), ...describedColumns(entity, described) };
  return Object.keys(columns).length === 0 ? null : columns;
}
