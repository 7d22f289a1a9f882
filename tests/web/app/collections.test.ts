import { beforeEach, expect, test } from "vitest";
import { addCollection, addPicture, getEntity } from "../../support/library.ts";
import { describeApp, type AppPage } from "./app-page.ts";

describeApp("collections in the app", (stage) => {
  let app: AppPage;
  let summer: string;
  let lakes: string;
  let picture: string;

  beforeEach(async () => {
    summer = await addCollection(stage.server, "Summer");
    lakes = await addCollection(stage.server, "Lakes", summer);
    picture = await addPicture(stage.server, { label: "boat", parentId: summer });
    app = await stage.open({ query: `?collection=${summer}` });
    await app.seeTiles(1);
    // What is dragged and where to have come to their places.
    await app.button("Lakes").waitFor();
    await app.button("Rename").waitFor();
    await app.seePictures();
  });

  const crumbs = () => app.page.getByRole("navigation", { name: "Breadcrumbs" });
  const way = async () => (await crumbs().getByRole("listitem").allInnerTexts()).map((text) => text.trim());
  const parentOf = async (id: string) => (await getEntity(stage.server, id)).parentId;

  test("lead down, and up again by the breadcrumbs, the browser's back, and a link", async () => {
    await app.button("Lakes").click();
    await expect.poll(way).toEqual(["Library", "Summer", "Lakes"]);
    await app.page.getByText("Nothing is here yet").waitFor();
    await crumbs().getByRole("button", { name: "Summer" }).click();
    await app.tile("boat").waitFor();
    await app.page.goBack();
    await expect.poll(way).toEqual(["Library", "Summer", "Lakes"]);
    await app.page.reload();
    await expect.poll(way).toEqual(["Library", "Summer", "Lakes"]);
  });

  test("are made where one is, and taken back", async () => {
    await app.button("New collection").click();
    await app.page.keyboard.type("Castles");
    await app.page.keyboard.press("Enter");
    const notice = await app.notice("Collection “Castles” made");
    await app.button("Castles").waitFor();
    await notice.getByRole("button", { name: "Undo" }).click();
    await app.button("Castles").waitFor({ state: "detached" });
    // Thought better of it: nothing is made.
    await app.button("New collection").click();
    await app.page.keyboard.type("Never");
    await app.page.keyboard.press("Escape");
    await app.button("New collection").waitFor();
    expect(await app.button("Never").count()).toBe(0);
  });

  test("are renamed, and moved to the trash with all that is in them", async () => {
    await app.button("Rename").click();
    await app.page.getByRole("textbox", { name: "New name of the collection" }).fill("Winter");
    await app.page.keyboard.press("Enter");
    await app.notice("Renamed to “Winter”");
    await expect.poll(way).toEqual(["Library", "Winter"]);
    expect((await getEntity(stage.server, summer)).label).toBe("Winter");
    await app.button("Move the collection to the trash").click();
    await app.notice(/“Winter” and \d+ items? below it moved to the trash/);
    await expect.poll(way).toEqual(["Library"]);
    expect((await getEntity(stage.server, picture)).isDeleted).toBe(true);
  });

  test("take what is dragged onto them, and give it back by the breadcrumbs", async () => {
    await app.tile("boat").dragTo(app.button("Lakes"));
    await app.notice("1 item moved");
    await app.seeTiles(0);
    expect(await parentOf(picture)).toBe(lakes);
    await app.button("Lakes").click();
    await app.tile("boat").dragTo(crumbs().getByRole("button", { name: "Library" }));
    await app.notice("1 item moved");
    await expect.poll(() => parentOf(picture)).toBeNull();
  });

  test("take everything that is selected when one of it is dragged", async () => {
    await addPicture(stage.server, { label: "pier", parentId: summer });
    await app.tile("pier").waitFor();
    await app.page.keyboard.press("Control+a");
    await app.tile("boat").dragTo(app.button("Lakes"));
    await app.notice("2 items moved");
    await app.seeTiles(0);
  });

  test("are dragged into one another, but not into themselves", async () => {
    const castles = await addCollection(stage.server, "Castles", summer);
    await app.button("Castles").waitFor();
    await app.button("Castles").hover();
    await app.page.mouse.down();
    const { x, y } = (await app.button("Castles").boundingBox())!;
    await app.page.mouse.move(x + 4, y + 4, { steps: 5 });
    await app.page.mouse.up();
    await app.button("Castles").dragTo(app.button("Lakes"));
    await app.notice("1 item moved");
    expect(await app.page.locator(".notice.problem").count()).toBe(0);
    expect(await parentOf(castles)).toBe(lakes);
  });

  test("are chosen by the keyboard alone", async () => {
    await app.page.getByRole("checkbox", { name: "Select boat" }).focus();
    await app.page.keyboard.press("Space");
    await app.button("Move").focus();
    await app.page.keyboard.press("Enter");
    const dialog = app.page.getByRole("dialog", { name: "Move one item to" });
    await dialog.waitFor();
    await app.page.keyboard.type("Lak");
    await dialog.getByRole("button", { name: "Lakes" }).first().waitFor();
    await dialog.getByRole("button", { name: "Library" }).waitFor({ state: "detached" });
    // The first place that has the name.
    await app.page.keyboard.press("Tab");
    expect(await app.page.evaluate(() => document.activeElement?.textContent.trim())).toMatch(/^Lakes/);
    await app.page.keyboard.press("Enter");
    await app.notice("1 item moved");
    await dialog.waitFor({ state: "detached" });
    expect((await getEntity(stage.server, (await parentOf(picture))!)).label).toBe("Lakes");
  });

  test("are made for what is moved", async () => {
    await app.page.keyboard.press("Control+a");
    await app.button("Move").click();
    await app.page.keyboard.type("Boats of 1999");
    await app.button("New collection “Boats of 1999”").click();
    await app.notice("1 item moved");
    expect((await getEntity(stage.server, (await parentOf(picture))!)).label).toBe("Boats of 1999");
  });

  test("stand as they stood when the past is looked at", async () => {
    const at = new Date().toISOString();
    await addCollection(stage.server, "Later", summer);
    await app.button("Later").waitFor();
    await app.page.goto(`${stage.server.url}/?collection=${summer}&at=${at}`);
    await app.button("Lakes").waitFor();
    expect(await app.button("Later").count()).toBe(0);
    // Nothing can be done to the past.
    expect(await app.button("New collection").count()).toBe(0);
    expect(await app.button("Upload").isDisabled()).toBe(true);
  });
});
