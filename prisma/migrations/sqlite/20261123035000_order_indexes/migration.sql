-- A collection's children in each order: with the parent in the order's own index, no row of another collection is
-- looked at on the way.
-- DropIndex
DROP INDEX "Entity_isDeleted_updatedAt_id_idx";

-- CreateIndex
CREATE INDEX "Entity_isDeleted_updatedAt_id_parentId_idx" ON "Entity"("isDeleted", "updatedAt", "id", "parentId");

-- DropIndex
DROP INDEX "Entity_isDeleted_capturedAt_id_idx";

-- CreateIndex
CREATE INDEX "Entity_isDeleted_capturedAt_id_parentId_idx" ON "Entity"("isDeleted", "capturedAt", "id", "parentId");

-- DropIndex
DROP INDEX "Entity_isDeleted_fileSize_id_idx";

-- CreateIndex
CREATE INDEX "Entity_isDeleted_fileSize_id_parentId_idx" ON "Entity"("isDeleted", "fileSize", "id", "parentId");

-- DropIndex
DROP INDEX "Entity_isDeleted_labelFolded_id_idx";

-- CreateIndex
CREATE INDEX "Entity_isDeleted_labelFolded_id_parentId_idx" ON "Entity"("isDeleted", "labelFolded", "id", "parentId");

-- DropIndex
DROP INDEX "Entity_isDeleted_originalNameFolded_id_idx";

-- CreateIndex
CREATE INDEX "Entity_isDeleted_originalNameFolded_id_parentId_idx" ON "Entity"("isDeleted", "originalNameFolded", "id", "parentId");

-- DropIndex
DROP INDEX "Entity_isDeleted_duration_id_idx";

-- CreateIndex
CREATE INDEX "Entity_isDeleted_duration_id_parentId_idx" ON "Entity"("isDeleted", "duration", "id", "parentId");
