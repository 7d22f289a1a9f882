import { defineConfig } from "vitest/config";
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: "/work/main/node_modules/graphql/index.js" }] },
  test: { include: ["tests/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 30_000, maxWorkers: 2 },
});
