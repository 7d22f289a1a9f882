import type { Browser, Page } from "playwright-core";

/** What a page has noted of itself since it began; milliseconds are counted from then. */
export interface Noted {
  /** First contentful paint. */
  readonly paint: number;
  readonly largestPaint: number;
  /** The first thumbnail, and the last one of the first screen. */
  readonly firstPicture: number;
  readonly lastPicture: number;
  /** Sum of all layout shifts, also those after an input. */
  readonly shift: number;
}

/** Tasks of 50 ms and more, which browsers call long. */
export interface Tasks {
  readonly longest: number;
  readonly over50: number;
  readonly over200: number;
}

interface Window {
  readonly noted: { -readonly [Key in keyof Noted]: number };
  tasks: number[];
}

/** Runs in the page, before anything of it. */
function observe() {
  const noted = { paint: 0, largestPaint: 0, firstPicture: 0, lastPicture: 0, shift: 0 };
  const tasks: number[] = [];
  Object.assign(window, { noted, tasks });
  const see = (type: string, take: (entry: PerformanceEntry) => void) => {
    new PerformanceObserver((list) => {
      list.getEntries().forEach(take);
    }).observe({ type, buffered: true });
  };
  see("paint", ({ name, startTime }) => {
    if (name === "first-contentful-paint") noted.paint = startTime;
  });
  see("largest-contentful-paint", ({ startTime }) => (noted.largestPaint = startTime));
  // The DOM's types do not know layout-shift entries.
  see("layout-shift", (entry) => (noted.shift += (entry as unknown as { value: number }).value));
  see("longtask", ({ duration }) => tasks.push(duration));
  const onLoad = ({ target }: Event) => {
    if (!(target instanceof HTMLImageElement) || target.closest(".tile") == null) return;
    if (target.getBoundingClientRect().top >= window.innerHeight) return;
    noted.lastPicture = performance.now();
    noted.firstPicture ||= noted.lastPicture;
  };
  // Loads do not bubble.
  document.addEventListener("load", onLoad, true);
}

// What `observe` has put there.
const windowOf = () => window as unknown as Window;

/** A visit by somebody who has never been there: nothing is in the browser's cache. */
export async function visit(browser: Browser, url: string) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  // What tsx makes of functions names them by this, which pages do not have.
  await page.addInitScript("window.__name = (named) => named");
  await page.addInitScript(observe);
  await page.addInitScript(`window.windowOf = ${String(windowOf)}`);
  await page.goto(url);
  await page.locator(".tile img").first().waitFor();
  await page.waitForLoadState("networkidle");
  return { page, close: () => context.close() };
}

declare global {
  /** The page's own. */
  var windowOf: () => Window;
}

export const notedOf = (page: Page): Promise<Noted> => page.evaluate(() => globalThis.windowOf().noted);

/** The long tasks while something is done. */
export async function tasksOf(page: Page, work: () => Promise<void>): Promise<Tasks> {
  await page.evaluate(() => globalThis.windowOf().tasks.splice(0));
  await work();
  await page.waitForLoadState("networkidle");
  const tasks = await page.evaluate(() => globalThis.windowOf().tasks);
  const over = (ms: number) => tasks.filter((duration) => duration > ms).length;
  return { longest: Math.max(0, ...tasks), over50: over(50), over200: over(200) };
}
