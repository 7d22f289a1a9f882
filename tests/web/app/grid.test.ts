import { expect, test } from "vitest";
import { addCollection, addPicture } from "../../support/library.ts";
import { plantMany, type Planted } from "../../support/planted.ts";
import { makeJpeg } from "../../support/pictures.ts";
import type { TestServer } from "../../support/server.ts";
import { upload } from "../../support/uploading.ts";
import { describeApp, phone, type AppPage } from "./app-page.ts";
import { movesOf, watch } from "./moves.ts";

const rows = 10_000;
const newest = Date.UTC(2025, 11, 31, 12);
const apartMs = 12 * 3600 * 1000;
const nameOf = (index: number) => `shot ${String(index).padStart(4, "0")}`;

const shapes = [
  [600, 400],
  [400, 600],
  [500, 500],
  [1600, 500],
  [640, 360],
] as const;

/** The newest first; thirteen years of two a day. */
const planted = Array.from({ length: rows }, (_, index): Omit<Planted, "parentId"> => {
  const [width, height] = shapes[(index * 7) % shapes.length]!;
  const capturedAt = new Date(newest - index * apartMs);
  const capturedLocal = capturedAt.toISOString().slice(0, -1);
  return { label: nameOf(index), type: "IMAGE", width, height, capturedAt, capturedLocal };
});

const prepare = (server: TestServer) => plantMany(server, planted);

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly height: number;
}

const boxesOf = (app: AppPage) =>
  app.page.locator(".block:not(.waiting) .tile").evaluateAll((tiles): Box[] =>
    tiles.map((tile) => {
      const { left, top, right, height } = tile.getBoundingClientRect();
      return { left, top, right, height };
    }),
  );

/** The names of those that lie wholly in the window, in their order. */
const inView = (app: AppPage) =>
  app.page.locator(".tile").evaluateAll((tiles) =>
    tiles
      .filter((tile) => {
        // A tile that is taken away just now lies nowhere.
        const frame = tile.closest(".scroller")?.getBoundingClientRect() ?? { top: 0, bottom: -1 };
        const box = tile.getBoundingClientRect();
        return box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
      })
      .map((tile) => tile.querySelector(".picture")?.getAttribute("aria-label")?.split(",")[0] ?? ""),
  );

const focused = (app: AppPage) =>
  app.page.evaluate(() => document.activeElement?.getAttribute("aria-label")?.split(",")[0] ?? "");

const scrollTo = (app: AppPage, share: number) =>
  app.page.locator(".scroller").evaluate((scroller, part) => {
    scroller.scrollTop = part * (scroller.scrollHeight - scroller.clientHeight);
  }, share);

const scrubber = (app: AppPage) => app.page.getByRole("slider", { name: "Time" });

/** What waits for the first goes on when the second is called. */
function gate(): readonly [Promise<void>, () => void] {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return [
    opened,
    () => {
      open();
    },
  ];
}

/** Answers come when they are let go. */
async function hold(app: AppPage, path: string, isHeld: (body: string) => boolean = () => true) {
  const [released, release] = gate();
  await app.page.route(path, async (route) => {
    if (isHeld(route.request().postData() ?? "")) await released;
    await route.continue();
  });
  return release;
}

describeApp(
  "the grid",
  (stage) => {
    for (const [screen, size] of [
      ["desktop", undefined],
      ["phone", phone],
    ] as const)
      test(`fills the width of a ${screen} with rows of one height each`, async () => {
        const app = await stage.open(size == null ? {} : { size });
        await app.tile(nameOf(0)).waitFor();
        const boxes = await boxesOf(app);
        const list = await app.page.getByRole("list").last().boundingBox();
        const tops = [...new Set(boxes.map(({ top }) => top))];
        expect(tops.length).toBeGreaterThan(5);
        for (const top of tops) {
          const row = boxes.filter((box) => box.top === top);
          expect(new Set(row.map(({ height }) => height)).size).toBe(1);
          expect(row[0]!.left).toBe(list!.x);
          expect(row.at(-1)!.right).toBe(list!.x + list!.width);
          for (const [place, box] of row.slice(1).entries()) expect(box.left - row[place]!.right).toBe(4);
        }
      });

    test("draws only what is near the screen, wherever that is", async () => {
      const app = await stage.open();
      await app.tile(nameOf(0)).waitFor();
      for (const [share, index] of [
        [0, 0],
        [0.5, undefined],
        [1, rows - 1],
      ] as const) {
        await scrollTo(app, share);
        if (index != null) await app.tile(nameOf(index)).waitFor();
        await expect.poll(async () => (await inView(app)).length).toBeGreaterThan(3);
        expect(await app.page.locator(".tile").count()).toBeLessThanOrEqual(400);
      }
      // Before that, what is far away stands for itself by the height it will have.
      const high = await app.page.locator(".scroller").evaluate(({ scrollHeight }) => scrollHeight);
      expect(high).toBeGreaterThan((rows / 12) * 150);
    });

    test("leads to a date by the scrubber", async () => {
      const app = await stage.open();
      await app.tile(nameOf(0)).waitFor();
      expect(await scrubber(app).getAttribute("aria-valuetext")).toMatch(/2025/);
      const label = await scrubber(app).getByText("2019", { exact: true }).boundingBox();
      // A few days into the year, counted from its end as the list is.
      await app.page.mouse.click(label!.x + 8, label!.y + label!.height / 2 + 4);
      await expect.poll(() => scrubber(app).getAttribute("aria-valuetext")).toMatch(/2019/);
      await expect.poll(async () => (await inView(app)).length).toBeGreaterThan(3);
      for (const name of await inView(app))
        expect(new Date(newest - Number(name.slice(5)) * apartMs).getUTCFullYear()).toBe(2019);
    });

    test("follows the scrubber while it is dragged, and its keys", async () => {
      const app = await stage.open();
      await app.tile(nameOf(0)).waitFor();
      const bar = (await scrubber(app).boundingBox())!;
      await app.page.mouse.move(bar.x + 20, bar.y + 5);
      await app.page.mouse.down();
      await app.page.mouse.move(bar.x + 20, bar.y + bar.height / 2, { steps: 8 });
      await app.page.mouse.move(bar.x + 20, bar.y + bar.height - 1, { steps: 8 });
      await app.page.mouse.up();
      await app.tile(nameOf(rows - 1)).waitFor();
      await scrubber(app).press("Home");
      await app.tile(nameOf(0)).waitFor();
      await scrubber(app).press("PageDown");
      // A fiftieth further than what was looked at, which is not the first.
      await expect.poll(() => inView(app)).not.toContain(nameOf(0));
      await expect
        .poll(async () => Number((await inView(app))[0]?.slice(5)))
        .toSatisfy((at: number) => at >= rows / 50 && at < rows / 50 + 40);
      await scrubber(app).press("End");
      await expect.poll(() => inView(app)).toContain(nameOf(rows - 1));
    });

    test("is one stop of Tab, and gone through by arrows", async () => {
      const app = await stage.open();
      await app.tile(nameOf(0)).waitFor();
      await app.page.locator("main").focus();
      while (!(await focused(app)).startsWith("shot")) await app.page.keyboard.press("Tab");
      expect(await focused(app)).toBe(nameOf(0));
      await app.page.keyboard.press("ArrowRight");
      await app.page.keyboard.press("ArrowRight");
      expect(await focused(app)).toBe(nameOf(2));
      await app.page.keyboard.press("ArrowLeft");
      expect(await focused(app)).toBe(nameOf(1));
      const above = await app.tile(nameOf(1)).boundingBox();
      await app.page.keyboard.press("ArrowDown");
      const below = await app.tile(await focused(app)).boundingBox();
      expect(below!.y).toBe(above!.y + above!.height + 4);
      await app.page.keyboard.press("ArrowUp");
      expect(await focused(app)).toBe(nameOf(1));
      // Its tick, and then past all others.
      await app.page.keyboard.press("Tab");
      expect(await focused(app)).toBe(`Select ${nameOf(1)}`);
      await app.page.keyboard.press("Tab");
      expect(await focused(app)).toBe("Time");
      await app.page.keyboard.press("Shift+Tab");
      await app.page.keyboard.press("Shift+Tab");
      expect(await focused(app)).toBe(nameOf(1));
      await app.page.keyboard.press("Enter");
      await app.page.getByRole("dialog", { name: nameOf(1) }).waitFor();
    });

    test("leads to the last by End and to the first by Home, however far they are", async () => {
      const app = await stage.open();
      await app.tile(nameOf(0)).getByRole("button").first().focus();
      await app.page.keyboard.press("End");
      await expect.poll(() => focused(app)).toBe(nameOf(rows - 1));
      await expect.poll(() => inView(app)).toContain(nameOf(rows - 1));
      await app.page.keyboard.press("ArrowLeft");
      expect(await focused(app)).toBe(nameOf(rows - 2));
      await app.page.keyboard.press("Home");
      await expect.poll(() => focused(app)).toBe(nameOf(0));
    });

    test("moves nothing of itself while it comes, and while it is scrolled", async () => {
      const app = await stage.open({ query: "?view=trash" });
      await app.page.addInitScript(watch);
      const release = await hold(app, "**/graphql", (body) => body.includes("AppMonths"));
      await app.page.goto(stage.server.url);
      await app.page.locator(".block").first().waitFor();
      // The bar of years takes its part of the width, however late it comes.
      await app.page.waitForTimeout(300);
      release();
      await scrubber(app).waitFor();
      await app.tile(nameOf(0)).waitFor();
      for (const share of [0.01, 0.02, 0.03, 0.5, 0.99]) {
        await scrollTo(app, share);
        await expect.poll(async () => (await inView(app)).length).toBeGreaterThan(3);
      }
      const { shift, tiles } = await movesOf(app.page);
      expect(tiles).toEqual([]);
      expect(shift).toBeLessThan(0.01);
    });

    test("keeps in place what is looked at, when what is above turns out higher", async () => {
      const app = await stage.open();
      await app.tile(nameOf(0)).waitFor();
      await scrollTo(app, 0.5);
      await expect.poll(async () => (await inView(app)).length).toBeGreaterThan(3);
      await app.page.waitForLoadState("networkidle");
      const release = await hold(app, "**/graphql");
      const waiting = app.page.locator(".block.waiting");
      await app.page.mouse.move(600, 500);
      while ((await waiting.count()) === 0) {
        await app.page.mouse.wheel(0, -250);
        await app.page.waitForTimeout(30);
      }
      await app.page.waitForTimeout(100);
      const scroller = app.page.locator(".scroller");
      const [name] = await inView(app);
      const before = await app.tile(name!).boundingBox();
      const was = await scroller.evaluate(({ scrollTop }) => scrollTop);
      release();
      await waiting.waitFor({ state: "detached" });
      await expect.poll(() => scroller.evaluate(({ scrollTop }) => scrollTop)).not.toBe(was);
      expect((await app.tile(name!).boundingBox())!.y).toBeCloseTo(before!.y, 0);
    });

    test("shows a blurred picture where the thumbnail will be", async () => {
      const parentId = await addCollection(stage.server, "Blurred");
      const bytes = await makeJpeg({ width: 300, height: 200 });
      await upload(stage.server, bytes, { name: "blurred.jpg", parentId });
      const app = await stage.open({ query: "?view=trash" });
      const release = await hold(app, "**/derivatives/**");
      await app.page.goto(`${stage.server.url}/?collection=${parentId}`);
      const tile = app.tile("blurred.jpg");
      await tile.waitFor();
      const picture = tile.getByRole("button").first();
      const background = await picture.evaluate((element) => getComputedStyle(element).backgroundImage);
      expect(background).toMatch(/^url\("data:image\/png;base64,/);
      const image = tile.locator("img");
      const isComplete = () => image.evaluate((element: HTMLImageElement) => element.complete);
      expect(await isComplete()).toBe(false);
      const before = await tile.boundingBox();
      release();
      await expect.poll(isComplete).toBe(true);
      expect(await tile.boundingBox()).toEqual(before);
    });

    test("says that it is being read, and then that nothing is there", async () => {
      const empty = await addCollection(stage.server, "Empty");
      const app = await stage.open({ query: "?view=trash" });
      await app.page.getByText("The trash is empty.").waitFor();
      const release = await hold(app, "**/graphql");
      await app.page.goto(`${stage.server.url}/?collection=${empty}`);
      const list = app.page.locator(".blocks");
      await expect.poll(() => list.getAttribute("aria-busy")).toBe("true");
      release();
      await app.page.getByText("Nothing is here yet").waitFor();
      expect(await list.getAttribute("aria-busy")).toBe("false");
      await addPicture(stage.server, { label: "first of all", parentId: empty });
      await app.tile("first of all").waitFor();
      await app.page.getByText("Nothing is here yet").waitFor({ state: "detached" });
    });
  },
  { prepare },
);
