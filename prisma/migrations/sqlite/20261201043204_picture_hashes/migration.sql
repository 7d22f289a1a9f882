-- AlterTable
ALTER TABLE "Picture" ADD COLUMN "hashHigh" INTEGER;
ALTER TABLE "Picture" ADD COLUMN "hashLow" INTEGER;

-- CreateIndex
CREATE INDEX "Picture_hashHigh_hashLow_originalId_idx" ON "Picture"("hashHigh", "hashLow", "originalId");

-- What earlier programs have looked at is looked at again, at rest.
INSERT INTO "Preparation" ("originalId") SELECT "originalId" FROM "Picture" WHERE TRUE ON CONFLICT DO NOTHING;
