import sharp from "sharp";
import { beforeEach, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { addPicture, getEntity } from "../../support/library.ts";
import { describeApp, phone } from "./app-page.ts";

const RESTORE = graphql(`
  mutation ShellRestore($ids: [ID!]!) {
    restoreEntities(ids: $ids) {
      ids
    }
  }
`);

describeApp("the app's frame", (stage) => {
  let id: string;

  beforeEach(async () => {
    id = await addPicture(stage.server, { label: "wave" });
  });

  test("leads between its parts, and back", async () => {
    const app = await stage.open();
    const views = app.page.getByRole("navigation", { name: "Views" });
    const current = () => views.locator("[aria-current=page]").innerText();
    expect(await current()).toBe("Library");
    await views.getByRole("button", { name: "Trash" }).click();
    await app.button("Empty trash").waitFor();
    await views.getByRole("button", { name: "History" }).click();
    await app.page.getByRole("heading", { name: "History" }).waitFor();
    await app.page.goBack();
    await app.button("Empty trash").waitFor();
    await app.page.goBack();
    await app.tile("wave").first().waitFor();
  });

  test("fits a phone: nothing is beyond its edge", async () => {
    const app = await stage.open({ size: phone });
    for (const name of ["Trash", "History", "Library"]) {
      await app.page.getByRole("navigation", { name: "Views" }).getByRole("button", { name }).click();
      await app.page.waitForLoadState("networkidle");
      const beyond = await app.page.evaluate(() =>
        [...document.querySelectorAll("button, input, h1, p")]
          .filter(
            (element) =>
              element.checkVisibility() && element.closest(".strip, .facets, .tile, .skip") == null,
          )
          .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 0.5)
          .map(({ outerHTML }) => outerHTML.slice(0, 120)),
      );
      expect(beyond, name).toEqual([]);
    }
  });

  test("lets keyboards skip to the pictures", async () => {
    const app = await stage.open();
    await app.tile("wave").first().waitFor();
    await app.page.keyboard.press("Tab");
    const link = app.page.getByRole("link", { name: "Skip to the pictures" });
    expect(await link.evaluate((it) => it === document.activeElement)).toBe(true);
    await app.page.keyboard.press("Enter");
    expect(await app.page.evaluate(() => document.activeElement?.id)).toBe("main");
  });

  test("offers Undo where it can be pressed: above the viewer too", async () => {
    const app = await stage.open({ query: `?open=${id}` });
    await app.page
      .getByRole("dialog", { name: "wave" })
      .getByRole("button", { name: "Move to trash" })
      .click();
    const notice = await app.notice("1 item moved to the trash");
    expect((await getEntity(stage.server, id)).isDeleted).toBe(true);
    await notice.getByRole("button", { name: "Undo" }).click();
    await app.notice("Undone");
    expect((await getEntity(stage.server, id)).isDeleted).toBe(false);
    // Read out: a live region holds it.
    expect(await app.page.locator(".notices").getAttribute("role")).toBe("status");
  });

  test("says why something was not undone", async () => {
    const app = await stage.open();
    app.allow(/status of 4\d\d/);
    await app.page.getByRole("checkbox", { name: "Select wave" }).first().click({ force: true });
    await app.button("Move to trash").click();
    const notice = await app.notice("1 item moved to the trash");
    // Somebody else was quicker.
    await stage.server.run(RESTORE, { ids: [id] });
    await notice.getByRole("button", { name: "Undo" }).click();
    await app.notice(/Not undone: /);
  });

  test("explains its own faults, and offers a way on", async () => {
    const app = await stage.open();
    await app.tile("wave").first().waitFor();
    app.allow(/.*/);
    const broken = { data: { transactions: { items: [null, null], pagination: { totalItems: 2 } } } };
    await app.page.route("**/graphql", (route) =>
      route.request().postData()?.includes("AppTransactions") === true
        ? route.fulfill({ json: broken })
        : route.continue(),
    );
    await app.button("History").click();
    await app.page.getByRole("heading", { name: "Something went wrong on this page" }).waitFor();
    await app.page.getByText("Details for a report").click();
    expect(await app.page.locator("pre").textContent()).toMatch(/TypeError/);
    await app.page.getByRole("link", { name: "To the library" }).click();
    await app.tile("wave").first().waitFor();
    // Beside what is drawn, a notice.
    await app.page.evaluate(() => void Promise.reject(new Error("nobody waits for this")));
    await app.notice("Something went wrong on this page");
    await app.button("Dismiss").click();
    expect(await app.page.locator(".notice").count()).toBe(0);
  });

  test("says that the server cannot be reached, and goes on when it can", async () => {
    const app = await stage.open();
    app.allow(/ERR_FAILED/);
    await app.tile("wave").first().waitFor();
    await app.page.route("**/graphql", (route) => route.abort());
    await app.page.getByRole("checkbox", { name: "Select wave" }).first().click({ force: true });
    await app.button("Move to trash").click();
    await app.notice("Not done: The server cannot be reached");
    await app.page.unroute("**/graphql");
    await app.button("Move to trash").click();
    await app.notice("1 item moved to the trash");
  });

  test("moves nothing for those who want no motion", async () => {
    const app = await stage.open();
    await app.tile("wave").first().waitFor();
    const moving = () =>
      app.page.evaluate(
        () =>
          [...document.querySelectorAll("*")].filter((element) => {
            const { transitionDuration, animationName } = getComputedStyle(element);
            return !/^0s(, 0s)*$/.test(transitionDuration) || animationName !== "none";
          }).length,
      );
    expect(await moving()).toBeGreaterThan(0);
    await app.page.emulateMedia({ reducedMotion: "reduce" });
    expect(await moving()).toBe(0);
  });

  test("can be installed: its manifest is one, with icons of the sizes it says", async () => {
    const app = await stage.open();
    const session = await app.page.context().newCDPSession(app.page);
    const { url, errors, data } = await session.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    // As it was built.
    const manifest = JSON.parse(data ?? "") as { start_url: string; icons: { src: string; sizes: string }[] };
    expect(new URL(manifest.start_url, url).href).toBe(`${stage.server.url}/`);
    for (const { src, sizes } of manifest.icons) {
      const response = await fetch(new URL(src, url));
      expect(response.headers.get("content-type")).toBe("image/png");
      const { width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
      expect(`${width}x${height}`).toBe(sizes);
    }
  });
});
