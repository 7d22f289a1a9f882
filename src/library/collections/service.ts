import type { Viewer } from "../../auth/viewer.ts";
import type { Deps } from "../../deps.ts";
import { checkLabel, checkReason, checkText } from "../entities/rules.ts";
import type { CollectionKindName } from "../entities/schema/entity-state.ts";
import { getEntity } from "../entities/service.ts";
import { getParentOfNew } from "../entities/tree.ts";
import type { Edited } from "../../history/transactions/edited.ts";

export interface CreateCollection {
  label: string;
  description?: string | null | undefined;
  kind: CollectionKindName;
  parentId?: string | null | undefined;
}

/**
 * @throws {BadUserInputError}
 * @throws {NotFoundError} for the parent
 * @throws {NotACollectionError}
 */
export function createCollection(
  { db }: Pick<Deps, "db">,
  viewer: Viewer,
  { label, description, kind, parentId }: CreateCollection,
  reason: string | null | undefined,
): Promise<Edited> {
  checkLabel("input.label", label, "give the collection a name");
  if (description != null) checkText("input.description", description, "description");
  const opening = { operation: "createCollection", actor: viewer.actor, reason: checkReason(reason) };
  return db.transaction(opening, async (tx) => {
    const parent = parentId == null ? null : await getParentOfNew(tx, parentId);
    const { id } = await tx.prisma.entity.create({
      data: {
        ...{ isCollection: true, kind: kind === "FOLDER" ? null : kind },
        ...{ label, description: description ?? null, parentId: parent?.id ?? null },
      },
      select: { id: true },
    });
    return { entity: await getEntity(tx, id), transactionId: tx.transactionId };
  });
}
