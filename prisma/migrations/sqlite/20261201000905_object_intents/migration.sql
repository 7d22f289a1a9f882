-- Objects that a server is storing in a bucket and that have no row yet.

-- CreateTable
CREATE TABLE "ObjectIntent" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "key" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "beat" INTEGER NOT NULL DEFAULT 0
);
