import { beforeEach, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { replace } from "../../support/going-back.ts";
import { getEntity } from "../../support/library.ts";
import { md5Of, upload } from "../../support/uploading.ts";
import { describeApp, isInSight, phone } from "./app-page.ts";
import { makeShot } from "./shots.ts";

const RENAME = graphql(`
  mutation VersionsPageRename($id: ID!, $label: String!, $reason: String) {
    updateEntity(id: $id, input: { label: $label }, reason: $reason) {
      entity {
        version
      }
    }
  }
`);

let made = 0;

describeApp("the versions of an entity in the app", (stage) => {
  let id: string;
  let first: Buffer;

  beforeEach(async () => {
    // No two files are the same.
    const different = () => `-Comment=${++made}`;
    first = await makeShot("coral", different());
    id = (await upload(stage.server, first, { label: "draft" })).entity.id;
    await replace(stage.server, id, await makeShot("navy", different()), { reason: "sharper" });
    await stage.server.run(RENAME, { id, label: "final", reason: "it is done" });
  });

  const openVersions = async () => {
    const app = await stage.open({ query: `?open=${id}` });
    await app.page.getByRole("dialog", { name: "final" }).waitFor();
    await app.page.keyboard.press("h");
    const panel = app.page.getByRole("complementary", { name: "Versions" });
    await panel.getByText("1. Added").waitFor();
    return { app, panel };
  };

  test("are listed with who changed what and why", async () => {
    const { app, panel } = await openVersions();
    expect(await panel.locator(".head strong").allTextContents()).toEqual([
      "3. Edited",
      "2. File replaced",
      "1. Added",
    ]);
    await panel.getByText("it is done").waitFor();
    await panel.getByText("sharper").waitFor();
    await panel.getByText("Title: draft final").waitFor();
    // Of the first one all is new, and what is for machines stays out.
    expect(await panel.getByRole("listitem").filter({ hasText: "1. Added" }).locator("li").count()).toBe(0);
    expect(await panel.getByText("sha256").count()).toBe(0);
    await app.button("Versions").click();
    await panel.waitFor({ state: "detached" });
  });

  test("are compared by eye: as it was beside as it is", async () => {
    const { panel } = await openVersions();
    await panel.getByRole("button", { name: "Compare with now" }).last().click();
    const before = panel.getByRole("img", { name: "Version 1" });
    const now = panel.getByRole("img", { name: "Version 3, now" });
    const colourOf = (picture: typeof before) =>
      picture.evaluate(async (it) => {
        const image = it as HTMLImageElement;
        await image.decode();
        const context = document.createElement("canvas").getContext("2d");
        context?.drawImage(image, 0, 0);
        return [...(context?.getImageData(2, 2, 1, 1).data ?? [])];
      });
    const [red = 0, , blue = 0] = await colourOf(before);
    expect(red).toBeGreaterThan(blue);
    const [redNow = 0, , blueNow = 0] = await colourOf(now);
    expect(blueNow).toBeGreaterThan(redNow);
    await panel.getByRole("button", { name: "Hide" }).click();
    await before.waitFor({ state: "detached" });
  });

  // The comparison appeared at the top of the list, above the part that was on the screen.
  test("show the comparison where the eye is, on a phone too", async () => {
    // The button of the first version stands far below the comparison then.
    for (let edit = 0; edit < 12; edit++)
      await stage.server.run(RENAME, { id, label: edit === 11 ? "final" : `try ${edit}` });
    const app = await stage.open({ query: `?open=${id}`, size: phone });
    await app.page.getByRole("dialog", { name: "final" }).waitFor();
    await app.page.keyboard.press("h");
    await app.button("Compare with now").last().click();
    const picture = app.page.getByRole("img", { name: "Version 1", exact: true });
    await picture.waitFor();
    await expect.poll(() => isInSight(picture)).toBe(true);
  });

  test("are brought back, with the bytes, and that is taken back", async () => {
    const { app, panel } = await openVersions();
    const { md5 } = await getEntity(stage.server, id);
    await panel.getByRole("button", { name: "Bring back" }).last().click();
    const notice = await app.notice("Version 1 is back");
    await panel.getByText("4. Earlier version brought back").waitFor();
    await app.page.getByRole("dialog", { name: "draft" }).waitFor();
    expect(await getEntity(stage.server, id)).toMatchObject({ md5: md5Of(first), label: "draft" });
    await notice.getByRole("button", { name: "Undo" }).click();
    await app.page.getByRole("dialog", { name: "final" }).waitFor();
    expect(await getEntity(stage.server, id)).toMatchObject({ md5, label: "final" });
  });

  test("that are many are shown in parts", async () => {
    for (let edit = 0; edit < 55; edit++)
      await stage.server.run(RENAME, { id, label: edit === 54 ? "final" : `try ${edit}` });
    const app = await stage.open({ query: `?open=${id}` });
    await app.page.getByRole("dialog", { name: "final" }).waitFor();
    await app.page.keyboard.press("h");
    const panel = app.page.getByRole("complementary", { name: "Versions" });
    await panel.getByText("58. Edited").waitFor();
    await panel.getByRole("button", { name: "Earlier" }).click();
    await panel.getByText("1. Added").waitFor();
    // News from the server have everything read again, which hid what had been asked for.
    await stage.server.run(RENAME, { id, label: "final again" });
    await panel.getByText("59. Edited").waitFor();
    await panel.getByText("1. Added").waitFor();
    expect(await panel.locator(".head").count()).toBe(59);
  });
});
