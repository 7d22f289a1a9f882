import { beforeAll, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { HARD_DELETE } from "../../support/documents.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { describeApp } from "./app-page.ts";

const DELETE = graphql(`
  mutation TimePageDelete($id: ID!) {
    softDeleteEntity(id: $id, reason: "blurred") {
      transaction {
        at
      }
    }
  }
`);

const UPDATED = graphql(`
  query TimePageUpdated($id: ID!) {
    entity(id: $id) {
      updatedAt
    }
  }
`);

describeApp("going back in time in the app", (stage) => {
  let begun: string;

  // One after the other, and not within the same millisecond.
  beforeAll(async () => {
    const early = await addPicture(stage.server, { label: "early" });
    begun = (await stage.server.run(UPDATED, { id: early })).entity?.updatedAt ?? "";
    await addPicture(stage.server, { label: "late" });
    await stage.server.run(DELETE, { id: early });
  });

  test("shows the library as it stood, changes nothing there, and comes back", async () => {
    const app = await stage.open();
    await app.seeTiles(1);
    expect(await app.tiles()).toEqual(["late"]);
    await app.button("Library as it stood").click();
    const slider = app.page.getByRole("slider", { name: "The library as it stood" });
    expect(await slider.getAttribute("aria-valuetext")).toBe("now");
    await slider.focus();
    await app.page.keyboard.press("Home");
    await expect.poll(() => app.tiles()).toEqual(["early"]);
    expect(Date.parse(new URL(app.page.url()).searchParams.get("at") ?? "")).toBe(Date.parse(begun));
    // Nobody changes the past.
    expect(await app.button("Upload").isDisabled()).toBe(true);
    await app.tile("early").getByRole("button", { name: "early" }).click();
    await app.page.getByRole("dialog", { name: "early" }).waitFor();
    await app.page.keyboard.press("i");
    await app.page.getByRole("complementary", { name: "Information" }).waitFor();
    expect(await app.button("Move to trash").count()).toBe(0);
    expect(await app.button("Restore").count()).toBe(0);
    expect(await app.page.getByRole("textbox", { name: "Title" }).count()).toBe(0);
    await app.page.keyboard.press("Escape");
    await app.page.getByRole("dialog").waitFor({ state: "detached" });
    await app.button("Back to now").click();
    await expect.poll(() => app.tiles()).toEqual(["late"]);
  });

  test("lists who did what, shows the library at that time, and takes things back", async () => {
    const app = await stage.open({ query: "?view=history" });
    const steps = app.page.locator(".transactions li");
    await expect
      .poll(() => steps.locator("strong").allTextContents())
      .toEqual(["Moved to the trash", "Uploaded", "Uploaded"]);
    await steps.first().getByText("blurred").waitFor();
    expect(await steps.nth(1).textContent()).toContain("Uploaded late");
    await steps.nth(1).getByRole("button", { name: "Library at that time" }).click();
    await expect.poll(async () => (await app.tiles()).sort()).toEqual(["early", "late"]);
    await app.page.goBack();
    await steps.first().getByRole("button", { name: "Undo" }).click();
    await steps.first().getByText("Undone").waitFor();
    await app.page
      .getByRole("navigation", { name: "Views" })
      .getByRole("button", { name: "Library" })
      .click();
    await expect.poll(async () => (await app.tiles()).sort()).toEqual(["early", "late"]);
  });

  test("lists earlier transactions when they are asked for", async () => {
    for (let number = 1; number <= 51; number++) await addCollection(stage.server, `Box ${number}`);
    const app = await stage.open({ query: "?view=history" });
    const steps = app.page.locator(".transactions li");
    await expect.poll(() => steps.count()).toBe(50);
    await app.button("Earlier").click();
    await steps.filter({ hasText: /Collection created Box 1(?!\d)/ }).waitFor();
    await steps.getByText("Uploaded early").waitFor();
    expect(await app.button("Earlier").count()).toBe(0);
  });

  test("offers no undo for what was destroyed", async () => {
    const id = await addCollection(stage.server, "Burnt");
    await stage.server.run(HARD_DELETE, { id });
    const app = await stage.open({ query: "?view=history" });
    const last = app.page.locator(".transactions li").first();
    await last.getByText("Deleted forever").waitFor();
    expect(await last.getByRole("button").allTextContents()).toEqual(["Library at that time"]);
  });

  test("takes uploads that came one after another back together", async () => {
    const parentId = await addCollection(stage.server, "Wrong ones");
    for (const label of ["a", "b", "c", "d"]) await addPicture(stage.server, { label, parentId });
    const app = await stage.open({ query: "?view=history" });
    await app.button("Undo all 4").click();
    await app.notice("Undone");
    await app.page.goto(`${stage.server.url}/?collection=${parentId}`);
    await app.page.getByText("Nothing is here yet").waitFor();
  });
});
