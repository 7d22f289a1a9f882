import { createHash } from "node:crypto";
import type { Plugin } from "vite";

const inlineFont = /url\((["']?)data:font\/(\w+);base64,([A-Za-z0-9+/=]+)\1\)/g;

/**
 * Packages come with their fonts inside of style sheets, for every alphabet: 400 KB before anything is seen. As files,
 * a browser gets those that the text needs, and the pages' policy can do without data: for fonts.
 */
export const fontFiles = (): Plugin => ({
  name: "font-files",
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
      const css = typeof file.source === "string" ? file.source : Buffer.from(file.source).toString();
      file.source = css.replace(inlineFont, (_whole, _quote, format: string, base64: string) => {
        const source = Buffer.from(base64, "base64");
        const name = `font-${createHash("sha256").update(source).digest("hex").slice(0, 12)}.${format}`;
        this.emitFile({ type: "asset", fileName: `assets/${name}`, source });
        // Both lie in assets/.
        return `url(./${name})`;
      });
    }
  },
});
