import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import type { Plugin } from "vite";

/** Pixels: 192 and 512 are what browsers ask for before they offer to install an app, 180 is a phone's home screen. */
const sizes = [180, 192, 512] as const;

const nameOf = (stem: string, source: Uint8Array | string, ending: string) =>
  `${stem}-${createHash("sha256").update(source).digest("hex").slice(0, 12)}.${ending}`;

/** Fills the corners, too: systems cut icons to their own shapes (W3C Web App Manifest, "maskable"). */
const asSquare = (svg: string) => svg.replace(/ rx="\d+"/, "");

/**
 * The app's web manifest with its icons, so that it can be installed, and lies on a phone's home screen as itself. All
 * are made of icon.svg.
 */
export function appManifest(root: string): Plugin {
  let manifest = "";
  let touchIcon = "";
  return {
    name: "app-manifest",
    apply: "build",
    async buildStart() {
      const svg = await readFile(join(root, "app/icon.svg"), "utf8");
      const icons = await Promise.all(
        sizes.map(async (size) => {
          const picture = sharp(Buffer.from(asSquare(svg)), { density: (72 * size) / 32 });
          const source = await picture.resize(size, size).png().toBuffer();
          const name = nameOf(`icon-${size}`, source, "png");
          this.emitFile({ type: "asset", fileName: `assets/${name}`, source });
          return { size, name };
        }),
      );
      touchIcon = icons[0]?.name ?? "";
      const source = JSON.stringify({
        name: "CoLAN Media Store",
        short_name: "CoLAN",
        // From the manifest's own address, below a proxy's path too.
        ...{ id: "../", start_url: "../", scope: "../", display: "standalone" },
        ...{ background_color: "#14161a", theme_color: "#14161a" },
        icons: icons.flatMap(({ size, name: src }) =>
          ["any", "maskable"].map((purpose) => ({
            ...{ src, sizes: `${size}x${size}`, type: "image/png", purpose },
          })),
        ),
      });
      manifest = nameOf("app", source, "webmanifest");
      this.emitFile({ type: "asset", fileName: `assets/${manifest}`, source });
    },
    transformIndexHtml: () => [
      // With what a proxy wants to know of the viewer, or it would answer with its sign-in page.
      {
        tag: "link",
        attrs: { rel: "manifest", href: `./assets/${manifest}`, crossorigin: "use-credentials" },
      },
      { tag: "link", attrs: { rel: "apple-touch-icon", href: `./assets/${touchIcon}` } },
    ],
  };
}
