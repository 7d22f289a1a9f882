import { expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { plantCollections, plantFiles } from "../../support/planted.ts";
import { describeApp, isInSight, type AppPage } from "./app-page.ts";

const DELETE = graphql(`
  mutation LookingDelete($ids: [ID!]!) {
    softDeleteEntities(ids: $ids) {
      ids
    }
  }
`);

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const shape = { type: "IMAGE", width: 600, height: 400 } as const;
const hour = 3_600_000;
const newest = Date.UTC(2025, 11, 31, 12);

const scrollTop = ({ page }: AppPage) => page.locator(".scroller").evaluate(({ scrollTop: top }) => top);

describeApp(
  "looking around in the app",
  (stage) => {
    // Search and trash opened thousands of pixels down: while the length of the list was unknown, its first block counted
    // as standing above the window, and its height was added to what had been scrolled.
    test("search results and the trash begin at their top", async () => {
      const app = await stage.open();
      await app.tile("img 0000").waitFor();
      await app.page.getByRole("searchbox", { name: "Search" }).fill("img");
      await app.page.locator(".tile mark").first().waitFor();
      expect(await scrollTop(app)).toBe(0);
      await app.page
        .getByRole("navigation", { name: "Views" })
        .getByRole("button", { name: "Trash" })
        .click();
      await app.tile("lost 0").first().waitFor();
      expect(await scrollTop(app)).toBe(0);
      const direct = await stage.open({ query: "?search=img" });
      await direct.page.locator(".tile mark").first().waitFor();
      expect(await scrollTop(direct)).toBe(0);
      expect(await isInSight(direct.page.locator(".tile").first())).toBe(true);
    });

    // What narrows the list stood above its first picture, out of sight of whoever had scrolled.
    test("filters appear where one looks, several of a kind can be chosen, and years stand in their order", async () => {
      const app = await stage.open();
      await app.tile("img 0000").waitFor();
      await app.page.locator(".scroller").evaluate((scroller) => {
        scroller.scrollTop = 3000;
      });
      await expect.poll(() => scrollTop(app)).toBe(3000);
      await app.button("Filters").click();
      const years = app.page.getByRole("group", { name: "Year" });
      await years.waitFor();
      expect(await isInSight(years)).toBe(true);
      const shown = (await years.getByRole("button").allTextContents()).map((text) => text.slice(0, 4));
      expect(shown).toEqual([...shown].sort().reverse());
      await years.getByRole("button").nth(0).click();
      await years.getByRole("button").nth(1).click();
      expect(new URL(app.page.url()).searchParams.get("year")).toBe(`${shown[1]},${shown[0]}`);
      expect(await years.getByRole("button").count()).toBe(shown.length);
    });

    test("years are filtered from one to another", async () => {
      const app = await stage.open({ query: "?order=captured" });
      await app.button("Filters").click();
      const years = app.page.getByRole("group", { name: "Year" });
      const buttons = years.getByRole("button");
      await buttons.first().waitFor();
      const shown = (await buttons.allTextContents()).map((text) => text.slice(0, 4));
      const [to, , from] = shown;
      await years.getByRole("combobox", { name: "From year" }).selectOption(from!);
      await years.getByRole("combobox", { name: "To year" }).selectOption(to!);
      await expect.poll(() => new URL(app.page.url()).searchParams.get("year")).toBe(`${from}-${to}`);
      const pressed = async () =>
        (await years.locator("button[aria-pressed=true]").allTextContents()).map((text) => text.slice(0, 4));
      expect(await pressed()).toEqual(shown.slice(0, 3));
      await app.button("Filters, 1 in use").waitFor();
      const counts = (await buttons.allTextContents())
        .slice(0, 3)
        .map((text) => Number(text.slice(4).replace(/\D/g, "")));
      await app.page.locator(".tile .picture").first().click();
      await app.page.getByText(`1 of ${counts.reduce((sum, each) => sum + each)}`).waitFor();
      await app.page.keyboard.press("Escape");
      // One year takes the place of the span.
      await buttons.nth(1).click();
      await expect.poll(() => new URL(app.page.url()).searchParams.get("year")).toBe(shown[1]);
    });

    test("an empty place says that there is nothing to filter", async () => {
      const id = await addCollection(stage.server, "Empty");
      const app = await stage.open({ query: `?collection=${id}` });
      await app.button("Filters").click();
      await app.page.getByText("There is nothing here to filter yet.").waitFor();
    });

    // The labels of the years were text that dragging selects.
    test("scrubbing marks no text", async () => {
      const app = await stage.open();
      const bar = app.page.getByRole("slider", { name: "Time" });
      const box = (await bar.boundingBox())!;
      await app.page.mouse.move(box.x + 30, box.y + 20);
      await app.page.mouse.down();
      await app.page.mouse.move(box.x + 30, box.y + box.height - 40, { steps: 8 });
      await app.page.mouse.up();
      await expect.poll(() => scrollTop(app)).toBeGreaterThan(1000);
      expect(await app.page.evaluate(() => String(window.getSelection()))).toBe("");
    });

    // The way back and the name of the place vanished, and what was elsewhere was "not found".
    test("searching in a collection says where it looks, and looks everywhere when asked to", async () => {
      const app = await stage.open({ query: `?collection=${places.tokyo}` });
      await app.page.getByRole("heading", { name: "東京 Tokyo" }).waitFor();
      await app.page.getByRole("searchbox", { name: "Search" }).fill("img");
      await app.page.getByText("Nothing was found for “img”").waitFor();
      expect(await isInSight(app.page.getByText("in 東京 Tokyo"))).toBe(true);
      expect(await isInSight(app.page.getByRole("heading", { name: "東京 Tokyo" }))).toBe(true);
      await app.button("Search the whole library").click();
      await app.page.locator(".tile mark").first().waitFor();
      await app.page.goBack();
      await app.page.getByText("Nothing was found for “img”").waitFor();
      await app.button("Search everywhere").click();
      await app.page.locator(".tile mark").first().waitFor();
    });

    // Next and Previous knew only what had been scrolled past.
    test.each(["captured", "added", "name", "size"])(
      "a link into the middle of the list knows its neighbours, by %s",
      async (order) => {
        const id = places.files[235]!;
        const app = await stage.open({ query: `?order=${order}&open=${id}` });
        const at = (name: string) => app.page.getByRole("dialog", { name }).waitFor();
        await at("img 0235");
        await app.button("Next").waitFor();
        await app.page.getByText(/\d+ of \d+/).waitFor();
        await app.page.keyboard.press("ArrowRight");
        // The largest are those that were added last.
        await at(order === "captured" || order === "name" ? "img 0236" : "img 0234");
        await app.page.keyboard.press("ArrowLeft");
        await at("img 0235");
        await app.page.keyboard.press("ArrowLeft");
        await at(order === "captured" || order === "name" ? "img 0234" : "img 0236");
      },
    );

    // One item was told of 91, and the trash laid them all side by side.
    test("a collection goes to the trash and comes back as a whole, and stays one there", async () => {
      const app = await stage.open({ query: `?collection=${places.trips}` });
      await app.button("Move the collection to the trash").click();
      await app.notice("“Trips” and 90 items below it moved to the trash");
      await app.page
        .getByRole("navigation", { name: "Views" })
        .getByRole("button", { name: "Trash" })
        .click();
      await app.tile("Trips").waitFor();
      expect(await app.tile("Japan").count()).toBe(0);
      expect(await app.tile("trip 01").count()).toBe(0);
      await app.tile("Trips").getByRole("button", { name: "Trips" }).click();
      await app.tile("Japan").waitFor();
      await app.tile("trip 01").waitFor();
      await app.button("Restore with everything in it").click();
      await app.notice("“Trips” and 90 items below it restored");
      const back = await stage.open({ query: `?collection=${places.tokyo}` });
      await back.tile("tokyo").waitFor();
    });

    // Delete in the viewer of a link left one on what was gone.
    test("what is deleted in the viewer makes room for what comes next, and in the end for the list", async () => {
      const parentId = await addCollection(stage.server, "Few");
      const ids = [];
      for (const label of ["one", "two"]) ids.push(await addPicture(stage.server, { label, parentId }));
      const app = await stage.open({ query: `?collection=${parentId}&open=${ids[0]}` });
      await app.page.getByRole("dialog", { name: "one" }).getByText("2 of 2").waitFor();
      await app.page.keyboard.press("Delete");
      await app.page.getByRole("dialog", { name: "two" }).waitFor();
      await app.page.getByText("1 of 1").waitFor();
      await app.page.keyboard.press("Delete");
      await app.page.getByRole("dialog").waitFor({ state: "detached" });
      await app.page.getByText("Nothing is here yet").waitFor();
    });

    test("a link to a collection that is gone says so and leads home", async () => {
      const app = await stage.open({ query: "?collection=999999" });
      await app.page.getByText("This collection no longer exists.").waitFor();
      expect(await app.button("New collection").count()).toBe(0);
      expect(await app.button("Upload").isDisabled()).toBe(true);
      await app.button("To the library").click();
      await app.tile("img 0000").waitFor();
    });
  },
  {
    prepare: async (server) => {
      places.files = await plantFiles(
        server,
        numbers(400).map((index) => {
          const capturedAt = new Date(newest - index * 200 * hour);
          const name = String(index).padStart(4, "0");
          return {
            ...shape,
            ...{ label: `img ${name}`, originalName: `img_${name}.jpg`, fileSize: BigInt(1000 + index) },
            ...{ capturedAt, capturedLocal: capturedAt.toISOString().slice(0, -1) },
            addedAt: new Date(newest + index * 1000),
          };
        }),
      );
      const lost = await plantFiles(
        server,
        numbers(100).map((index) => ({ ...shape, label: `lost ${index}` })),
      );
      await server.run(DELETE, { ids: lost });
      const [trips] = await plantCollections(server, [{ label: "Trips" }]);
      const [japan] = await plantCollections(server, [{ label: "Japan", parentId: trips! }]);
      const [tokyo] = await plantCollections(server, [{ label: "東京 Tokyo", parentId: japan! }]);
      Object.assign(places, { trips, japan, tokyo });
      // With the two collections below it, 90.
      await plantFiles(
        server,
        numbers(87).map((index) => ({
          ...shape,
          label: `trip ${String(index).padStart(2, "0")}`,
          parentId: trips!,
        })),
      );
      await plantFiles(server, [{ ...shape, label: "tokyo", parentId: tokyo! }]);
    },
  },
);

const places = { trips: "", japan: "", tokyo: "", files: [] as readonly string[] };
