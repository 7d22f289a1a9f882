import { beforeEach, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { addCollection, addPicture, getEntity } from "../../support/library.ts";
import { plantFiles, plantMany } from "../../support/planted.ts";
import { describeApp, type AppPage } from "./app-page.ts";

const TRASHED = graphql(`
  query SelectionTrashed {
    stats {
      entities
      trashed
    }
  }
`);

const countOf = (text: string | undefined) => Number((text ?? "").replace(/\D/g, ""));

describeApp("selecting in the app", (stage) => {
  let app: AppPage;
  let parentId: string;

  /** A collection of its own for each test, its items' labels in the order in which they are shown. */
  beforeEach(async () => {
    parentId = await addCollection(stage.server, "Set");
    for (const label of ["five", "four", "three", "two", "one"])
      await addPicture(stage.server, { label, parentId });
    app = await stage.open({ query: `?collection=${parentId}` });
    await app.seeTiles(5);
  });

  const tick = (name: string) => app.page.getByRole("checkbox", { name: `Select ${name}`, exact: true });
  const bar = () => app.page.getByRole("group", { name: "Selection" });
  const chosen = async () => (await bar().getByRole("status").textContent())?.trim();

  test("takes items one by one, and lets them go", async () => {
    await app.tile("one").hover();
    await tick("one").click();
    // With one selected a click anywhere on an item selects it.
    await app.tile("three").click();
    expect(await chosen()).toBe("2 selected");
    expect(await tick("three").getAttribute("aria-checked")).toBe("true");
    await app.tile("one").click();
    expect(await chosen()).toBe("1 selected");
    await app.page.keyboard.press("Escape");
    await bar().waitFor({ state: "detached" });
  });

  test("takes a range with Shift, in either direction", async () => {
    await tick("four").click({ force: true });
    await app.tile("two").click({ modifiers: ["Shift"] });
    expect(await chosen()).toBe("3 selected");
    expect(await tick("three").getAttribute("aria-checked")).toBe("true");
    expect(await tick("one").getAttribute("aria-checked")).toBe("false");
  });

  test("takes everything with Ctrl+A, but not while typing", async () => {
    await app.page.keyboard.press("Control+a");
    expect(await chosen()).toBe("5 selected");
    await app.button("Select nothing").click();
    await app.page.getByRole("searchbox", { name: "Search" }).focus();
    await app.page.keyboard.press("Control+a");
    expect(await bar().count()).toBe(0);
  });

  test("moves what is selected to the trash, and brings it back by Undo", async () => {
    await tick("two").click({ force: true });
    await tick("four").click({ force: true });
    await app.button("Move to trash").click();
    const notice = await app.notice("2 items moved to the trash");
    await app.seeTiles(3);
    expect(await app.tiles()).toEqual(["one", "three", "five"]);
    // The bar is gone, and has not taken the focus along.
    expect(await app.page.evaluate(() => document.activeElement?.id)).toBe("main");
    await notice.getByRole("button", { name: "Undo" }).click();
    await app.notice("Undone");
    await app.seeTiles(5);
  });

  test("moves it to the trash with Delete, but not while typing", async () => {
    await tick("one").click({ force: true });
    await app.page.getByRole("searchbox", { name: "Search" }).focus();
    await app.page.keyboard.press("Delete");
    expect(await chosen()).toBe("1 selected");
    await app.page.locator("main").focus();
    await app.page.keyboard.press("Delete");
    await app.notice("1 item moved to the trash");
    await app.seeTiles(4);
  });

  test("keeps a notice for those who are about to press Undo", async () => {
    await app.page.clock.install();
    await tick("one").click({ force: true });
    await app.button("Move to trash").click();
    const notice = await app.notice("1 item moved to the trash");
    await notice.hover();
    await app.page.clock.runFor(60_000);
    expect(await notice.isVisible()).toBe(true);
    await app.page.mouse.move(700, 10);
    await app.page.clock.runFor(9_000);
    await notice.waitFor({ state: "detached" });
  });

  test("takes everything, also what has never been on the screen", async () => {
    const large = await addCollection(stage.server, "Large");
    const labels = Array.from({ length: 250 }, (_, index) => ({ label: `row ${index}`, parentId: large }));
    await plantFiles(stage.server, labels);
    await app.page.goto(`${stage.server.url}/?collection=${large}&order=name`);
    await app.tile("row 0").first().waitFor();
    await app.page.keyboard.press("Control+a");
    await expect.poll(chosen).toBe("250 selected");
    const before = await stage.server.run(TRASHED);
    await app.button("Move to trash").click();
    await app.notice("250 items moved to the trash");
    await app.page.getByText("Nothing is here yet").waitFor();
    const after = await stage.server.run(TRASHED);
    expect(after.stats.trashed - before.stats.trashed).toBe(250);
  });

  test("takes a range with everything between, also tiles that were never on the screen", async () => {
    const large = await addCollection(stage.server, "Long");
    const label = (index: number) => `item ${String(index).padStart(3, "0")}`;
    const rows = Array.from({ length: 320 }, (_, index) => ({ label: label(index), parentId: large }));
    const ids = await plantFiles(stage.server, rows);
    await app.page.goto(`${stage.server.url}/?collection=${large}&order=name`);
    await app.tile(label(0)).waitFor();
    await tick(label(0)).click({ force: true });
    await app.page.locator(".scroller").evaluate((scroller) => {
      scroller.scrollTo({ top: scroller.scrollHeight });
    });
    await app.tile(label(319)).click({ modifiers: ["Shift"] });
    await expect.poll(chosen).toBe("320 selected");
    await app.button("Move to trash").click();
    await app.notice("320 items moved to the trash");
    expect((await getEntity(stage.server, ids[150]!)).isDeleted).toBe(true);
  });

  // Ctrl+A took the first 10,000 of what was there, which is what the API changes at once.
  test("takes more than one change can take, and brings all of it back by one Undo", async () => {
    const many = 10_050;
    await plantMany(
      stage.server,
      Array.from({ length: many }, (_, index) => ({ originalName: `bulk ${index}.jpg`, type: "IMAGE" })),
    );
    app.page.setDefaultTimeout(60_000);
    // They have no bytes, and so no pictures.
    app.allow(/503/);
    await app.page.goto(`${stage.server.url}/?order=name`);
    await app.tile("bulk").first().waitFor();
    const { stats } = await stage.server.run(TRASHED);
    await app.page.keyboard.press("Control+a");
    // Of the other tests' pictures some lie here, too.
    await expect.poll(async () => countOf(await chosen()), { timeout: 60_000 }).toBeGreaterThanOrEqual(many);
    const all = countOf(await chosen());
    await app.button("Move to trash").click();
    const notice = app.page.locator(".notice").filter({ hasText: `${all.toLocaleString("en")} items moved` });
    await notice.waitFor({ timeout: 60_000 });
    expect((await stage.server.run(TRASHED)).stats.trashed - stats.trashed).toBe(all);
    await notice.getByRole("button", { name: "Undo" }).click();
    await app.page.locator(".notice").filter({ hasText: "Undone" }).waitFor({ timeout: 60_000 });
    expect((await stage.server.run(TRASHED)).stats.trashed).toBe(stats.trashed);
  }, 240_000);
});
