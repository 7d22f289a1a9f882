import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // Vite would take the package's `module` build where Node takes its `main`: two copies of graphql-js
    // in one process, whose types do not know each other.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }],
  },
  test: {
    // A busy machine must not turn a test red that waits for something to come.
    expect: { poll: { timeout: 10_000 } },
    include: ["tests/**/*.test.ts"],
    // A test starts real servers and real exiftool processes; the limit only ends what hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Two files at once keep two cores busy; more would only fight over exiftool.
    maxWorkers: 2,
  },
});
