-- What makes facets, timelines, places and deep trees cheap.

-- CreateTable
CREATE TABLE "Tally" (
    "isDeleted" BOOLEAN NOT NULL,
    "field" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    PRIMARY KEY ("isDeleted", "field", "value")
) WITHOUT ROWID;

-- CreateIndex
CREATE INDEX "Entity_isDeleted_capturedLocal_id_type_idx" ON "Entity"("isDeleted", "capturedLocal", "id", "type");

-- Prisma's schema can say neither an expression nor a condition.
-- What facets count, in an order in which equal rows stand together: one pass groups them without sorting. The last
-- three are for filters, so that no row of the table is read.
CREATE INDEX "Entity_facets" ON "Entity"(
  "isDeleted", "type", "mimeType", "extension", "cameraModel", substr("capturedLocal", 1, 7),
  "parentId", "isCollection", "cameraModelFolded"
);

-- The tree alone, without the many files in it.
CREATE INDEX "Entity_collections" ON "Entity"("parentId") WHERE "isCollection";

-- Tallies ----------------------------------------------------------------------------------------
-- How many entities on either side of the trash have a value; null is none, and a row at 0 goes.

INSERT INTO "Tally" ("isDeleted", "field", "value", "count")
WITH "values" ("isDeleted", "field", "value") AS (
  SELECT "isDeleted", 'type', "type" FROM "Entity"
  UNION ALL SELECT "isDeleted", 'mimeType', "mimeType" FROM "Entity"
  UNION ALL SELECT "isDeleted", 'extension', "extension" FROM "Entity"
  UNION ALL SELECT "isDeleted", 'cameraModel', "cameraModel" FROM "Entity"
  UNION ALL SELECT "isDeleted", 'parentId', CAST("parentId" AS TEXT) FROM "Entity"
  UNION ALL SELECT "isDeleted", 'year', substr("capturedLocal", 1, 4) FROM "Entity"
  UNION ALL SELECT "isDeleted", 'month', substr("capturedLocal", 1, 7) FROM "Entity"
  UNION ALL SELECT "isDeleted", 'day', substr("capturedLocal", 1, 10) FROM "Entity"
)
SELECT "isDeleted", "field", "value", COUNT(*) FROM "values" WHERE "value" IS NOT NULL GROUP BY 1, 2, 3;

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
    UNION ALL SELECT 'year', substr(NEW."capturedLocal", 1, 4)
    UNION ALL SELECT 'month', substr(NEW."capturedLocal", 1, 7)
    UNION ALL SELECT 'day', substr(NEW."capturedLocal", 1, 10))
  WHERE "value" IS NOT NULL
  ON CONFLICT DO UPDATE SET "count" = "count" + 1;
END;

CREATE TRIGGER "Entity_delete_is_tallied" AFTER DELETE ON "Entity"
BEGIN
  UPDATE "Tally" SET "count" = "count" - 1
  WHERE "isDeleted" = OLD."isDeleted" AND ("field", "value") IN (
    SELECT 'type' AS "field", OLD."type" AS "value"
    UNION ALL SELECT 'mimeType', OLD."mimeType"
    UNION ALL SELECT 'extension', OLD."extension"
    UNION ALL SELECT 'cameraModel', OLD."cameraModel"
    UNION ALL SELECT 'parentId', CAST(OLD."parentId" AS TEXT)
    UNION ALL SELECT 'year', substr(OLD."capturedLocal", 1, 4)
    UNION ALL SELECT 'month', substr(OLD."capturedLocal", 1, 7)
    UNION ALL SELECT 'day', substr(OLD."capturedLocal", 1, 10));
END;

-- Only for what has changed: a new label moves nothing.
CREATE TRIGGER "Entity_update_is_tallied"
AFTER UPDATE OF "isDeleted", "type", "mimeType", "extension", "cameraModel", "parentId", "capturedLocal" ON "Entity"
WHEN NEW."isDeleted" <> OLD."isDeleted" OR NEW."type" IS NOT OLD."type" OR NEW."mimeType" IS NOT OLD."mimeType"
  OR NEW."extension" IS NOT OLD."extension" OR NEW."cameraModel" IS NOT OLD."cameraModel"
  OR NEW."parentId" IS NOT OLD."parentId" OR NEW."capturedLocal" IS NOT OLD."capturedLocal"
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
    UNION ALL SELECT 'year', substr(OLD."capturedLocal", 1, 4), substr(NEW."capturedLocal", 1, 4)
    UNION ALL SELECT 'month', substr(OLD."capturedLocal", 1, 7), substr(NEW."capturedLocal", 1, 7)
    UNION ALL SELECT 'day', substr(OLD."capturedLocal", 1, 10), substr(NEW."capturedLocal", 1, 10))
  WHERE "new" IS NOT NULL AND ("old" IS NOT "new" OR NEW."isDeleted" <> OLD."isDeleted")
  ON CONFLICT DO UPDATE SET "count" = "count" + 1;
END;

CREATE TRIGGER "Tally_ends_at_nothing" AFTER UPDATE OF "count" ON "Tally" WHEN NEW."count" <= 0
BEGIN
  DELETE FROM "Tally" WHERE "isDeleted" = NEW."isDeleted" AND "field" = NEW."field" AND "value" = NEW."value";
END;

-- Places -----------------------------------------------------------------------------------------
-- https://sqlite.org/rtree.html: points as boxes of 32-bit floats, rounded outwards. Whoever asks compares exactly after it.

CREATE VIRTUAL TABLE "Entity_place" USING rtree("id", "south", "north", "west", "east");

INSERT INTO "Entity_place" ("id", "south", "north", "west", "east")
SELECT "id", "latitude", "latitude", "longitude", "longitude" FROM "Entity"
WHERE "latitude" IS NOT NULL AND "longitude" IS NOT NULL;

CREATE TRIGGER "Entity_insert_is_placed" AFTER INSERT ON "Entity"
WHEN NEW."latitude" IS NOT NULL AND NEW."longitude" IS NOT NULL
BEGIN
  INSERT INTO "Entity_place" ("id", "south", "north", "west", "east")
  VALUES (NEW."id", NEW."latitude", NEW."latitude", NEW."longitude", NEW."longitude");
END;

CREATE TRIGGER "Entity_update_is_placed" AFTER UPDATE OF "latitude", "longitude" ON "Entity"
WHEN NEW."latitude" IS NOT OLD."latitude" OR NEW."longitude" IS NOT OLD."longitude"
BEGIN
  DELETE FROM "Entity_place" WHERE "id" = OLD."id";
  INSERT INTO "Entity_place" ("id", "south", "north", "west", "east")
  SELECT NEW."id", NEW."latitude", NEW."latitude", NEW."longitude", NEW."longitude"
  WHERE NEW."latitude" IS NOT NULL AND NEW."longitude" IS NOT NULL;
END;

CREATE TRIGGER "Entity_delete_is_displaced" AFTER DELETE ON "Entity"
WHEN OLD."latitude" IS NOT NULL AND OLD."longitude" IS NOT NULL
BEGIN
  DELETE FROM "Entity_place" WHERE "id" = OLD."id";
END;
