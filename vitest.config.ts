import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // A test starts real servers and real exiftool processes; the limit only ends what hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Two files at once keep two cores busy; more would only fight over exiftool.
    maxWorkers: 2,
  },
});
