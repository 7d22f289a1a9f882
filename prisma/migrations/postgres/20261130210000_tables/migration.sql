-- The tables of prisma/schema.prisma as PostgreSQL has them. Strings are in the order of code points whatever the database's
-- locale, as on SQLite. An index entry may have 2,704 bytes: of names it has the first 200 letters.

-- CreateTable
CREATE TABLE "Entity" (
    "id" SERIAL NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "transactionId" INTEGER NOT NULL DEFAULT 0,
    "isCollection" BOOLEAN NOT NULL DEFAULT false,
    "label" TEXT COLLATE "C",
    "description" TEXT COLLATE "C",
    "parentId" INTEGER,
    "isDeleted" BOOLEAN NOT NULL DEFAULT false,
    "deletedAt" TIMESTAMPTZ(3),
    "deletedIn" INTEGER,
    "addedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "originalId" INTEGER,
    "type" TEXT COLLATE "C",
    "mimeType" TEXT COLLATE "C",
    "extension" TEXT COLLATE "C",
    "originalName" TEXT COLLATE "C",
    "fileSize" BIGINT,
    "width" INTEGER,
    "height" INTEGER,
    "duration" DOUBLE PRECISION,
    "md5" TEXT COLLATE "C",
    "sha256" TEXT COLLATE "C",
    "filePath" TEXT COLLATE "C",
    "capturedAt" TIMESTAMPTZ(3),
    "capturedLocal" TEXT COLLATE "C",
    "capturedOffset" TEXT COLLATE "C",
    "capturedSource" TEXT COLLATE "C",
    "capturedIsInferred" BOOLEAN,
    "latitude" DOUBLE PRECISION,
    "longitude" DOUBLE PRECISION,
    "altitude" DOUBLE PRECISION,
    "cameraMake" TEXT COLLATE "C",
    "cameraModel" TEXT COLLATE "C",
    "cameraLens" TEXT COLLATE "C",
    "iso" INTEGER,
    "aperture" DOUBLE PRECISION,
    "exposureTime" TEXT COLLATE "C",
    "focalLength" DOUBLE PRECISION,
    "keywords" TEXT COLLATE "C",
    "problems" TEXT COLLATE "C",
    "factsState" TEXT COLLATE "C" NOT NULL DEFAULT 'READ',
    "labelFolded" TEXT COLLATE "C",
    "descriptionFolded" TEXT COLLATE "C",
    "originalNameFolded" TEXT COLLATE "C",
    "cameraMakeFolded" TEXT COLLATE "C",
    "cameraModelFolded" TEXT COLLATE "C",

    CONSTRAINT "Entity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EntityVersion" (
    "entityId" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "operation" TEXT COLLATE "C" NOT NULL,
    "transactionId" INTEGER NOT NULL,
    "untilTransactionId" INTEGER,
    "isCollection" BOOLEAN NOT NULL,
    "label" TEXT COLLATE "C",
    "description" TEXT COLLATE "C",
    "parentId" INTEGER,
    "isDeleted" BOOLEAN NOT NULL,
    "deletedAt" TIMESTAMPTZ(3),
    "deletedIn" INTEGER,
    "addedAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "originalId" INTEGER,
    "type" TEXT COLLATE "C",
    "mimeType" TEXT COLLATE "C",
    "extension" TEXT COLLATE "C",
    "originalName" TEXT COLLATE "C",
    "fileSize" BIGINT,
    "width" INTEGER,
    "height" INTEGER,
    "duration" DOUBLE PRECISION,
    "md5" TEXT COLLATE "C",
    "sha256" TEXT COLLATE "C",
    "filePath" TEXT COLLATE "C",
    "capturedAt" TIMESTAMPTZ(3),
    "capturedLocal" TEXT COLLATE "C",
    "capturedOffset" TEXT COLLATE "C",
    "capturedSource" TEXT COLLATE "C",
    "capturedIsInferred" BOOLEAN,
    "latitude" DOUBLE PRECISION,
    "longitude" DOUBLE PRECISION,
    "altitude" DOUBLE PRECISION,
    "cameraMake" TEXT COLLATE "C",
    "cameraModel" TEXT COLLATE "C",
    "cameraLens" TEXT COLLATE "C",
    "iso" INTEGER,
    "aperture" DOUBLE PRECISION,
    "exposureTime" TEXT COLLATE "C",
    "focalLength" DOUBLE PRECISION,
    "keywords" TEXT COLLATE "C",
    "problems" TEXT COLLATE "C",
    "factsState" TEXT COLLATE "C" NOT NULL DEFAULT 'READ',
    "labelFolded" TEXT COLLATE "C",
    "descriptionFolded" TEXT COLLATE "C",
    "originalNameFolded" TEXT COLLATE "C",
    "cameraMakeFolded" TEXT COLLATE "C",
    "cameraModelFolded" TEXT COLLATE "C",

    CONSTRAINT "EntityVersion_pkey" PRIMARY KEY ("entityId","version")
);

-- CreateTable
CREATE TABLE "Transaction" (
    "id" SERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT COLLATE "C",
    "reason" TEXT COLLATE "C",
    "operation" TEXT COLLATE "C" NOT NULL,
    "entityCount" INTEGER NOT NULL DEFAULT 0,
    "undoOfId" INTEGER,

    CONSTRAINT "Transaction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OpenTransaction" (
    "singleton" INTEGER NOT NULL DEFAULT 1,
    "transactionId" INTEGER NOT NULL,

    CONSTRAINT "OpenTransaction_pkey" PRIMARY KEY ("singleton")
);

-- CreateTable
CREATE TABLE "Tombstone" (
    "entityId" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "transactionId" INTEGER NOT NULL,
    "isCollection" BOOLEAN NOT NULL,
    "addedAt" TIMESTAMPTZ(3) NOT NULL,
    "md5" TEXT COLLATE "C",

    CONSTRAINT "Tombstone_pkey" PRIMARY KEY ("entityId")
);

-- CreateTable
CREATE TABLE "Original" (
    "id" SERIAL NOT NULL,
    "md5" TEXT COLLATE "C" NOT NULL,
    "sha256" TEXT COLLATE "C" NOT NULL,
    "fileSize" BIGINT NOT NULL,
    "mimeType" TEXT COLLATE "C" NOT NULL,
    "extension" TEXT COLLATE "C" NOT NULL,
    "filePath" TEXT COLLATE "C" NOT NULL,
    "storedAt" TIMESTAMPTZ(3) NOT NULL,
    "metadata" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "Original_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Picture" (
    "originalId" INTEGER NOT NULL,
    "source" TEXT COLLATE "C" NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "isAnimated" BOOLEAN NOT NULL,
    "duration" DOUBLE PRECISION,
    "placeholder" TEXT COLLATE "C",
    "dominantColour" TEXT COLLATE "C",

    CONSTRAINT "Picture_pkey" PRIMARY KEY ("originalId")
);

-- CreateTable
CREATE TABLE "FactsReading" (
    "originalId" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAt" TIMESTAMPTZ(3),

    CONSTRAINT "FactsReading_pkey" PRIMARY KEY ("originalId")
);

-- CreateTable
CREATE TABLE "Preparation" (
    "originalId" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAt" TIMESTAMPTZ(3),

    CONSTRAINT "Preparation_pkey" PRIMARY KEY ("originalId")
);

-- CreateTable
CREATE TABLE "DerivativeFailure" (
    "originalId" INTEGER NOT NULL,
    "derivative" TEXT COLLATE "C" NOT NULL,
    "code" TEXT COLLATE "C" NOT NULL,
    "message" TEXT COLLATE "C" NOT NULL,
    "failedAt" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER,

    CONSTRAINT "DerivativeFailure_pkey" PRIMARY KEY ("originalId","derivative")
);

-- CreateTable
CREATE TABLE "FileRemoval" (
    "filePath" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "FileRemoval_pkey" PRIMARY KEY ("filePath")
);

-- CreateTable
CREATE TABLE "Counter" (
    "name" TEXT COLLATE "C" NOT NULL,
    "value" BIGINT NOT NULL,

    CONSTRAINT "Counter_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Tally" (
    "isDeleted" BOOLEAN NOT NULL,
    "field" TEXT COLLATE "C" NOT NULL,
    "value" TEXT COLLATE "C" NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "Tally_pkey" PRIMARY KEY ("isDeleted","field","value")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "id" SERIAL NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "hash" TEXT COLLATE "C" NOT NULL,
    "permissions" TEXT COLLATE "C" NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Secret" (
    "name" TEXT COLLATE "C" NOT NULL,
    "value" BYTEA NOT NULL,

    CONSTRAINT "Secret_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Library" (
    "singleton" INTEGER NOT NULL DEFAULT 1,
    "id" TEXT COLLATE "C" NOT NULL,
    "isPaired" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Library_pkey" PRIMARY KEY ("singleton")
);

-- CreateIndex
CREATE UNIQUE INDEX "Entity_md5_key" ON "Entity"("md5");

-- CreateIndex
CREATE INDEX "Entity_transactionId_idx" ON "Entity"("transactionId");

-- CreateIndex
CREATE INDEX "Entity_originalId_idx" ON "Entity"("originalId");

-- CreateIndex
CREATE INDEX "Entity_parentId_isDeleted_addedAt_id_idx" ON "Entity"("parentId", "isDeleted", "addedAt", "id");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_addedAt_id_parentId_idx" ON "Entity"("isDeleted", "addedAt", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_updatedAt_id_parentId_idx" ON "Entity"("isDeleted", "updatedAt", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_capturedAt_id_parentId_idx" ON "Entity"("isDeleted", "capturedAt", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_deletedAt_id_parentId_idx" ON "Entity"("isDeleted", "deletedAt", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_fileSize_id_parentId_idx" ON "Entity"("isDeleted", "fileSize", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_width_id_parentId_idx" ON "Entity"("isDeleted", "width", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_height_id_parentId_idx" ON "Entity"("isDeleted", "height", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_type_id_parentId_idx" ON "Entity"("isDeleted", "type", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_labelFolded_id_parentId_idx" ON "Entity"("isDeleted", left("labelFolded", 200), "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_originalNameFolded_id_parentId_idx" ON "Entity"("isDeleted", left("originalNameFolded", 200), "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_duration_id_parentId_idx" ON "Entity"("isDeleted", "duration", "id", "parentId");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_type_addedAt_id_idx" ON "Entity"("isDeleted", "type", "addedAt", "id");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_capturedLocal_id_type_idx" ON "Entity"("isDeleted", "capturedLocal", "id", "type");

-- CreateIndex
CREATE INDEX "EntityVersion_transactionId_entityId_idx" ON "EntityVersion"("transactionId", "entityId");

-- CreateIndex
CREATE INDEX "EntityVersion_originalId_idx" ON "EntityVersion"("originalId");

-- CreateIndex
CREATE INDEX "EntityVersion_tree_idx" ON "EntityVersion"("parentId", "isDeleted", "addedAt", "entityId", "isCollection", "transactionId", "untilTransactionId");

-- CreateIndex
CREATE INDEX "EntityVersion_order_idx" ON "EntityVersion"("isDeleted", "addedAt", "entityId", "transactionId", "untilTransactionId");

-- CreateIndex
CREATE INDEX "Transaction_at_idx" ON "Transaction"("at");

-- CreateIndex
CREATE INDEX "Transaction_actor_id_idx" ON "Transaction"("actor", "id");

-- CreateIndex
CREATE INDEX "Transaction_undoOfId_idx" ON "Transaction"("undoOfId");

-- CreateIndex
CREATE INDEX "Tombstone_transactionId_idx" ON "Tombstone"("transactionId");

-- CreateIndex
CREATE UNIQUE INDEX "Original_md5_key" ON "Original"("md5");

-- CreateIndex
CREATE UNIQUE INDEX "Original_filePath_key" ON "Original"("filePath");

-- CreateIndex
CREATE INDEX "FactsReading_nextAt_idx" ON "FactsReading"("nextAt");

-- CreateIndex
CREATE UNIQUE INDEX "ApiKey_hash_key" ON "ApiKey"("hash");

-- AddForeignKey
ALTER TABLE "Entity" ADD CONSTRAINT "Entity_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Entity"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "Entity" ADD CONSTRAINT "Entity_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "EntityVersion" ADD CONSTRAINT "EntityVersion_transactionId_fkey" FOREIGN KEY ("transactionId") REFERENCES "Transaction"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "EntityVersion" ADD CONSTRAINT "EntityVersion_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "Transaction" ADD CONSTRAINT "Transaction_undoOfId_fkey" FOREIGN KEY ("undoOfId") REFERENCES "Transaction"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "Tombstone" ADD CONSTRAINT "Tombstone_transactionId_fkey" FOREIGN KEY ("transactionId") REFERENCES "Transaction"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "Picture" ADD CONSTRAINT "Picture_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "FactsReading" ADD CONSTRAINT "FactsReading_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "Preparation" ADD CONSTRAINT "Preparation_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "DerivativeFailure" ADD CONSTRAINT "DerivativeFailure_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original"("id") ON DELETE CASCADE ON UPDATE RESTRICT;
