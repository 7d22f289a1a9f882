-- What Prisma's schema cannot say: the database itself refuses writes that would leave no version,
-- keeps the totals, and keeps the full-text index.

-- Versions ---------------------------------------------------------------------------------------
-- A writer first inserts its "Transaction" and names it in "OpenTransaction"; before it commits, it
-- deletes that row again, which is refused while any entity it wrote has no snapshot. A raw UPDATE
-- from a shell therefore fails whatever its foreign_keys setting is.

CREATE TRIGGER "OpenTransaction_is_single" BEFORE INSERT ON "OpenTransaction"
WHEN NEW."singleton" <> 1
BEGIN
  SELECT RAISE(ABORT, 'only one transaction is written at a time');
END;

CREATE TRIGGER "OpenTransaction_stays" BEFORE UPDATE ON "OpenTransaction"
BEGIN
  SELECT RAISE(ABORT, 'the open transaction cannot be exchanged for another one');
END;

CREATE TRIGGER "OpenTransaction_leaves_versions" BEFORE DELETE ON "OpenTransaction"
WHEN EXISTS (
  SELECT 1 FROM "Entity" e
  WHERE e."transactionId" = OLD."transactionId"
    AND NOT EXISTS (
      SELECT 1 FROM "EntityVersion" v WHERE v."entityId" = e."id" AND v."version" = e."version"
    )
)
BEGIN
  SELECT RAISE(ABORT, 'entities are versioned: the transaction changed an entity without leaving its version behind');
END;

CREATE TRIGGER "Entity_insert_is_recorded" BEFORE INSERT ON "Entity"
WHEN NEW."transactionId" IS NOT (SELECT "transactionId" FROM "OpenTransaction") OR NEW."version" <> 1
BEGIN
  SELECT RAISE(ABORT, 'entities are versioned: rows are added only inside a recorded transaction, by the API or the colan command');
END;

CREATE TRIGGER "Entity_update_is_recorded" BEFORE UPDATE ON "Entity"
WHEN NEW."transactionId" IS NOT (SELECT "transactionId" FROM "OpenTransaction")
  OR NEW."version" <> OLD."version" + 1
BEGIN
  SELECT RAISE(ABORT, 'entities are versioned: rows change only inside a recorded transaction that writes their next version, by the API or the colan command');
END;

CREATE TRIGGER "Entity_identity_stays" BEFORE UPDATE OF "id", "isCollection", "addedAt" ON "Entity"
WHEN NEW."id" <> OLD."id" OR NEW."isCollection" <> OLD."isCollection" OR NEW."addedAt" <> OLD."addedAt"
BEGIN
  SELECT RAISE(ABORT, 'an entity keeps its id, its kind and the time it was added');
END;

CREATE TRIGGER "Entity_delete_is_recorded" BEFORE DELETE ON "Entity"
WHEN NOT EXISTS (SELECT 1 FROM "OpenTransaction")
BEGIN
  SELECT RAISE(ABORT, 'entities are versioned: rows are destroyed only inside a recorded transaction, by the API or the colan command');
END;

CREATE TRIGGER "Entity_delete_leaves_tombstone" AFTER DELETE ON "Entity"
BEGIN
  INSERT INTO "Tombstone" ("entityId", "version", "transactionId", "isCollection", "addedAt", "md5")
  SELECT OLD."id", OLD."version" + 1, "transactionId", OLD."isCollection", OLD."addedAt", OLD."md5" FROM "OpenTransaction";
  DELETE FROM "EntityVersion" WHERE "entityId" = OLD."id";
END;

CREATE TRIGGER "EntityVersion_insert_is_recorded" BEFORE INSERT ON "EntityVersion"
WHEN NEW."transactionId" IS NOT (SELECT "transactionId" FROM "OpenTransaction")
BEGIN
  SELECT RAISE(ABORT, 'versions are written only inside a recorded transaction');
END;

CREATE TRIGGER "EntityVersion_end_is_recorded" BEFORE UPDATE OF "untilTransactionId" ON "EntityVersion"
WHEN OLD."untilTransactionId" IS NOT NULL
  OR NEW."untilTransactionId" IS NOT (SELECT "transactionId" FROM "OpenTransaction")
BEGIN
  SELECT RAISE(ABORT, 'a version ends once, in the transaction that writes the next one');
END;

CREATE TRIGGER "EntityVersion_stays" BEFORE UPDATE OF
  "entityId", "version", "operation", "transactionId", "isCollection", "label", "description", "parentId",
  "isDeleted", "deletedAt", "deletedIn", "addedAt", "updatedAt", "originalId", "type", "mimeType", "extension",
  "originalName", "fileSize", "width", "height", "duration", "md5", "sha256", "filePath", "capturedAt",
  "capturedLocal", "capturedOffset", "capturedSource", "capturedIsInferred", "latitude", "longitude", "altitude",
  "cameraMake", "cameraModel", "cameraLens", "iso", "aperture", "exposureTime", "focalLength", "keywords",
  "problems", "labelFolded", "descriptionFolded", "originalNameFolded", "cameraMakeFolded", "cameraModelFolded"
ON "EntityVersion"
BEGIN
  SELECT RAISE(ABORT, 'a version never changes');
END;

CREATE TRIGGER "EntityVersion_delete_is_recorded" BEFORE DELETE ON "EntityVersion"
WHEN NOT EXISTS (SELECT 1 FROM "OpenTransaction")
  OR EXISTS (SELECT 1 FROM "Entity" WHERE "id" = OLD."entityId" AND "version" = OLD."version")
BEGIN
  SELECT RAISE(ABORT, 'versions are destroyed only with their entity, inside a recorded transaction; the current one never');
END;

CREATE TRIGGER "Transaction_stays" BEFORE DELETE ON "Transaction"
BEGIN
  SELECT RAISE(ABORT, 'transactions are never deleted');
END;

CREATE TRIGGER "Transaction_is_written_once" BEFORE UPDATE ON "Transaction"
WHEN OLD."id" IS NOT (SELECT "transactionId" FROM "OpenTransaction")
  OR NEW."id" <> OLD."id" OR NEW."at" <> OLD."at" OR NEW."operation" <> OLD."operation"
  OR NEW."actor" IS NOT OLD."actor" OR NEW."reason" IS NOT OLD."reason"
BEGIN
  SELECT RAISE(ABORT, 'a transaction never changes: who did what, when and why stays as it was written');
END;

CREATE TRIGGER "Tombstone_stays" BEFORE DELETE ON "Tombstone"
BEGIN
  SELECT RAISE(ABORT, 'tombstones are never deleted');
END;

CREATE TRIGGER "Tombstone_is_written_once" BEFORE UPDATE ON "Tombstone"
BEGIN
  SELECT RAISE(ABORT, 'a tombstone never changes');
END;

CREATE TRIGGER "Original_is_written_once" BEFORE UPDATE OF "id", "md5", "sha256", "fileSize", "filePath" ON "Original"
BEGIN
  SELECT RAISE(ABORT, 'an original never changes: its row says which bytes lie where');
END;

CREATE TRIGGER "Original_stays_while_used" BEFORE DELETE ON "Original"
WHEN EXISTS (SELECT 1 FROM "EntityVersion" WHERE "originalId" = OLD."id")
BEGIN
  SELECT RAISE(ABORT, 'an original stays as long as a version refers to it');
END;

-- Totals -----------------------------------------------------------------------------------------

INSERT INTO "Counter" ("name", "value") VALUES
  ('media.live', 0), ('media.trashed', 0), ('collections.live', 0), ('collections.trashed', 0),
  ('originals.bytes', 0), ('versions', 0), ('transactions', 0);

CREATE TRIGGER "Entity_insert_counts" AFTER INSERT ON "Entity"
BEGIN
  UPDATE "Counter" SET "value" = "value" + 1 WHERE "name" =
    CASE WHEN NEW."isCollection" THEN 'collections' ELSE 'media' END || CASE WHEN NEW."isDeleted" THEN '.trashed' ELSE '.live' END;
END;

CREATE TRIGGER "Entity_delete_counts" AFTER DELETE ON "Entity"
BEGIN
  UPDATE "Counter" SET "value" = "value" - 1 WHERE "name" =
    CASE WHEN OLD."isCollection" THEN 'collections' ELSE 'media' END || CASE WHEN OLD."isDeleted" THEN '.trashed' ELSE '.live' END;
END;

CREATE TRIGGER "Entity_trash_counts" AFTER UPDATE OF "isDeleted" ON "Entity"
WHEN NEW."isDeleted" <> OLD."isDeleted"
BEGIN
  UPDATE "Counter" SET "value" = "value" - 1 WHERE "name" =
    CASE WHEN OLD."isCollection" THEN 'collections' ELSE 'media' END || CASE WHEN OLD."isDeleted" THEN '.trashed' ELSE '.live' END;
  UPDATE "Counter" SET "value" = "value" + 1 WHERE "name" =
    CASE WHEN NEW."isCollection" THEN 'collections' ELSE 'media' END || CASE WHEN NEW."isDeleted" THEN '.trashed' ELSE '.live' END;
END;

CREATE TRIGGER "Original_insert_counts" AFTER INSERT ON "Original"
BEGIN
  UPDATE "Counter" SET "value" = "value" + NEW."fileSize" WHERE "name" = 'originals.bytes';
END;

CREATE TRIGGER "Original_delete_counts" AFTER DELETE ON "Original"
BEGIN
  UPDATE "Counter" SET "value" = "value" - OLD."fileSize" WHERE "name" = 'originals.bytes';
END;

CREATE TRIGGER "EntityVersion_insert_counts" AFTER INSERT ON "EntityVersion"
BEGIN
  UPDATE "Counter" SET "value" = "value" + 1 WHERE "name" = 'versions';
END;

CREATE TRIGGER "EntityVersion_delete_counts" AFTER DELETE ON "EntityVersion"
BEGIN
  UPDATE "Counter" SET "value" = "value" - 1 WHERE "name" = 'versions';
END;

CREATE TRIGGER "Transaction_insert_counts" AFTER INSERT ON "Transaction"
BEGIN
  UPDATE "Counter" SET "value" = "value" + 1 WHERE "name" = 'transactions';
END;

-- Full text --------------------------------------------------------------------------------------
-- External content (https://sqlite.org/fts5.html#external_content_tables): the index holds no second
-- copy of the texts, and must be told the old ones when a row goes.

CREATE VIRTUAL TABLE "Entity_fts" USING fts5(
  "label", "description", "originalName", "cameraMake", "cameraModel", "cameraLens", "keywords",
  content='Entity', content_rowid='id', tokenize="unicode61 remove_diacritics 2", prefix='2 3'
);

CREATE TRIGGER "Entity_insert_is_indexed" AFTER INSERT ON "Entity"
BEGIN
  INSERT INTO "Entity_fts" (rowid, "label", "description", "originalName", "cameraMake", "cameraModel", "cameraLens", "keywords")
  VALUES (NEW."id", NEW."label", NEW."description", NEW."originalName", NEW."cameraMake", NEW."cameraModel", NEW."cameraLens", NEW."keywords");
END;

CREATE TRIGGER "Entity_update_is_indexed"
AFTER UPDATE OF "label", "description", "originalName", "cameraMake", "cameraModel", "cameraLens", "keywords" ON "Entity"
BEGIN
  INSERT INTO "Entity_fts" ("Entity_fts", rowid, "label", "description", "originalName", "cameraMake", "cameraModel", "cameraLens", "keywords")
  VALUES ('delete', OLD."id", OLD."label", OLD."description", OLD."originalName", OLD."cameraMake", OLD."cameraModel", OLD."cameraLens", OLD."keywords");
  INSERT INTO "Entity_fts" (rowid, "label", "description", "originalName", "cameraMake", "cameraModel", "cameraLens", "keywords")
  VALUES (NEW."id", NEW."label", NEW."description", NEW."originalName", NEW."cameraMake", NEW."cameraModel", NEW."cameraLens", NEW."keywords");
END;

CREATE TRIGGER "Entity_delete_is_unindexed" AFTER DELETE ON "Entity"
BEGIN
  INSERT INTO "Entity_fts" ("Entity_fts", rowid, "label", "description", "originalName", "cameraMake", "cameraModel", "cameraLens", "keywords")
  VALUES ('delete', OLD."id", OLD."label", OLD."description", OLD."originalName", OLD."cameraMake", OLD."cameraModel", OLD."cameraLens", OLD."keywords");
END;
