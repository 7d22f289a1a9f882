import type { BrowserContext, Locator } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { addCollection, addPicture } from "../../support/library.ts";
import { describeApp, desktop, isInSight, phone, type AppPage } from "./app-page.ts";

const tablet = { width: 820, height: 1180 } as const;
const sizes = { desktop, tablet, phone } as const;

describeApp("what can be done in the app, before any picture has been made", (stage) => {
  let id: string;

  beforeAll(async () => {
    const parentId = await addCollection(stage.server, "Holidays");
    id = await addPicture(stage.server, { label: "a picture", parentId });
    await addPicture(stage.server, { label: "another", parentId });
  });

  /** Pictures are never ready, and the line is slow. */
  async function open(
    context: BrowserContext,
    size: (typeof sizes)[keyof typeof sizes],
    scheme: "light" | "dark",
  ) {
    const app = await stage.open({ context, size, colorScheme: scheme });
    app.allow(/503/);
    const session = await context.newCDPSession(app.page);
    await session.send("Network.emulateNetworkConditions", {
      ...{ offline: false, latency: 100, downloadThroughput: 400_000, uploadThroughput: 200_000 },
    });
    return app;
  }

  async function see(app: AppPage, controls: Readonly<Record<string, Locator>>) {
    for (const [name, control] of Object.entries(controls)) {
      await control.waitFor();
      expect(await isInSight(control), name).toBe(true);
    }
  }

  test.each(Object.entries(sizes))(
    "is seen and can be reached on a %s, by day and by night",
    async (_, size) => {
      const context = await stage.browser.newContext();
      await context.route("**/derivatives/**", (route) =>
        route.fulfill({ status: 503, headers: { "retry-after": "5", "cache-control": "no-store" } }),
      );
      for (const scheme of ["light", "dark"] as const) {
        const app = await open(context, size, scheme);
        const { page } = app;
        const view = (name: string) =>
          page.getByRole("navigation", { name: "Views" }).getByRole("button", { name });
        await see(app, {
          tile: app.tile("a picture"),
          late: app.tile("a picture").getByText("Picture is being made"),
          search: page.getByRole("searchbox", { name: "Search" }),
          order: page.getByRole("combobox", { name: "Order" }),
          ...Object.fromEntries(
            ["Filters", "Library as it stood", "Upload", "Holidays", "New collection"].map((name) => [
              name,
              app.button(name),
            ]),
          ),
          trash: view("Trash"),
          history: view("History"),
        });
        await view("Trash").click();
        await page.getByText("The trash is empty.").waitFor();
        expect(await app.button("Empty trash").isDisabled()).toBe(true);
        await view("History").click();
        await see(app, {
          heading: page.getByRole("heading", { name: "History" }),
          undo: app.button("Undo").first(),
        });
        await page.goto(`${stage.server.url}/?at=${new Date().toISOString()}`);
        await see(app, { now: app.button("Back to now") });
        await page.goto(stage.server.url);
        await app.button("New collection").click();
        await see(app, {
          name: page.getByRole("textbox", { name: "Name of the new collection" }),
          create: app.button("Create"),
          cancel: app.button("Cancel"),
        });
        await page.goto(`${stage.server.url}/?open=${id}`);
        await see(app, {
          late: page.getByText("The preview is being made. It will appear by itself."),
          again: app.button("Try now"),
          title: page.getByRole("heading", { name: "a picture" }),
          ...Object.fromEntries(
            ["Close", "Information", "Versions", "Move to trash"].map((name) => [name, app.button(name)]),
          ),
        });
        await page.close();
      }
      await context.close();
    },
  );
});
