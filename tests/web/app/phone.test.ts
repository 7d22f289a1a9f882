import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addCollection, addPicture } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { describeApp, phone, type AppPage } from "./app-page.ts";

const name = "A name that is much longer than seven letters";

describeApp("the app under fingers", (stage) => {
  let context: BrowserContext;
  let parentId: string;
  const ids: string[] = [];

  beforeAll(async () => {
    context = await stage.browser.newContext({ hasTouch: true, isMobile: true, viewport: phone });
    parentId = await addCollection(stage.server, "Phone");
    for (const label of ["first", name, "last"])
      ids.push(await addPicture(stage.server, { label, parentId }));
  });

  afterAll(() => context.close());

  const open = (query = "") => stage.open({ query: `?collection=${parentId}${query}`, context, size: phone });

  /** One finger that goes from one place to another, as the browser itself hands it on. */
  async function drag({ page }: AppPage, from: readonly [number, number], to: readonly [number, number]) {
    const session = await context.newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    await touch("touchStart", [{ x: from[0], y: from[1] }]);
    for (let step = 1; step <= 5; step++)
      await touch("touchMove", [
        { x: from[0] + ((to[0] - from[0]) * step) / 5, y: from[1] + ((to[1] - from[1]) * step) / 5 },
      ]);
    await touch("touchEnd", []);
    await session.detach();
  }

  // Nothing happened: only the small round buttons turned pages.
  test("swiping turns pages, and down closes", async () => {
    const app = await open(`&open=${ids[1]}`);
    const at = (label: string) => app.page.getByRole("dialog", { name: label }).waitFor();
    await at(name);
    await app.page.getByText("2 of 3").waitFor();
    await drag(app, [300, 450], [80, 455]);
    await at("first");
    await drag(app, [80, 450], [300, 455]);
    await at(name);
    await drag(app, [200, 300], [205, 600]);
    await app.page.getByRole("dialog").waitFor({ state: "detached" });
  });

  // It opened the picture; white circles stood on all of them instead, hardly to be seen on white ones.
  test("a finger that rests selects, and then a touch is enough", async () => {
    const app = await open();
    const picture = app.tile("first").getByRole("button", { name: "first" });
    await picture.waitFor();
    const tick = app.page.getByRole("checkbox", { name: "Select first" });
    const opacity = () => tick.evaluate((it) => getComputedStyle(it).opacity);
    expect(await opacity()).toBe("0");
    const { x, y } = (await picture.boundingBox())!;
    const session = await context.newCDPSession(app.page);
    const touchPoints = [{ x: x + 40, y: y + 40 }];
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
    await app.page.getByText("1 selected").waitFor();
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    expect(await app.page.getByRole("dialog").count()).toBe(0);
    await expect.poll(opacity).toBe("1");
    await app.tile("last").getByRole("button", { name: "last" }).tap();
    await app.page.getByText("2 selected").waitFor();
  });

  // The list of orders was hidden.
  test("the order can be chosen", async () => {
    const app = await open();
    await app.seeTiles(3);
    const select = app.page.getByRole("combobox", { name: "Order" });
    const { width, height } = (await select.boundingBox())!;
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(32);
    await select.selectOption("Name");
    await expect.poll(() => app.tiles()).toEqual([name, "first", "last"]);
  });

  // Seven letters were left of it.
  test("the name of what is open can be read", async () => {
    const app = await open(`&open=${ids[1]}`);
    const heading = app.page.getByRole("heading", { name });
    await heading.waitFor();
    expect(await heading.evaluate((it) => it.scrollWidth <= it.clientWidth)).toBe(true);
  });

  // Three times the same line about MIME types, beside names cut to four letters, and "Retry all" for what can never pass.
  test("refused files are listed by name with a plain reason, without a useless Retry", async () => {
    const app = await open();
    app.allow(/status of 4/);
    const files = {
      "fake picture of the beach.jpg": Buffer.from("this is a text, whatever its name says"),
      "notes of the last holiday.txt": Buffer.from("just a text"),
      "an empty picture.jpg": Buffer.alloc(0),
    };
    await app.page
      .getByLabel("Files to upload")
      .setInputFiles(
        Object.entries(files).map(([file, buffer]) => ({ name: file, mimeType: "image/jpeg", buffer })),
      );
    const panel = app.page.getByRole("region", { name: "Uploads" });
    await panel.getByText("3 failed").waitFor();
    for (const file of Object.keys(files)) {
      const shown = panel.getByTitle(file);
      expect(await shown.evaluate((it) => it.scrollWidth <= it.clientWidth), file).toBe(true);
    }
    expect(await panel.getByText("This is not a picture, video, sound or PDF").count()).toBe(2);
    await panel.getByText("The file is empty").waitFor();
    expect(await panel.getByRole("button", { name: /Retry/ }).count()).toBe(0);
  });

  test("what may pass another time can be sent again", async () => {
    const app = await open();
    app.allow(/status of 5|ERR_/);
    await app.page.route("**/graphql", (route) =>
      (route.request().headers()["content-type"] ?? "").startsWith("multipart/")
        ? route.fulfill({ status: 500, body: "no" })
        : route.continue(),
    );
    const buffer = await makeJpeg();
    await app.page
      .getByLabel("Files to upload")
      .setInputFiles([{ name: "again.jpg", mimeType: "image/jpeg", buffer }]);
    await app.button("Retry again.jpg").waitFor();
    await app.page.unroute("**/graphql");
    await app.button("Retry again.jpg").click();
    await app.tile("again.jpg").waitFor();
  });
});
