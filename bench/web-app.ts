// npm run bench:web: how soon the web app shows a library, and how smoothly it goes through it, in a real browser.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../tests/support/browser.ts";
import { median } from "./median.ts";
import { ms, sizeName } from "./report.ts";
import { startStore } from "./server.ts";
import { makeWebLibrary } from "./web-library.ts";
import { notedOf, tasksOf, visit, type Noted, type Tasks } from "./web-page.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const say = (line: string) => process.stderr.write(`${line}\n`);

const steps = 100;
/** Longer than what the app waits before it asks for what has come into view. */
const stepMs = 200;
const wheels = 150;
const moves = 200;
const frameMs = 16;

/** From the top to the bottom in equal steps, with a look at each place. */
async function stepThrough(page: Page): Promise<void> {
  const scroller = page.locator(".scroller");
  for (let step = 0; step <= steps; step++) {
    await scroller.evaluate((element, share) => {
      element.scrollTop = share * (element.scrollHeight - element.clientHeight);
    }, step / steps);
    await rest(stepMs);
  }
  await checkAtEnd(page);
}

/** As with a wheel: 40,000 pixels, and everything on the way. */
async function turnWheel(page: Page): Promise<void> {
  await page.mouse.move(600, 500);
  for (let turn = 0; turn < wheels; turn++) {
    await page.mouse.wheel(0, 40_000 / wheels);
    await rest(2 * frameMs);
  }
}

async function dragScrubber(page: Page): Promise<void> {
  const bar = await page.getByRole("slider", { name: "Time" }).boundingBox();
  if (bar == null) throw new Error("there is no scrubber");
  const x = bar.x + bar.width / 2;
  await page.mouse.move(x, bar.y + 2);
  await page.mouse.down();
  for (let move = 1; move <= moves; move++) {
    await page.mouse.move(x, bar.y + 2 + ((bar.height - 4) * move) / moves);
    await rest(frameMs);
  }
  await page.mouse.up();
  await checkAtEnd(page);
}

/** What has not been gone through has cost nothing. @throws unless the end is near. */
async function checkAtEnd(page: Page): Promise<void> {
  const share = await page
    .locator(".scroller")
    .evaluate(({ scrollTop, scrollHeight, clientHeight }) => scrollTop / (scrollHeight - clientHeight));
  if (share < 0.95) throw new Error(`the list was not gone through, but to ${share} of it`);
}

/** Bytes of all scripts, as a browser gets them that asks for gzip. */
async function scriptBytes(page: Page): Promise<number> {
  const urls = await page.evaluate(() =>
    performance.getEntriesByType("resource").flatMap(({ name }) => (/\.js$/.test(name) ? [name] : [])),
  );
  const sizes = urls.map(
    (url) =>
      new Promise<number>((resolve, reject) => {
        get(url, { headers: { "Accept-Encoding": "gzip" } }, (response) => {
          let bytes = 0;
          response.on("data", (chunk: Buffer) => (bytes += chunk.length));
          response.once("end", () => {
            resolve(bytes);
          });
        }).once("error", reject);
      }),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

interface Measured {
  readonly entities: number;
  readonly visits: readonly Noted[];
  readonly scripts: number;
  readonly wheel: Tasks;
  readonly steps: Tasks;
  readonly scrubber: Tasks;
  /** Over everything that was done. */
  readonly shift: number;
}

async function measure(browser: Browser, url: string, entities: number, rounds: number): Promise<Measured> {
  const visits: Noted[] = [];
  // One more: the server's own first time is `npm run bench`'s matter.
  for (let round = 0; round <= rounds; round++) {
    const { page, close } = await visit(browser, url);
    if (round > 0) visits.push(await notedOf(page));
    await close();
  }
  const { page, close } = await visit(browser, url);
  const scripts = await scriptBytes(page);
  const wheel = await tasksOf(page, () => turnWheel(page));
  const stepped = await tasksOf(page, () => stepThrough(page));
  const scrubber = await tasksOf(page, () => dragScrubber(page));
  const { shift } = await notedOf(page);
  await close();
  return { entities, visits, scripts, wheel, steps: stepped, scrubber, shift };
}

const tasks = ({ longest, over50, over200 }: Tasks) =>
  longest === 0 ? "none over 50 ms" : `longest ${ms(longest)}, ${over50} over 50 ms, ${over200} over 200 ms`;

function table(all: readonly Measured[]): string {
  const middle = (of: (noted: Noted) => number) => (measured: Measured) =>
    ms(median(measured.visits.map(of)));
  const lines: readonly (readonly [string, (measured: Measured) => string, string])[] = [
    ["first paint", middle(({ paint }) => paint), "< 1 s"],
    ["largest paint", middle(({ largestPaint }) => largestPaint), ""],
    ["first picture", middle(({ firstPicture }) => firstPicture), ""],
    ["all pictures of the screen", middle(({ lastPicture }) => lastPicture), ""],
    ["JavaScript, gzip", ({ scripts }) => `${(scripts / 1000).toFixed(1)} kB`, "≤ 200 kB"],
    ["long tasks, wheel through 40,000 px", ({ wheel }) => tasks(wheel), "none over 200 ms"],
    ["long tasks, 100 steps from top to bottom", (measured) => tasks(measured.steps), "none over 200 ms"],
    ["long tasks, scrubber dragged through all", ({ scrubber }) => tasks(scrubber), "none over 200 ms"],
    ["layout shift, all of it", ({ shift }) => shift.toFixed(4), "< 0.01"],
  ];
  return [
    `| | ${all.map(({ entities }) => `${sizeName(entities)} entities`).join(" | ")} | goal |`,
    `|---|${all.map(() => "---|").join("")}---|`,
    ...lines.map(([work, tell, goal]) => `| ${[work, ...all.map(tell), goal].join(" | ")} |`),
  ].join("\n");
}

const { values } = parseArgs({
  options: {
    entities: { type: "string", default: "10000,100000" },
    rounds: { type: "string", default: "5" },
  },
});
execFileSync("npm", ["run", "build", "--silent"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
const dir = await mkdtemp(join(tmpdir(), "colan-bench-web-"));
// Not in a `finally`: a hundred thousand files would stay behind when the bench is interrupted.
process.on("exit", () => {
  rmSync(dir, { recursive: true, force: true });
});
const browser = await openBrowser();
const all: Measured[] = [];
for (const entities of values.entities.split(",").map(Number)) {
  say(`filling a library of ${sizeName(entities)} …`);
  const home = join(dir, String(entities));
  const server = await startStore(home, await makeWebLibrary(home, entities));
  say("measuring …");
  all.push(await measure(browser, new URL("/", server.url).href, entities, Number(values.rounds)));
  await server.stop();
}
await browser.close();
process.stdout.write(`${table(all)}\n`);
