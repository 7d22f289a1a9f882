-- Keywords, rating, alternative text, creator and rights of an entity; what people set and what the file says are kept apart.

-- AlterTable
ALTER TABLE "Entity" ADD COLUMN "altText" TEXT;
ALTER TABLE "Entity" ADD COLUMN "altTextFolded" TEXT;
ALTER TABLE "Entity" ADD COLUMN "copyright" TEXT;
ALTER TABLE "Entity" ADD COLUMN "copyrightFolded" TEXT;
ALTER TABLE "Entity" ADD COLUMN "creator" TEXT;
ALTER TABLE "Entity" ADD COLUMN "creatorFolded" TEXT;
ALTER TABLE "Entity" ADD COLUMN "fileValues" TEXT;
ALTER TABLE "Entity" ADD COLUMN "keywordsFolded" TEXT;
ALTER TABLE "Entity" ADD COLUMN "rating" INTEGER;

-- AlterTable
ALTER TABLE "EntityVersion" ADD COLUMN "altText" TEXT;
ALTER TABLE "EntityVersion" ADD COLUMN "altTextFolded" TEXT;
ALTER TABLE "EntityVersion" ADD COLUMN "copyright" TEXT;
ALTER TABLE "EntityVersion" ADD COLUMN "copyrightFolded" TEXT;
ALTER TABLE "EntityVersion" ADD COLUMN "creator" TEXT;
ALTER TABLE "EntityVersion" ADD COLUMN "creatorFolded" TEXT;
ALTER TABLE "EntityVersion" ADD COLUMN "fileValues" TEXT;
ALTER TABLE "EntityVersion" ADD COLUMN "keywordsFolded" TEXT;
ALTER TABLE "EntityVersion" ADD COLUMN "rating" INTEGER;

-- CreateTable
CREATE TABLE "EntityKeyword" (
    "folded" TEXT NOT NULL,
    "entityId" INTEGER NOT NULL,
    "isDeleted" BOOLEAN NOT NULL,
    "keyword" TEXT NOT NULL,

    PRIMARY KEY ("folded", "entityId"),
    CONSTRAINT "EntityKeyword_entityId_fkey" FOREIGN KEY ("entityId") REFERENCES "Entity" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
) WITHOUT ROWID;

-- CreateIndex
CREATE INDEX "EntityKeyword_entityId_idx" ON "EntityKeyword"("entityId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_rating_id_parentId_idx" ON "Entity"("isDeleted", "rating", "id", "parentId");

-- The guard with all columns
DROP TRIGGER "EntityVersion_stays";
CREATE TRIGGER "EntityVersion_stays" BEFORE UPDATE OF
  "entityId",
  "version",
  "operation",
  "transactionId",
  "isCollection",
  "label",
  "description",
  "parentId",
  "isDeleted",
  "deletedAt",
  "deletedIn",
  "addedAt",
  "updatedAt",
  "originalId",
  "type",
  "mimeType",
  "extension",
  "originalName",
  "fileSize",
  "width",
  "height",
  "duration",
  "md5",
  "sha256",
  "filePath",
  "capturedAt",
  "capturedLocal",
  "capturedOffset",
  "capturedSource",
  "capturedIsInferred",
  "latitude",
  "longitude",
  "altitude",
  "cameraMake",
  "cameraModel",
  "cameraLens",
  "iso",
  "aperture",
  "exposureTime",
  "focalLength",
  "keywords",
  "rating",
  "altText",
  "creator",
  "copyright",
  "fileValues",
  "problems",
  "factsState",
  "labelFolded",
  "descriptionFolded",
  "originalNameFolded",
  "cameraMakeFolded",
  "cameraModelFolded",
  "keywordsFolded",
  "altTextFolded",
  "creatorFolded",
  "copyrightFolded"
ON "EntityVersion"
BEGIN
  SELECT RAISE(ABORT, 'a version never changes');
END;

-- Facets -----------------------------------------------------------------------------------------

DROP INDEX "Entity_facets";
CREATE INDEX "Entity_facets" ON "Entity"(
  "isDeleted", "type", "mimeType", "extension", "cameraModel", substr("capturedLocal", 1, 7),
  "parentId", "isCollection", "cameraModelFolded", "rating", "creator"
);

DROP TRIGGER "Entity_insert_is_tallied";
CREATE TRIGGER "Entity_insert_is_tallied" AFTER INSERT ON "Entity"
BEGIN
  INSERT INTO "Tally" ("isDeleted", "field", "value", "count")
  SELECT NEW."isDeleted", "field", "value", 1
  FROM (
    SELECT 'type' AS "field", NEW."type" AS "value"
    UNION ALL SELECT 'mimeType', NEW."mimeType"
    UNION ALL SELECT 'extension', NEW."extension"
    UNION ALL SELECT 'cameraModel', NEW."cameraModel"
    UNION ALL SELECT 'parentId', CAST(NEW."parentId" AS TEXT)
    UNION ALL SELECT 'rating', CAST(NEW."rating" AS TEXT)
    UNION ALL SELECT 'creator', NEW."creator"
    UNION ALL SELECT 'year', substr(NEW."capturedLocal", 1, 4)
    UNION ALL SELECT 'month', substr(NEW."capturedLocal", 1, 7)
    UNION ALL SELECT 'day', substr(NEW."capturedLocal", 1, 10))
  WHERE "value" IS NOT NULL
  ON CONFLICT DO UPDATE SET "count" = "count" + 1;
END;

DROP TRIGGER "Entity_delete_is_tallied";
CREATE TRIGGER "Entity_delete_is_tallied" AFTER DELETE ON "Entity"
BEGIN
  UPDATE "Tally" SET "count" = "count" - 1
  WHERE "isDeleted" = OLD."isDeleted" AND ("field", "value") IN (
    SELECT 'type' AS "field", OLD."type" AS "value"
    UNION ALL SELECT 'mimeType', OLD."mimeType"
    UNION ALL SELECT 'extension', OLD."extension"
    UNION ALL SELECT 'cameraModel', OLD."cameraModel"
    UNION ALL SELECT 'parentId', CAST(OLD."parentId" AS TEXT)
    UNION ALL SELECT 'rating', CAST(OLD."rating" AS TEXT)
    UNION ALL SELECT 'creator', OLD."creator"
    UNION ALL SELECT 'year', substr(OLD."capturedLocal", 1, 4)
    UNION ALL SELECT 'month', substr(OLD."capturedLocal", 1, 7)
    UNION ALL SELECT 'day', substr(OLD."capturedLocal", 1, 10));
END;

DROP TRIGGER "Entity_update_is_tallied";
CREATE TRIGGER "Entity_update_is_tallied"
AFTER UPDATE OF "isDeleted", "type", "mimeType", "extension", "cameraModel", "parentId", "rating", "creator", "capturedLocal" ON "Entity"
WHEN NEW."isDeleted" <> OLD."isDeleted"
  OR NEW."type" IS NOT OLD."type"
  OR NEW."mimeType" IS NOT OLD."mimeType"
  OR NEW."extension" IS NOT OLD."extension"
  OR NEW."cameraModel" IS NOT OLD."cameraModel"
  OR NEW."parentId" IS NOT OLD."parentId"
  OR NEW."rating" IS NOT OLD."rating"
  OR NEW."creator" IS NOT OLD."creator"
  OR NEW."capturedLocal" IS NOT OLD."capturedLocal"
BEGIN
  UPDATE "Tally" SET "count" = "count" - 1
  WHERE "isDeleted" = OLD."isDeleted" AND ("field", "value") IN (
    SELECT "field", "old"
    FROM (
      SELECT 'type' AS "field", OLD."type" AS "old", NEW."type" AS "new"
      UNION ALL SELECT 'mimeType', OLD."mimeType", NEW."mimeType"
      UNION ALL SELECT 'extension', OLD."extension", NEW."extension"
      UNION ALL SELECT 'cameraModel', OLD."cameraModel", NEW."cameraModel"
      UNION ALL SELECT 'parentId', CAST(OLD."parentId" AS TEXT), CAST(NEW."parentId" AS TEXT)
      UNION ALL SELECT 'rating', CAST(OLD."rating" AS TEXT), CAST(NEW."rating" AS TEXT)
      UNION ALL SELECT 'creator', OLD."creator", NEW."creator"
      UNION ALL SELECT 'year', substr(OLD."capturedLocal", 1, 4), substr(NEW."capturedLocal", 1, 4)
      UNION ALL SELECT 'month', substr(OLD."capturedLocal", 1, 7), substr(NEW."capturedLocal", 1, 7)
      UNION ALL SELECT 'day', substr(OLD."capturedLocal", 1, 10), substr(NEW."capturedLocal", 1, 10))
    WHERE "old" IS NOT "new" OR NEW."isDeleted" <> OLD."isDeleted");
  INSERT INTO "Tally" ("isDeleted", "field", "value", "count")
  SELECT NEW."isDeleted", "field", "new", 1
  FROM (
    SELECT 'type' AS "field", OLD."type" AS "old", NEW."type" AS "new"
    UNION ALL SELECT 'mimeType', OLD."mimeType", NEW."mimeType"
    UNION ALL SELECT 'extension', OLD."extension", NEW."extension"
    UNION ALL SELECT 'cameraModel', OLD."cameraModel", NEW."cameraModel"
    UNION ALL SELECT 'parentId', CAST(OLD."parentId" AS TEXT), CAST(NEW."parentId" AS TEXT)
    UNION ALL SELECT 'rating', CAST(OLD."rating" AS TEXT), CAST(NEW."rating" AS TEXT)
    UNION ALL SELECT 'creator', OLD."creator", NEW."creator"
    UNION ALL SELECT 'year', substr(OLD."capturedLocal", 1, 4), substr(NEW."capturedLocal", 1, 4)
    UNION ALL SELECT 'month', substr(OLD."capturedLocal", 1, 7), substr(NEW."capturedLocal", 1, 7)
    UNION ALL SELECT 'day', substr(OLD."capturedLocal", 1, 10), substr(NEW."capturedLocal", 1, 10))
  WHERE "new" IS NOT NULL AND ("old" IS NOT "new" OR NEW."isDeleted" <> OLD."isDeleted")
  ON CONFLICT DO UPDATE SET "count" = "count" + 1;
END;

CREATE TRIGGER "EntityKeyword_insert_is_tallied" AFTER INSERT ON "EntityKeyword"
BEGIN
  INSERT INTO "Tally" ("isDeleted", "field", "value", "count")
  VALUES (NEW."isDeleted", 'keyword', NEW."folded" || char(10) || NEW."keyword", 1)
  ON CONFLICT DO UPDATE SET "count" = "count" + 1;
END;

CREATE TRIGGER "EntityKeyword_delete_is_tallied" AFTER DELETE ON "EntityKeyword"
BEGIN
  UPDATE "Tally" SET "count" = "count" - 1
  WHERE "isDeleted" = OLD."isDeleted" AND "field" = 'keyword' AND "value" = OLD."folded" || char(10) || OLD."keyword";
END;

-- Search -----------------------------------------------------------------------------------------
-- The next start of the server fills it, and writes the keywords of earlier rows in their order: their letters without case
-- and accents are for the program to find.

DROP TABLE "Entity_fts";
CREATE VIRTUAL TABLE "Entity_fts" USING fts5(
  "label", "description", "originalName", "cameraMake", "cameraModel", "cameraLens", "keywords", "altText", "creator", "parts",
  content='', contentless_delete=1, tokenize='ascii'
);
