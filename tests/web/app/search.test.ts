import { expect, test } from "vitest";
import { upload } from "../../support/uploading.ts";
import { describeApp } from "./app-page.ts";
import { makeShot } from "./shots.ts";

const shots = [
  { label: "harbour at dawn", color: "coral", year: 2021, model: "X100V" },
  { label: "harbour by night", color: "navy", year: 2022, model: "X100V" },
  { label: "mountain", color: "teal", year: 2022, model: "EOS R6" },
];

describeApp(
  "search and filters in the app",
  (stage) => {
    test("finds while typing, marks the matches, and is cleared", async () => {
      const app = await stage.open();
      await app.seeTiles(3);
      await app.page.keyboard.press("/");
      await app.page.keyboard.type("harb*");
      await app.seeTiles(2);
      expect(await app.page.locator(".tile mark").allTextContents()).toEqual(["harbour", "harbour"]);
      expect(new URL(app.page.url()).searchParams.get("search")).toBe("harb*");
      // What the address says is found again.
      await app.page.reload();
      await app.seeTiles(2);
      await app.page.getByRole("searchbox", { name: "Search" }).fill("harbour -night");
      await app.seeTiles(1);
      expect(await app.tiles()).toEqual(["harbour at dawn"]);
      await app.page.getByRole("searchbox", { name: "Search" }).fill("whale");
      await app.page.getByText("Nothing was found for “whale”.").waitFor();
      await app.button("Clear the search").click();
      await app.seeTiles(3);
    });

    test("says what is wrong when the server does not answer, and tries again", async () => {
      // Without news from the server, which would have it read again by chance before the button is pressed.
      const context = await stage.browser.newContext();
      await context.routeWebSocket(/graphql/, () => undefined);
      const app = await stage.open({ context });
      await app.seeTiles(3);
      app.allow(/ERR_FAILED/);
      await app.page.route("**/graphql", (route) => route.abort());
      await app.page.getByRole("searchbox", { name: "Search" }).fill("mountain");
      const alert = app.page.getByRole("alert").filter({ hasText: "The list could not be read" });
      await alert.getByText("The server cannot be reached").waitFor();
      await app.page.unroute("**/graphql");
      await alert.getByRole("button", { name: "Try again" }).click();
      await app.seeTiles(1);
      await alert.waitFor({ state: "detached" });
    });

    test("narrow by type, year and camera, with how many each would leave", async () => {
      const app = await stage.open();
      await app.button("Filters").click();
      const group = (name: string) => app.page.getByRole("group", { name });
      await group("Type").getByRole("button", { name: "Image 3" }).waitFor();
      await group("Year").getByRole("button", { name: "2021 1" }).waitFor();
      await group("Camera").getByRole("button", { name: "X100V 2" }).click();
      await app.seeTiles(2);
      await group("Year").getByRole("button", { name: "2022 1" }).click();
      await app.seeTiles(1);
      expect(await app.tiles()).toEqual(["harbour by night"]);

      // The panel goes, what it says stays.
      await app.button("Filters, 2 in use").click();
      await group("Camera").waitFor({ state: "detached" });
      await app.seeTiles(1);
      await app.page.reload();
      await app.seeTiles(1);
      await group("Year").getByRole("button", { name: "2022 1" }).click();
      await app.seeTiles(2);
      await app.button("Clear filters").click();
      await app.seeTiles(3);
      await app.button("Filters").click();
      await group("Camera").waitFor({ state: "detached" });
    });

    test("say that they leave nothing, where pictures are", async () => {
      const app = await stage.open({ query: "?type=VIDEO" });
      await app.page.getByText("Nothing here matches these filters.").waitFor();
      await app.button("Clear filters").click();
      await app.seeTiles(3);
    });

    test("are put in another order", async () => {
      const app = await stage.open();
      await app.seeTiles(3);
      expect((await app.tiles()).at(-1)).toBe("harbour at dawn");
      await app.page.getByRole("combobox", { name: "Order" }).selectOption("Name");
      await expect.poll(() => app.tiles()).toEqual(["harbour at dawn", "harbour by night", "mountain"]);
    });
  },
  {
    prepare: async (server) => {
      for (const { label, color, year, model } of shots) {
        const tags = [`-Model=${model}`, `-DateTimeOriginal=${year}:05:01 12:00:00`, `-Comment=${label}`];
        await upload(server, await makeShot(color, ...tags), { label, name: `${label}.jpg` });
      }
    },
  },
);
