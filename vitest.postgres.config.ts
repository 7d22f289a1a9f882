import { defineConfig, mergeConfig } from "vitest/config";
import { postgresFiles } from "./tests/projects.ts";
import base from "./vitest.config.ts";

/** `npm run test:postgres`, which has a server for it: files that run on SQLite elsewhere. */
const { projects: _, ...shared } = base.test ?? {};
const others = Object.fromEntries(Object.entries(base).filter(([name]) => name !== "test"));

export default mergeConfig(
  others,
  defineConfig({
    test: {
      ...shared,
      name: "postgres",
      include: postgresFiles(),
      isolate: false,
      env: { TEST_ENGINE: "postgres" },
    },
  }),
);
