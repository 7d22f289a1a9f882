// npm run screenshot: docs/screenshot.png, the web app over a library of made-up pictures.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pino } from "pino";
import sharp from "sharp";
import { startApp } from "../src/app/app.ts";
import { readConfig } from "../src/config/config.ts";
import { openBrowser } from "../tests/support/browser.ts";
import { clientOf } from "../tests/support/client.ts";
import { addCollection } from "../tests/support/library.ts";
import { upload } from "../tests/support/uploading.ts";
import { makeScene } from "./scenes.ts";
import { buildWeb } from "./web-build.ts";

const target = resolve(import.meta.dirname, "../docs/screenshot.png");
const size = { width: 1440, height: 900 };
const bytesMax = 400_000;
/** Enough for the bar of years. */
const pictures = 130;
const newest = Date.UTC(2026, 6, 20, 18);
const apartMs = 16 * 24 * 3600 * 1000;

async function fill(url: string) {
  const client = clientOf(url);
  for (const label of ["Family", "Iceland", "On the lake", "Summer in the mountains"])
    await addCollection(client, label);
  for (let number = 0; number < pictures; number++) {
    const { name, bytes } = await makeScene(number, new Date(newest - number * apartMs));
    await upload(client, bytes, { name });
  }
}

async function shoot(url: string): Promise<Buffer> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: size, colorScheme: "light" });
    await page.goto(url);
    await page.locator(".tile img").first().waitFor();
    // Those on the screen; the others are loaded when they come near it.
    await page.waitForFunction(() =>
      [...document.querySelectorAll<HTMLImageElement>(".tile img")]
        .filter((image) => image.getBoundingClientRect().top < window.innerHeight)
        .every(({ complete, naturalWidth }) => complete && naturalWidth > 0),
    );
    await page.mouse.move(700, 250);
    return await page.screenshot({ animations: "disabled" });
  } finally {
    await browser.close();
  }
}

const dir = await mkdtemp(join(tmpdir(), "colan-screenshot-"));
await buildWeb();
const config = readConfig({
  PORT: "0",
  DATABASE_URL: `file:${dir}/library.db`,
  MEDIA_DIR: join(dir, "media"),
});
const app = await startApp({ config, log: pino({ level: "silent" }) });
try {
  await fill(app.url);
  // As it is: a palette would put rings around the suns.
  const { size: bytes } = await sharp(await shoot(app.url))
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toFile(target);
  process.stdout.write(`${target}: ${bytes} bytes\n`);
  if (bytes > bytesMax) throw new Error(`the screenshot should have at most ${bytesMax} bytes`);
} finally {
  await app.close();
  await rm(dir, { recursive: true });
}
