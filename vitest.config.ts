import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { filesOf, projects, type Project } from "./tests/projects.ts";

/** Files of these share a process, which loads the program once: that is most of their time. */
const sharing = new Set<Project>(["unit", "api", "thorough"]);

export default defineConfig({
  resolve: {
    // Vite would take the package's `module` build where Node takes its `main`: two copies of graphql-js
    // in one process, whose types do not know each other.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }],
  },
  test: {
    // A busy machine must not turn a test red that waits for something to come.
    expect: { poll: { timeout: 60_000 } },
    // A test starts real servers and real exiftool processes; the limit only ends what hangs.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Two files at once keep two cores busy; more would only fight over exiftool.
    maxWorkers: 2,
    setupFiles: ["tests/setup.ts"],
    projects: projects.map((name) => ({
      extends: true,
      test: { name, include: filesOf(name), isolate: !sharing.has(name) },
    })),
  },
});
