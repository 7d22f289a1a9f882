import { defineConfig } from "prisma/config";

// Prisma's commands look for a schema engine to download, `generate` included, though it never runs one.
// Any executable satisfies them, and set-up then needs nothing but the npm registry.
process.env["PRISMA_SCHEMA_ENGINE_BINARY"] ??= process.execPath;

export default defineConfig({ schema: "prisma/schema.prisma" });
