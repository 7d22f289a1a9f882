-- CreateTable
CREATE TABLE "Picture" (
    "originalId" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "source" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "isAnimated" BOOLEAN NOT NULL,
    "duration" REAL,
    "placeholder" TEXT,
    "dominantColour" TEXT,
    CONSTRAINT "Picture_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "Preparation" (
    "originalId" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    CONSTRAINT "Preparation_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "DerivativeFailure" (
    "originalId" INTEGER NOT NULL,
    "derivative" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "failedAt" DATETIME NOT NULL,

    PRIMARY KEY ("originalId", "derivative"),
    CONSTRAINT "DerivativeFailure_originalId_fkey" FOREIGN KEY ("originalId") REFERENCES "Original" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- Originals stored by an earlier version have never been looked at.
INSERT INTO "Preparation" ("originalId") SELECT "id" FROM "Original";
