-- A transaction can take back the changes of an earlier one.

-- AlterTable
ALTER TABLE "Transaction" ADD COLUMN "undoOfId" INTEGER
  REFERENCES "Transaction" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- CreateIndex
CREATE INDEX "Transaction_undoOfId_idx" ON "Transaction"("undoOfId");

DROP TRIGGER "Transaction_is_written_once";
CREATE TRIGGER "Transaction_is_written_once" BEFORE UPDATE ON "Transaction"
WHEN OLD."id" IS NOT (SELECT "transactionId" FROM "OpenTransaction")
  OR NEW."id" <> OLD."id" OR NEW."at" <> OLD."at" OR NEW."operation" <> OLD."operation"
  OR NEW."actor" IS NOT OLD."actor" OR NEW."reason" IS NOT OLD."reason" OR NEW."undoOfId" IS NOT OLD."undoOfId"
BEGIN
  SELECT RAISE(ABORT, 'a transaction never changes: who did what, when and why stays as it was written');
END;

-- Two entities that exchange their files meet "Entity_md5_key" half-way, since SQLite looks at unique keys row by
-- row; so a version may be written in two steps, as long as its snapshot has not been taken.
DROP TRIGGER "Entity_update_is_recorded";
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
