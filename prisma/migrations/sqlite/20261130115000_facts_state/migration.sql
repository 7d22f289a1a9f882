-- Facts that were not read because of the moment are pending, and read again.

-- AlterTable
ALTER TABLE "Entity" ADD COLUMN "factsState" TEXT NOT NULL DEFAULT 'READ';
ALTER TABLE "EntityVersion" ADD COLUMN "factsState" TEXT NOT NULL DEFAULT 'READ';
ALTER TABLE "Preparation" ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Preparation" ADD COLUMN "nextAt" DATETIME;
ALTER TABLE "DerivativeFailure" ADD COLUMN "attempts" INTEGER;

-- CreateTable
CREATE TABLE "FactsReading" (
    "originalId" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAt" DATETIME,
    CONSTRAINT "FactsReading_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateIndex
CREATE INDEX "FactsReading_nextAt_idx" ON "FactsReading"("nextAt");

-- Earlier versions of this program kept it as the file's fault that exiftool gave no answer, and that a picture came
-- late. The guards step aside, so that the rows say what was true then: it was not read yet.
DROP TRIGGER "Entity_update_is_recorded";
DROP TRIGGER "EntityVersion_stays";

UPDATE "Entity" SET "factsState" = 'PENDING' WHERE "problems" LIKE '%"METADATA_FAILED"%';
UPDATE "EntityVersion" SET "factsState" = 'PENDING' WHERE "problems" LIKE '%"METADATA_FAILED"%';
INSERT INTO "FactsReading" ("originalId", "nextAt")
SELECT DISTINCT "originalId", 0 FROM "Entity" WHERE "factsState" = 'PENDING' AND "originalId" IS NOT NULL;
INSERT OR IGNORE INTO "Preparation" ("originalId")
SELECT DISTINCT "originalId" FROM "DerivativeFailure" WHERE "code" = 'TIMED_OUT';
DELETE FROM "DerivativeFailure" WHERE "code" = 'TIMED_OUT';

CREATE TRIGGER "Entity_update_is_recorded" BEFORE UPDATE ON "Entity"
WHEN NEW."transactionId" IS NOT (SELECT "transactionId" FROM "OpenTransaction")
  OR (
    NEW."version" <> OLD."version" + 1
    AND (
      NEW."version" <> OLD."version"
      OR NEW."transactionId" <> OLD."transactionId"
      OR EXISTS (SELECT 1 FROM "EntityVersion" WHERE "entityId" = OLD."id" AND "version" = OLD."version")
    )
  )
BEGIN
  SELECT RAISE(ABORT, 'entities are versioned: rows change only inside a recorded transaction that writes their next version, by the API or the colan command');
END;

CREATE TRIGGER "EntityVersion_stays" BEFORE UPDATE OF
  "entityId", "version", "operation", "transactionId", "isCollection", "label", "description", "parentId",
  "isDeleted", "deletedAt", "deletedIn", "addedAt", "updatedAt", "originalId", "type", "mimeType", "extension",
  "originalName", "fileSize", "width", "height", "duration", "md5", "sha256", "filePath", "capturedAt",
  "capturedLocal", "capturedOffset", "capturedSource", "capturedIsInferred", "latitude", "longitude", "altitude",
  "cameraMake", "cameraModel", "cameraLens", "iso", "aperture", "exposureTime", "focalLength", "keywords",
  "problems", "factsState", "labelFolded", "descriptionFolded", "originalNameFolded", "cameraMakeFolded", "cameraModelFolded"
ON "EntityVersion"
BEGIN
  SELECT RAISE(ABORT, 'a version never changes');
END;

-- What is to be read again is noted where the state changes, so that no code can forget it. FAILED is never read by itself.
CREATE TRIGGER "Entity_insert_is_unread" AFTER INSERT ON "Entity"
WHEN NEW."factsState" <> 'READ' AND NEW."originalId" IS NOT NULL
BEGIN
  INSERT INTO "FactsReading" ("originalId", "nextAt")
  VALUES (NEW."originalId", CASE NEW."factsState" WHEN 'PENDING' THEN 0 END)
  ON CONFLICT ("originalId") DO UPDATE SET "attempts" = 0, "nextAt" = excluded."nextAt";
END;

CREATE TRIGGER "Entity_update_is_unread" AFTER UPDATE OF "factsState", "originalId" ON "Entity"
WHEN NEW."factsState" <> 'READ' AND NEW."originalId" IS NOT NULL
  AND (NEW."factsState" <> OLD."factsState" OR NEW."originalId" IS NOT OLD."originalId")
BEGIN
  INSERT INTO "FactsReading" ("originalId", "nextAt")
  VALUES (NEW."originalId", CASE NEW."factsState" WHEN 'PENDING' THEN 0 END)
  ON CONFLICT ("originalId") DO UPDATE SET "attempts" = 0, "nextAt" = excluded."nextAt";
END;
