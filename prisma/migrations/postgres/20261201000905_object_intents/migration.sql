-- Objects that a server is storing in a bucket and that have no row yet.

-- CreateTable
CREATE TABLE "ObjectIntent" (
    "id" TEXT COLLATE "C" NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "holder" TEXT COLLATE "C" NOT NULL,
    "beat" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "ObjectIntent_pkey" PRIMARY KEY ("id")
);
