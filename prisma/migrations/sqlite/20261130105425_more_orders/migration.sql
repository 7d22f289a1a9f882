-- CreateIndex
CREATE INDEX "Entity_isDeleted_deletedAt_id_parentId_idx" ON "Entity"("isDeleted", "deletedAt", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_width_id_parentId_idx" ON "Entity"("isDeleted", "width", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_height_id_parentId_idx" ON "Entity"("isDeleted", "height", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_type_id_parentId_idx" ON "Entity"("isDeleted", "type", "id", "parentId");
