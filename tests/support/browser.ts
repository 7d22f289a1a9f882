import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

/** Debian's chromium, or what CHROMIUM_PATH names; undefined where there is none. */
export function findChromium(): string | undefined {
  const given = process.env["CHROMIUM_PATH"];
  if (given != null && given !== "") return given;
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const paths = (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((dir) => names.map((name) => join(dir, name)));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Why browser tests are skipped; undefined where they run. */
export const noChromium =
  findChromium() == null ? "chromium is not installed and CHROMIUM_PATH names no other" : undefined;

/** Never asks a name server: what a page wants from another host fails at once, and is seen. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium() ?? "chromium",
    args: [
      "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
      // Containers have no user namespaces, and too small a /dev/shm.
      "--no-sandbox",
      "--disable-dev-shm-usage",
    ],
  });
