import { defineConfig } from "vitest/config";
import { postgresFiles } from "./tests/projects.ts";
import base from "./vitest.config.ts";

/** `npm run test:postgres`, which has a server for it: files that run on SQLite elsewhere. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: [
      {
        extends: true,
        test: {
          name: "postgres",
          include: postgresFiles(),
          // They share processes, as they do elsewhere.
          isolate: false,
          env: { TEST_ENGINE: "postgres" },
        },
      },
    ],
  },
});
