import { beforeEach, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { addPicture } from "../../support/library.ts";
import { describeApp, type AppPage } from "./app-page.ts";

const DELETE = graphql(`
  mutation TrashPageDelete($ids: [ID!]!) {
    softDeleteEntities(ids: $ids) {
      ids
    }
  }
`);

const LEFT = graphql(`
  query TrashPageLeft {
    entities(trash: ANY) {
      items {
        label
        isDeleted
      }
    }
  }
`);

describeApp("the trash in the app", (stage) => {
  let app: AppPage;

  const left = async () => {
    const { entities } = await stage.server.run(LEFT);
    return entities.items.map(({ label, isDeleted }) => `${label}${isDeleted ? " (trash)" : ""}`).sort();
  };

  beforeEach(async () => {
    const ids = [];
    for (const label of ["keep", "lose"]) ids.push(await addPicture(stage.server, { label }));
    await stage.server.run(DELETE, { ids });
    app = await stage.open({ query: "?view=trash" });
    await app.seeTiles(2);
    await app.seePictures();
  });

  const empty = async () => {
    await app.button("Empty trash").click();
    await app.page
      .getByRole("dialog", { name: "Empty the trash?" })
      .getByText("Empty the trash")
      .last()
      .click();
    await app.notice("The trash is empty");
  };

  test("restores, destroys after a question, and is emptied after another", async () => {
    await app.tile("keep").hover();
    await app.page.getByRole("checkbox", { name: "Select keep" }).click();
    await app.button("Restore").click();
    await app.notice("1 item restored");
    await app.seeTiles(1);
    expect(await left()).toEqual(["keep", "lose (trash)"]);

    await app.tile("lose").hover();
    await app.page.getByRole("checkbox", { name: "Select lose" }).click();
    await app.button("Delete forever").click();
    const dialog = app.page.getByRole("dialog", { name: "Delete 1 item forever?" });
    // What cannot be undone is not what Enter does.
    expect(
      await dialog.getByRole("button", { name: "Cancel" }).evaluate((it) => it === document.activeElement),
    ).toBe(true);
    await app.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await left()).toEqual(["keep", "lose (trash)"]);
    // The focus is again where the question was asked.
    await expect
      .poll(() => app.page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
      .toBe("Delete forever");

    await app.page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Delete forever" }).click();
    await app.notice("Deleted forever");
    expect(await left()).toEqual(["keep"]);
    await app.page.getByText("The trash is empty.").waitFor();
  });

  test("is emptied", async () => {
    const live = (await left()).filter((name) => !name.includes("trash"));
    await app.button("Empty trash").click();
    await app.button("Cancel").click();
    await app.seeTiles(2);
    await empty();
    await app.page.getByText("The trash is empty.").waitFor();
    expect(await left()).toEqual(live);
  });

  test("shows what came into it since it was last looked at", async () => {
    await addPicture(stage.server, { label: "later" });
    // Without news from the server, which would have it read again in time by chance.
    const context = await stage.browser.newContext();
    await context.routeWebSocket(/graphql/, () => undefined);
    app = await stage.open({ query: "?view=trash", context });
    await app.seeTiles(2);
    await app.page
      .getByRole("navigation", { name: "Views" })
      .getByRole("button", { name: "Library" })
      .click();
    await app.tile("later").hover();
    await app.page.getByRole("checkbox", { name: "Select later" }).click();
    await app.button("Move to trash").click();
    await app.notice("1 item moved to the trash");
    await app.page.getByRole("navigation", { name: "Views" }).getByRole("button", { name: "Trash" }).click();
    await app.tile("later").waitFor();
    await app.seeTiles(3);
  });
});
