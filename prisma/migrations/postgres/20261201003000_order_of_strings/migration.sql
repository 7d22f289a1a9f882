-- Orders by strings walk an index. Its entries have 2,704 bytes at most: the few strings that are longer have an index of
-- their own, and are sorted when they are read, see `ordered` in src/database/postgres/dialect.ts.

DROP INDEX "Entity_isDeleted_labelFolded_id_parentId_idx";
CREATE INDEX "Entity_isDeleted_labelFolded_id_parentId_idx" ON "Entity"("isDeleted", "labelFolded", "id", "parentId")
  WHERE COALESCE(octet_length("labelFolded"), 0) <= 2400;
CREATE INDEX "Entity_long_label" ON "Entity"("isDeleted", "id")
  WHERE COALESCE(octet_length("labelFolded"), 0) > 2400;

DROP INDEX "Entity_isDeleted_originalNameFolded_id_parentId_idx";
CREATE INDEX "Entity_isDeleted_originalNameFolded_id_parentId_idx" ON "Entity"("isDeleted", "originalNameFolded", "id", "parentId")
  WHERE COALESCE(octet_length("originalNameFolded"), 0) <= 2400;
CREATE INDEX "Entity_long_originalName" ON "Entity"("isDeleted", "id")
  WHERE COALESCE(octet_length("originalNameFolded"), 0) > 2400;

-- Without these the planner takes a third of all rows for long.
CREATE STATISTICS "Entity_labelBytes" ON (COALESCE(octet_length("labelFolded"), 0)) FROM "Entity";
CREATE STATISTICS "Entity_originalNameBytes" ON (COALESCE(octet_length("originalNameFolded"), 0)) FROM "Entity";
