-- What lies below a collection, newest arrivals first: with the parent in the index no other row is looked at.
-- DropIndex
DROP INDEX "Entity_isDeleted_addedAt_id_idx";

-- CreateIndex
CREATE INDEX "Entity_isDeleted_addedAt_id_parentId_idx" ON "Entity"("isDeleted", "addedAt", "id", "parentId");
