import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { buildWeb } from "../../../scripts/web-build.ts";
import { noChromium, openBrowser } from "../../support/browser.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

interface Visit {
  /** What follows the path, such as `?view=trash`. */
  readonly query?: string;
  readonly colorScheme?: "light" | "dark";
  readonly size?: { readonly width: number; readonly height: number };
  /** Kept as if the viewer had signed in with it. */
  readonly token?: string;
  /** Another server than the stage's. */
  readonly url?: string;
  /** A browser context of one's own, which is another person. */
  readonly context?: BrowserContext;
}

export const desktop = { width: 1440, height: 900 } as const;
export const phone = { width: 390, height: 844 } as const;

/** The web app in a browser, as a person uses it. */
export class AppPage {
  readonly page: Page;
  /** What the page did that it should not have done: a line each. */
  readonly trouble: string[] = [];
  private readonly allowed: RegExp[] = [];

  constructor(page: Page, url: string) {
    this.page = page;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.note(message.text());
    });
    page.on("pageerror", (error) => {
      this.note(String(error));
    });
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url))
        this.note(`asked ${request.url()}`);
    });
  }

  private note(line: string) {
    if (!this.allowed.some((pattern) => pattern.test(line))) this.trouble.push(line.slice(0, 300));
  }

  /** For tests that cause it: a refused request is logged by the browser itself. */
  allow(pattern: RegExp): void {
    this.allowed.push(pattern);
    this.trouble.splice(0, Infinity, ...this.trouble.filter((line) => !pattern.test(line)));
  }

  /** The tile of an item; a part of its name is enough. */
  tile(name: string): Locator {
    return this.page.locator(".tile").filter({ has: this.page.getByRole("button", { name }) });
  }

  /** The names of all tiles that are drawn, in the order of the document. */
  tiles(): Promise<string[]> {
    return this.page.locator(".tile .picture").evaluateAll((all) =>
      // A date and a type follow the name.
      all.map((each) => (each.getAttribute("aria-label") ?? "").split(",")[0] ?? ""),
    );
  }

  /** Waits until as many tiles are drawn. */
  async seeTiles(count: number): Promise<void> {
    await expect.poll(() => this.page.locator(".tile").count()).toBe(count);
  }

  /** Waits until every drawn picture is there: what is destroyed meanwhile could not be found any more. */
  async seePictures(): Promise<void> {
    const isThere = (image: HTMLElement | SVGElement) => image instanceof HTMLImageElement && image.complete;
    const images = this.page.locator(".tile img");
    await expect
      .poll(async () =>
        (await Promise.all((await images.all()).map((each) => each.evaluate(isThere)))).every(Boolean),
      )
      .toBe(true);
  }

  /** Waits for a notice that contains the text. */
  async notice(text: string | RegExp): Promise<Locator> {
    const notice = this.page.locator(".notice").filter({ hasText: text }).first();
    await notice.waitFor();
    return notice;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, ...(typeof name === "string" ? { exact: true } : {}) });
  }
}

/** Whether a person sees it: in the window, and nothing lies on its middle. */
export const isInSight = (locator: Locator) =>
  locator.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    if (width === 0 || height === 0 || x < 0 || y < 0 || x > innerWidth || y > innerHeight) return false;
    const there = document.elementFromPoint(x, y);
    return there != null && (element.contains(there) || there.contains(element));
  });

/** One browser and one server for a file's tests. */
export interface Stage {
  readonly server: TestServer;
  readonly browser: Browser;
  /** One for all, so that the scripts come from the cache as they do for people. */
  readonly context: BrowserContext;
  open(visit?: Visit): Promise<AppPage>;
}

async function visit(stage: Stage, opened: AppPage[], given: Visit): Promise<AppPage> {
  const { query = "", colorScheme = "light", size = desktop, token, url = stage.server.url } = given;
  const context = given.context ?? stage.context;
  const page = await context.newPage();
  // Less than a test's own: then the step that hangs is named.
  page.setDefaultTimeout(12_000);
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(size);
  const app = new AppPage(page, url);
  opened.push(app);
  if (token != null)
    await page.addInitScript(
      ([key, value]) => {
        sessionStorage.setItem(key, value);
      },
      ["colan token", token] as const,
    );
  await page.goto(`${url}/${query}`);
  return app;
}

/**
 * Tests of the app: skipped with a line where there is no browser, failing when a page did what it should not.
 * @param prepare run once before all, to fill the library.
 */
export function describeApp(
  name: string,
  tests: (stage: Stage) => void,
  {
    env = {},
    prepare,
  }: { env?: Readonly<Record<string, string>>; prepare?: (server: TestServer) => unknown } = {},
): void {
  if (noChromium != null) console.warn(`${name} is not tested: ${noChromium}`);
  describe.skipIf(noChromium != null)(name, () => {
    const opened: AppPage[] = [];
    let server: TestServer | undefined;
    let browser: Browser | undefined;
    let context: BrowserContext | undefined;
    const there = <T>(thing: T | undefined): T => {
      if (thing == null) throw new Error("the stage is set only while tests run");
      return thing;
    };
    const stage: Stage = {
      get server() {
        return there(server);
      },
      get browser() {
        return there(browser);
      },
      get context() {
        return there(context);
      },
      open: (given = {}) => visit(stage, opened, given),
    };
    beforeAll(async () => {
      await buildWeb();
      [server, browser] = await Promise.all([startSharedServer({ env }), openBrowser()]);
      context = await browser.newContext();
      await prepare?.(server);
    });
    afterEach(async () => {
      const all = opened.splice(0);
      for (const { page } of all) await page.close();
      expect(all.flatMap(({ trouble }) => trouble)).toEqual([]);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.stop();
    });
    tests(stage);
  });
}
