import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";
import { pageNames } from "../src/server/files/page-policy.ts";
import { appManifest } from "./app-manifest.ts";
import { fontFiles } from "./font-files.ts";

const root = import.meta.dirname;

/**
 * The settings of a build. Each page has a build of its own: what two have in common would be a file with all that
 * either needs of it, and the app would load GraphiQL's share of it too.
 */
export const buildSettings = (names: readonly string[]): UserConfig => ({
  root,
  plugins: [react(), fontFiles(), ...(names.includes("app") ? [appManifest(root)] : [])],
  server: {
    proxy: { "^/graphql$": "http://127.0.0.1:4000", "^/(files|derivatives)/": "http://127.0.0.1:4000" },
  },
  build: {
    outDir: join(root, "../dist/web"),
    emptyOutDir: true,
    sourcemap: false,
    // The policy of the pages allows no data: URLs but for pictures.
    assetsInlineLimit: 0,
    // Monaco is that large; it is loaded after the page has appeared.
    chunkSizeWarningLimit: 8_000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: Object.fromEntries(names.map((name) => [name, join(root, name, "index.html")])),
    },
  },
  worker: { format: "es" },
  experimental: {
    // Pages are shown at /graphql and /, perhaps below a proxy's path: relative to these, not to where HTML was built.
    renderBuiltUrl: (file, { hostType }) => (hostType === "html" ? `./${file}` : { relative: true }),
  },
});

export default defineConfig(buildSettings(pageNames));
