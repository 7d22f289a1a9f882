-- CreateIndex
CREATE INDEX "EntityVersion_tree_idx" ON "EntityVersion"("parentId", "isDeleted", "addedAt", "entityId", "isCollection", "transactionId", "untilTransactionId");

-- CreateIndex
CREATE INDEX "EntityVersion_order_idx" ON "EntityVersion"("isDeleted", "addedAt", "entityId", "transactionId", "untilTransactionId", "type", "capturedAt", "updatedAt", "fileSize", "duration", "labelFolded", "originalNameFolded");
