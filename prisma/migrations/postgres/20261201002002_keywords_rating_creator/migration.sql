-- Keywords, rating, alternative text, creator and rights of an entity; what people set and what the file says are kept apart.

-- AlterTable
ALTER TABLE "Entity" ADD COLUMN     "altText" TEXT COLLATE "C",
ADD COLUMN     "altTextFolded" TEXT COLLATE "C",
ADD COLUMN     "copyright" TEXT COLLATE "C",
ADD COLUMN     "copyrightFolded" TEXT COLLATE "C",
ADD COLUMN     "creator" TEXT COLLATE "C",
ADD COLUMN     "creatorFolded" TEXT COLLATE "C",
ADD COLUMN     "fileValues" TEXT COLLATE "C",
ADD COLUMN     "keywordsFolded" TEXT COLLATE "C",
ADD COLUMN     "rating" INTEGER;

-- AlterTable
ALTER TABLE "EntityVersion" ADD COLUMN     "altText" TEXT COLLATE "C",
ADD COLUMN     "altTextFolded" TEXT COLLATE "C",
ADD COLUMN     "copyright" TEXT COLLATE "C",
ADD COLUMN     "copyrightFolded" TEXT COLLATE "C",
ADD COLUMN     "creator" TEXT COLLATE "C",
ADD COLUMN     "creatorFolded" TEXT COLLATE "C",
ADD COLUMN     "fileValues" TEXT COLLATE "C",
ADD COLUMN     "keywordsFolded" TEXT COLLATE "C",
ADD COLUMN     "rating" INTEGER;

-- CreateTable
CREATE TABLE "EntityKeyword" (
    "folded" TEXT COLLATE "C" NOT NULL,
    "entityId" INTEGER NOT NULL,
    "isDeleted" BOOLEAN NOT NULL,
    "keyword" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "EntityKeyword_pkey" PRIMARY KEY ("folded","entityId")
);

-- CreateIndex
CREATE INDEX "EntityKeyword_entityId_idx" ON "EntityKeyword"("entityId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_rating_id_parentId_idx" ON "Entity"("isDeleted", "rating", "id", "parentId");

-- AddForeignKey
ALTER TABLE "EntityKeyword" ADD CONSTRAINT "EntityKeyword_entityId_fkey" FOREIGN KEY ("entityId") REFERENCES "Entity"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- Facets -----------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION colan_tallied(e "Entity") RETURNS TABLE ("field" text, "value" text) LANGUAGE sql IMMUTABLE AS $$
  SELECT t.* FROM (VALUES
    ('type', e."type"), ('mimeType', e."mimeType"), ('extension', e."extension"), ('cameraModel', e."cameraModel"),
    ('parentId', e."parentId"::text), ('rating', e."rating"::text), ('creator', e."creator"),
    ('year', left(e."capturedLocal", 4)), ('month', left(e."capturedLocal", 7)), ('day', left(e."capturedLocal", 10))
  ) t("field", "value") WHERE t."value" IS NOT NULL
$$;

CREATE FUNCTION colan_count_keywords() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "Tally" AS t ("isDeleted", "field", "value", "count")
  SELECT r."isDeleted", 'keyword', r."folded" || chr(10) || r."keyword", COUNT(*)
  FROM added r GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT ("isDeleted", "field", "value") DO UPDATE SET "count" = t."count" + excluded."count";
  RETURN NULL;
END $$;
CREATE TRIGGER "EntityKeyword_insert_counts" AFTER INSERT ON "EntityKeyword" REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION colan_count_keywords();

CREATE FUNCTION colan_uncount_keywords() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "Tally" t SET "count" = t."count" - d."change"
  FROM (
    SELECT r."isDeleted", r."folded" || chr(10) || r."keyword" AS "value", COUNT(*) AS "change"
    FROM removed r GROUP BY 1, 2
  ) d WHERE t."isDeleted" = d."isDeleted" AND t."field" = 'keyword' AND t."value" = d."value";
  DELETE FROM "Tally" WHERE "count" <= 0;
  RETURN NULL;
END $$;
CREATE TRIGGER "EntityKeyword_delete_counts" AFTER DELETE ON "EntityKeyword" REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION colan_uncount_keywords();
