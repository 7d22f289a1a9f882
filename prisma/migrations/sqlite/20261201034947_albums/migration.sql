-- AlterTable
ALTER TABLE "Entity" ADD COLUMN "kind" TEXT;
ALTER TABLE "Entity" ADD COLUMN "membersChangedIn" INTEGER;

-- AlterTable
ALTER TABLE "EntityVersion" ADD COLUMN "kind" TEXT;
ALTER TABLE "EntityVersion" ADD COLUMN "membersChangedIn" INTEGER;

-- CreateTable
CREATE TABLE "AlbumMember" (
    "albumId" INTEGER NOT NULL,
    "entityId" INTEGER NOT NULL,
    "position" TEXT NOT NULL,
    "transactionId" INTEGER NOT NULL,
    "untilTransactionId" INTEGER NOT NULL DEFAULT 2147483647,

    PRIMARY KEY ("albumId", "entityId", "transactionId"),
    CONSTRAINT "AlbumMember_albumId_fkey" FOREIGN KEY ("albumId") REFERENCES "Entity" ("id") ON DELETE CASCADE ON UPDATE RESTRICT,
    CONSTRAINT "AlbumMember_entityId_fkey" FOREIGN KEY ("entityId") REFERENCES "Entity" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateIndex
CREATE INDEX "AlbumMember_albumId_untilTransactionId_position_entityId_idx" ON "AlbumMember"("albumId", "untilTransactionId", "position", "entityId");

-- CreateIndex
CREATE INDEX "AlbumMember_entityId_untilTransactionId_idx" ON "AlbumMember"("entityId", "untilTransactionId");

-- The guard with all columns
DROP TRIGGER "EntityVersion_stays";
CREATE TRIGGER "EntityVersion_stays" BEFORE UPDATE OF
  "entityId",
  "version",
  "operation",
  "transactionId",
  "isCollection",
  "kind",
  "membersChangedIn",
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

-- Members change only with a new version of their album; what has ended stays until the versions that had it are gone.
CREATE TRIGGER "Entity_kind_stays" BEFORE UPDATE OF "kind" ON "Entity"
WHEN NEW."kind" IS NOT OLD."kind"
BEGIN
  SELECT RAISE(ABORT, 'an entity keeps its id, its kind and the time it was added');
END;

CREATE TRIGGER "AlbumMember_insert_is_recorded" BEFORE INSERT ON "AlbumMember"
WHEN NEW."untilTransactionId" <> 2147483647
  OR NEW."transactionId" IS NOT (SELECT "transactionId" FROM "OpenTransaction")
  OR NOT EXISTS (
    SELECT 1 FROM "Entity" a WHERE a."id" = NEW."albumId" AND a."kind" = 'ALBUM' AND a."transactionId" = NEW."transactionId")
BEGIN
  SELECT RAISE(ABORT, 'members are added to an album only with its next version, inside a recorded transaction');
END;

CREATE TRIGGER "AlbumMember_end_is_recorded" BEFORE UPDATE ON "AlbumMember"
WHEN NEW."albumId" <> OLD."albumId" OR NEW."entityId" <> OLD."entityId" OR NEW."position" <> OLD."position"
  OR NEW."transactionId" <> OLD."transactionId" OR OLD."untilTransactionId" <> 2147483647
  OR NEW."untilTransactionId" IS NOT (SELECT "transactionId" FROM "OpenTransaction")
  OR NOT EXISTS (
    SELECT 1 FROM "Entity" a WHERE a."id" = NEW."albumId" AND a."transactionId" = NEW."untilTransactionId")
BEGIN
  SELECT RAISE(ABORT, 'a place in an album ends once, with the album''s next version');
END;

CREATE TRIGGER "AlbumMember_delete_is_recorded" BEFORE DELETE ON "AlbumMember"
WHEN NOT EXISTS (SELECT 1 FROM "OpenTransaction")
  OR (OLD."untilTransactionId" = 2147483647
    AND EXISTS (SELECT 1 FROM "Entity" WHERE "id" = OLD."albumId")
    AND EXISTS (SELECT 1 FROM "Entity" WHERE "id" = OLD."entityId"))
BEGIN
  SELECT RAISE(ABORT, 'places in an album are destroyed only with the album, the member or the versions that had them');
END;
