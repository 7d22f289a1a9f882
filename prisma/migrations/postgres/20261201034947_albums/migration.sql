-- AlterTable
ALTER TABLE "Entity" ADD COLUMN     "kind" TEXT COLLATE "C",
ADD COLUMN     "membersChangedIn" INTEGER;

-- AlterTable
ALTER TABLE "EntityVersion" ADD COLUMN     "kind" TEXT COLLATE "C",
ADD COLUMN     "membersChangedIn" INTEGER;

-- CreateTable
CREATE TABLE "AlbumMember" (
    "albumId" INTEGER NOT NULL,
    "entityId" INTEGER NOT NULL,
    "position" TEXT COLLATE "C" NOT NULL,
    "transactionId" INTEGER NOT NULL,
    "untilTransactionId" INTEGER NOT NULL DEFAULT 2147483647,

    CONSTRAINT "AlbumMember_pkey" PRIMARY KEY ("albumId","entityId","transactionId")
);

-- CreateIndex
CREATE INDEX "AlbumMember_albumId_untilTransactionId_position_entityId_idx" ON "AlbumMember"("albumId", "untilTransactionId", "position", "entityId");

-- CreateIndex
CREATE INDEX "AlbumMember_entityId_untilTransactionId_idx" ON "AlbumMember"("entityId", "untilTransactionId");

-- AddForeignKey
ALTER TABLE "AlbumMember" ADD CONSTRAINT "AlbumMember_albumId_fkey" FOREIGN KEY ("albumId") REFERENCES "Entity"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "AlbumMember" ADD CONSTRAINT "AlbumMember_entityId_fkey" FOREIGN KEY ("entityId") REFERENCES "Entity"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- Members change only with a new version of their album; what has ended stays until the versions that had it are gone.
CREATE FUNCTION colan_guard_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."kind" IS DISTINCT FROM OLD."kind" THEN
    RAISE EXCEPTION 'an entity keeps its id, its kind and the time it was added' USING ERRCODE = 'CL001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "Entity_kind_stays" BEFORE UPDATE OF "kind" ON "Entity"
  FOR EACH ROW EXECUTE FUNCTION colan_guard_kind();

CREATE FUNCTION colan_guard_member() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tx integer := colan_open_transaction();
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW."untilTransactionId" <> 2147483647 OR NEW."transactionId" IS DISTINCT FROM tx OR NOT EXISTS (
      SELECT 1 FROM "Entity" a WHERE a."id" = NEW."albumId" AND a."kind" = 'ALBUM' AND a."transactionId" = tx) THEN
      RAISE EXCEPTION 'members are added to an album only with its next version, inside a recorded transaction' USING ERRCODE = 'CL001';
    END IF;
    RETURN NEW;
  ELSIF TG_OP = 'DELETE' THEN
    IF tx IS NULL OR (OLD."untilTransactionId" = 2147483647
      AND EXISTS (SELECT 1 FROM "Entity" WHERE "id" = OLD."albumId")
      AND EXISTS (SELECT 1 FROM "Entity" WHERE "id" = OLD."entityId")) THEN
      RAISE EXCEPTION 'places in an album are destroyed only with the album, the member or the versions that had them' USING ERRCODE = 'CL001';
    END IF;
    RETURN OLD;
  END IF;
  IF OLD."untilTransactionId" <> 2147483647 OR NEW."untilTransactionId" IS DISTINCT FROM tx OR NOT EXISTS (
    SELECT 1 FROM "Entity" a WHERE a."id" = NEW."albumId" AND a."transactionId" = tx) THEN
    RAISE EXCEPTION 'a place in an album ends once, with the album''s next version' USING ERRCODE = 'CL001';
  END IF;
  OLD."untilTransactionId" := NEW."untilTransactionId";
  IF NEW IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'a place in an album ends once, with the album''s next version' USING ERRCODE = 'CL001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "AlbumMember_is_guarded" BEFORE INSERT OR UPDATE OR DELETE ON "AlbumMember"
  FOR EACH ROW EXECUTE FUNCTION colan_guard_member();
CREATE TRIGGER "AlbumMember_is_not_emptied" BEFORE TRUNCATE ON "AlbumMember"
  EXECUTE FUNCTION colan_refuse('places in an album are destroyed only with the album, the member or the versions that had them');
