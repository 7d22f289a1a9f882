import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { addCollection, addPicture, getEntity } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { upload } from "../../support/uploading.ts";
import { describeApp, isInSight, type AppPage, type Stage } from "./app-page.ts";
import { canMakeVideo, makePdf, makeUnheard, makeUnplayable } from "./shots.ts";

const RENAME = graphql(`
  mutation CloselyRename($id: ID!, $input: UpdateEntityInput!) {
    updateEntity(id: $id, input: $input) {
      transaction {
        at
      }
    }
  }
`);

const UPDATED = graphql(`
  query CloselyUpdated($id: ID!) {
    entity(id: $id) {
      updatedAt
    }
  }
`);

/** @returns its id. */
const put = async (stage: Stage, bytes: Buffer, label: string, name: string) =>
  (await upload(stage.server, bytes, { label, name })).entity.id;

const rename = (stage: Stage, id: string, input: { label?: string; description?: string }) =>
  stage.server.run(RENAME, { id, input });

/** A large picture of few bytes. */
const makeLarge = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "teal" } })
    .jpeg()
    .toBuffer();

/** The picture that is on top, once it has come: its pixels, and where it is drawn. */
const topPicture = (app: AppPage) =>
  app.page
    .locator(".viewer .frame img:not(.late, .blurred)")
    .last()
    .evaluate((it) => {
      const { left, top, right, bottom } = it.getBoundingClientRect();
      const image = it as HTMLImageElement;
      return { pixels: image.complete ? image.naturalWidth : 0, src: image.src, left, top, right, bottom };
    });

describeApp("looking closely in the app", (stage) => {
  const ids = { large: "", pano: "", plain: "" };

  beforeAll(async () => {
    ids.large = await put(stage, await makeLarge(6000, 4000), "large", "large.jpg");
    ids.pano = await put(stage, await makeLarge(6000, 800), "pano", "pano.jpg");
    ids.plain = await addPicture(stage.server, { label: "plain" });
  });

  const open = async (query: string, name: string) => {
    const app = await stage.open({ query });
    await app.page.getByRole("dialog", { name }).locator(".frame img:not(.late, .blurred)").first().waitFor();
    return app;
  };

  // A key handler of the whole viewer took Space for itself, whatever had the focus.
  test("Space presses the button that has the focus", async () => {
    const app = await open(`?open=${ids.large}`, "large");
    await app.button("Information").focus();
    await app.page.keyboard.press("Space");
    await app.page.getByRole("complementary", { name: "Information" }).waitFor();
    expect(new URL(app.page.url()).searchParams.get("open")).toBe(ids.large);
    await app.button("Close").focus();
    await app.page.keyboard.press("Space");
    await app.page.getByRole("dialog").waitFor({ state: "detached" });
  });

  // However close one came, it was the preview of 2048 pixels.
  test.each(["large", "pano"] as const)("zooming loads all pixels there are: %s", async (name) => {
    const app = await open(`?open=${ids[name]}`, name);
    expect((await topPicture(app)).pixels).toBe(2048);
    await app.page.keyboard.press("1");
    await app.page.getByRole("button", { name: /^100 %/ }).waitFor();
    await expect.poll(async () => (await topPicture(app)).pixels).toBe(6000);
    expect((await topPicture(app)).src).toContain("/files/");
    await app.page.keyboard.press("0");
    await expect.poll(async () => (await topPicture(app)).left).toBeGreaterThanOrEqual(0);
  });

  // It could be dragged out of the window.
  test("a picture that is moved about never leaves the window", async () => {
    const app = await open(`?open=${ids.large}`, "large");
    await app.page.keyboard.press("1");
    await app.page.getByRole("button", { name: /^100 %/ }).waitFor();
    const frame = (await app.page.locator(".viewer .frame").boundingBox())!;
    const { mouse } = app.page;
    for (let time = 0; time < 5; time++) {
      await mouse.move(200, 300);
      await mouse.down();
      await mouse.move(1300, 800, { steps: 4 });
      await mouse.up();
    }
    const shown = await topPicture(app);
    expect([Math.round(shown.left), Math.round(shown.top)]).toEqual([frame.x, frame.y].map(Math.round));
    // By keys, too, to the other end.
    for (let time = 0; time < 80; time++) await app.page.keyboard.press("ArrowRight");
    const other = await topPicture(app);
    expect(Math.round(other.right)).toBe(Math.round(frame.x + frame.width));
    expect(new URL(app.page.url()).searchParams.get("open")).toBe(ids.large);
  });

  // The viewer asked for the entity as it is now, whatever time the library was looked at.
  test("a picture of another time is shown as it was then, and says so", async () => {
    const id = await addPicture(stage.server, { label: "old name" });
    await rename(stage, id, { description: "as it was" });
    const at = (await stage.server.run(UPDATED, { id })).entity!.updatedAt;
    const { updateEntity } = await rename(stage, id, { label: "new name", description: "as it is" });
    expect(updateEntity.transaction?.at).not.toBe(at);
    const app = await open(`?at=${at}&open=${id}`, "old name");
    await app.page.getByText(/As it was on .*version\s2/).waitFor();
    await app.page.keyboard.press("i");
    const info = app.page.getByRole("complementary", { name: "Information" });
    await info.getByText("as it was").waitFor();
    await app.button("See it now").click();
    await app.page.getByRole("dialog", { name: "new name" }).waitFor();
    const before = await stage.open({ query: `?at=2001-01-01T00:00:00Z&open=${id}` });
    await before.page.getByText("This was not in the library at that time.").waitFor();
  });

  // One failure, and a tile or the viewer stayed black without a word.
  test("a picture that is late says so and comes by itself", async () => {
    const context = await stage.browser.newContext();
    let isReady = false;
    await context.route("**/derivatives/**", (route) =>
      isReady
        ? route.continue()
        : route.fulfill({ status: 503, headers: { "retry-after": "1", "cache-control": "no-store" } }),
    );
    const parentId = await addCollection(stage.server, "Late");
    const id = await addPicture(stage.server, { label: "late", parentId });
    const app = await stage.open({ query: `?collection=${parentId}`, context });
    app.allow(/503/);
    await app.tile("late").getByText("Picture is being made").waitFor();
    await app.page.goto(`${stage.server.url}/?collection=${parentId}&open=${id}`);
    await app.page.getByText("The preview is being made. It will appear by itself.").waitFor();
    isReady = true;
    await expect.poll(async () => (await topPicture(app)).pixels).toBeGreaterThan(0);
    await app.button("Close").click();
    await app.tile("late").getByText("Picture is being made").waitFor({ state: "detached" });
    await app.seePictures();
    await context.close();
  });

  test("a picture that will never come says so, with the file to download", async () => {
    const context = await stage.browser.newContext();
    await context.route("**/derivatives/**", (route) => route.fulfill({ status: 415 }));
    const app = await stage.open({ query: `?open=${ids.plain}`, context });
    app.allow(/415/);
    await app.page.getByText("No picture could be made of this file").waitFor();
    await app.page.locator(".excuse").getByRole("link", { name: "Download" }).waitFor();
    await context.close();
  });

  // The player showed dead controls, or turned forever.
  test.skipIf(!canMakeVideo).each(["mp4", "avi"] as const)(
    "a video that no browser plays says so, with the file to download: %s",
    async (kind) => {
      const label = `unplayable ${kind}`;
      const id = await put(stage, await makeUnplayable(kind), label, `video.${kind}`);
      const app = await stage.open({ query: `?open=${id}` });
      await app.page.getByText("This browser cannot play this kind of video").waitFor();
      const link = app.page.locator(".excuse").getByRole("link", { name: "Download" });
      expect(await link.getAttribute("href")).toContain("download");
    },
  );

  // "There is no picture of this file", and nothing but a download.
  // It showed a player that did nothing.
  test.skipIf(!canMakeVideo)("a sound that no browser plays says so, with the file to download", async () => {
    const id = await put(stage, await makeUnheard(), "unheard", "sound.aiff");
    const app = await stage.open({ query: `?open=${id}` });
    await app.page.getByText("This browser cannot play this kind of sound").waitFor();
    expect(await isInSight(app.page.locator(".excuse").getByRole("link", { name: "Download" }))).toBe(true);
  });

  test("a PDF shows its first page, with the file to download", async () => {
    const id = await put(stage, makePdf(), "letter", "letter.pdf");
    const app = await stage.open({ query: `?open=${id}` });
    await app.page.getByText("This is the first page.").waitFor();
    await expect.poll(async () => (await topPicture(app)).pixels).toBeGreaterThan(0);
    await app.page.locator(".excuse").getByRole("link", { name: "Download" }).waitFor();
  });

  // Nobody was told but in the panel of one picture.
  test("a picture that ends early is marked, and can be looked for", async () => {
    const whole = await makeJpeg();
    const parentId = await addCollection(stage.server, "Broken");
    const app = await stage.open({ query: `?collection=${parentId}` });
    await app.page.getByText("Nothing is here yet").waitFor();
    const buffer = whole.subarray(0, Math.floor(whole.length * 0.6));
    await app.page
      .getByLabel("Files to upload")
      .setInputFiles([{ name: "cut.jpg", mimeType: "image/jpeg", buffer }]);
    await app.page
      .getByRole("region", { name: "Uploads" })
      .getByText(/ends|cut|incomplete|whole/i)
      .waitFor();
    await app.tile("cut.jpg").locator(".warning").waitFor();
    await addPicture(stage.server, { label: "whole", parentId });
    await app.tile("whole").waitFor();
    await app.button("Filters").click();
    await app.page.getByRole("button", { name: /With problems 1/ }).click();
    await app.seeTiles(1);
  });

  // The field was made again with each version, and took what was being written along.
  test("what is being written stays while another window saves, and nothing is overwritten unasked", async () => {
    const id = await addPicture(stage.server, { label: "shared" });
    const app = await open(`?open=${id}`, "shared");
    await app.page.keyboard.press("i");
    const title = app.page.getByRole("textbox", { name: "Title" });
    await title.fill("shared and mine");
    app.allow(/status of 409/);
    // Another field is no conflict.
    await rename(stage, id, { description: "theirs" });
    await expect
      .poll(() => app.page.getByRole("textbox", { name: "Description" }).inputValue())
      .toBe("theirs");
    expect(await title.inputValue()).toBe("shared and mine");
    await title.press("Enter");
    await app.notice("Saved");
    expect(await getEntity(stage.server, id)).toMatchObject({ label: "shared and mine" });

    await title.fill("mine again");
    await rename(stage, id, { label: "theirs" });
    await app.page.getByText("Somebody else has changed this to").waitFor();
    expect(await title.inputValue()).toBe("mine again");
    expect(await getEntity(stage.server, id)).toMatchObject({ label: "theirs" });
    await app.button("Save mine").click();
    await app.page.getByRole("dialog", { name: "mine again" }).waitFor();
    expect(await getEntity(stage.server, id)).toMatchObject({ label: "mine again" });
  });

  // It closed the viewer; and a description was one line.
  test("Escape in a field gives up what was written, and a description has lines", async () => {
    const id = await addPicture(stage.server, { label: "kept" });
    const app = await open(`?open=${id}`, "kept");
    await app.page.keyboard.press("i");
    const title = app.page.getByRole("textbox", { name: "Title" });
    await title.fill("thrown away");
    await title.press("Escape");
    expect(await title.inputValue()).toBe("kept");
    const description = app.page.getByRole("textbox", { name: "Description" });
    await description.fill("one");
    await description.press("Enter");
    await description.pressSequentially("two");
    await description.press("Control+Enter");
    await app.notice("Saved");
    expect(await getEntity(stage.server, id)).toMatchObject({ label: "kept", description: "one\ntwo" });
    await app.page.getByRole("dialog", { name: "kept" }).waitFor();
  });
});
