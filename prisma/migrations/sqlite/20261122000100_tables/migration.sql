-- CreateTable
CREATE TABLE "Entity" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "transactionId" INTEGER NOT NULL DEFAULT 0,
    "isCollection" BOOLEAN NOT NULL DEFAULT false,
    "label" TEXT,
    "description" TEXT,
    "parentId" INTEGER,
    "isDeleted" BOOLEAN NOT NULL DEFAULT false,
    "deletedAt" DATETIME,
    "deletedIn" INTEGER,
    "addedAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "originalId" INTEGER,
    "type" TEXT,
    "mimeType" TEXT,
    "extension" TEXT,
    "originalName" TEXT,
    "fileSize" BIGINT,
    "width" INTEGER,
    "height" INTEGER,
    "duration" REAL,
    "md5" TEXT,
    "sha256" TEXT,
    "filePath" TEXT,
    "capturedAt" DATETIME,
    "capturedLocal" TEXT,
    "capturedOffset" TEXT,
    "capturedSource" TEXT,
    "capturedIsInferred" BOOLEAN,
    "latitude" REAL,
    "longitude" REAL,
    "altitude" REAL,
    "cameraMake" TEXT,
    "cameraModel" TEXT,
    "cameraLens" TEXT,
    "iso" INTEGER,
    "aperture" REAL,
    "exposureTime" TEXT,
    "focalLength" REAL,
    "keywords" TEXT,
    "problems" TEXT,
    "labelFolded" TEXT,
    "descriptionFolded" TEXT,
    "originalNameFolded" TEXT,
    "cameraMakeFolded" TEXT,
    "cameraModelFolded" TEXT,
    CONSTRAINT "Entity_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Entity" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION,
    CONSTRAINT "Entity_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "EntityVersion" (
    "entityId" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "operation" TEXT NOT NULL,
    "transactionId" INTEGER NOT NULL,
    "untilTransactionId" INTEGER,
    "isCollection" BOOLEAN NOT NULL,
    "label" TEXT,
    "description" TEXT,
    "parentId" INTEGER,
    "isDeleted" BOOLEAN NOT NULL,
    "deletedAt" DATETIME,
    "deletedIn" INTEGER,
    "addedAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL,
    "originalId" INTEGER,
    "type" TEXT,
    "mimeType" TEXT,
    "extension" TEXT,
    "originalName" TEXT,
    "fileSize" BIGINT,
    "width" INTEGER,
    "height" INTEGER,
    "duration" REAL,
    "md5" TEXT,
    "sha256" TEXT,
    "filePath" TEXT,
    "capturedAt" DATETIME,
    "capturedLocal" TEXT,
    "capturedOffset" TEXT,
    "capturedSource" TEXT,
    "capturedIsInferred" BOOLEAN,
    "latitude" REAL,
    "longitude" REAL,
    "altitude" REAL,
    "cameraMake" TEXT,
    "cameraModel" TEXT,
    "cameraLens" TEXT,
    "iso" INTEGER,
    "aperture" REAL,
    "exposureTime" TEXT,
    "focalLength" REAL,
    "keywords" TEXT,
    "problems" TEXT,
    "labelFolded" TEXT,
    "descriptionFolded" TEXT,
    "originalNameFolded" TEXT,
    "cameraMakeFolded" TEXT,
    "cameraModelFolded" TEXT,

    PRIMARY KEY ("entityId", "version"),
    CONSTRAINT "EntityVersion_transactionId_fkey" FOREIGN KEY ("transactionId") REFERENCES "Transaction" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT,
    CONSTRAINT "EntityVersion_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "Transaction" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" DATETIME NOT NULL,
    "actor" TEXT,
    "reason" TEXT,
    "operation" TEXT NOT NULL,
    "entityCount" INTEGER NOT NULL DEFAULT 0
);

-- CreateTable
CREATE TABLE "OpenTransaction" (
    "singleton" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT DEFAULT 1,
    "transactionId" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "Tombstone" (
    "entityId" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "version" INTEGER NOT NULL,
    "transactionId" INTEGER NOT NULL,
    "isCollection" BOOLEAN NOT NULL,
    "addedAt" DATETIME NOT NULL,
    "md5" TEXT,
    CONSTRAINT "Tombstone_transactionId_fkey" FOREIGN KEY ("transactionId") REFERENCES "Transaction" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "Original" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "md5" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "fileSize" BIGINT NOT NULL,
    "mimeType" TEXT NOT NULL,
    "extension" TEXT NOT NULL,
    "filePath" TEXT NOT NULL,
    "storedAt" DATETIME NOT NULL,
    "metadata" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "FileRemoval" (
    "filePath" TEXT NOT NULL PRIMARY KEY
);

-- CreateTable
CREATE TABLE "Counter" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "value" BIGINT NOT NULL
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
CREATE INDEX "Entity_isDeleted_addedAt_id_idx" ON "Entity"("isDeleted", "addedAt", "id");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_updatedAt_id_idx" ON "Entity"("isDeleted", "updatedAt", "id");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_capturedAt_id_idx" ON "Entity"("isDeleted", "capturedAt", "id");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_fileSize_id_idx" ON "Entity"("isDeleted", "fileSize", "id");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_labelFolded_id_idx" ON "Entity"("isDeleted", "labelFolded", "id");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_originalNameFolded_id_idx" ON "Entity"("isDeleted", "originalNameFolded", "id");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_duration_id_idx" ON "Entity"("isDeleted", "duration", "id");

-- CreateIndex
CREATE INDEX "Entity_isDeleted_type_addedAt_id_idx" ON "Entity"("isDeleted", "type", "addedAt", "id");

-- CreateIndex
CREATE INDEX "EntityVersion_transactionId_entityId_idx" ON "EntityVersion"("transactionId", "entityId");

-- CreateIndex
CREATE INDEX "EntityVersion_originalId_idx" ON "EntityVersion"("originalId");

-- CreateIndex
CREATE INDEX "Transaction_at_idx" ON "Transaction"("at");

-- CreateIndex
CREATE INDEX "Transaction_actor_id_idx" ON "Transaction"("actor", "id");

-- CreateIndex
CREATE INDEX "Tombstone_transactionId_idx" ON "Tombstone"("transactionId");

-- CreateIndex
CREATE UNIQUE INDEX "Original_md5_key" ON "Original"("md5");

-- CreateIndex
CREATE UNIQUE INDEX "Original_filePath_key" ON "Original"("filePath");
