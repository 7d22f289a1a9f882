import { expect, test } from "vitest";
import { clientOf } from "../../support/client.ts";
import { addPicture } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer } from "../../support/server.ts";
import { claims, sign, trusting } from "../../auth/issuer.ts";
import { describeApp, type AppPage } from "./app-page.ts";
import { canMakeVideo, makeVideo } from "./shots.ts";

const may = (...names: readonly ("read" | "write" | "admin")[]) =>
  sign(claims({ permissions: names.map((name) => `media_store_${name}`) }));

const field = (app: AppPage) =>
  app.page.getByRole("textbox", { name: "Token" }).or(app.page.getByLabel("Token"));

async function give(app: AppPage, token: string) {
  await field(app).fill(token);
  await app.page.locator("form").getByRole("button", { name: "Sign in" }).click();
}

/** The browser logs refused requests by itself. */
const refused = /status of 40[13]|WebSocket/;

describeApp(
  "signing in to the app",
  (stage) => {
    test("is asked for before anything is shown, and again when the token is not believed", async () => {
      await addPicture(clientOf(stage.server.url, await may("read", "write")), { label: "private" });
      const app = await stage.open();
      app.allow(refused);
      await app.page.getByRole("heading", { name: "CoLAN Media Store" }).waitFor();
      await give(app, "not a token");
      // It was the very sentence that one is told without any key.
      await app.page.getByRole("alert").getByText("This key is not valid").waitFor();
      await give(app, await may("read", "write"));
      await app.tile("private").waitFor();
      // Asked again: not after a reload of the same tab, but in another one.
      await app.page.reload();
      await app.tile("private").waitFor();
      const other = await stage.open();
      other.allow(refused);
      await field(other).waitFor();
      await app.button("Sign out").click();
      await field(app).waitFor();
      expect(await app.page.locator(".tile").count()).toBe(0);
    });

    test("shows pictures, whose URLs are signed, and what others change", async () => {
      const token = await may("read", "write");
      const id = await addPicture(clientOf(stage.server.url, token), { label: "signed" });
      const app = await stage.open({ token });
      const picture = app.tile("signed").locator("img");
      const isLoaded = (image: HTMLElement | SVGElement) =>
        image instanceof HTMLImageElement && image.complete && image.naturalWidth > 0;
      await expect.poll(() => picture.evaluate(isLoaded)).toBe(true);
      expect(await picture.getAttribute("src")).toMatch(/signature=/);
      // Without the signature nobody is shown it, whoever asks from the same browser.
      const bare = new URL((await picture.getAttribute("src"))!, stage.server.url);
      bare.search = "";
      expect((await fetch(bare)).status).toBe(401);
      await app.page.goto(`${stage.server.url}/?open=${id}`);
      await expect
        .poll(() => app.page.getByRole("dialog").locator("img").first().evaluate(isLoaded))
        .toBe(true);
      await app.button("Close").click();
      await addPicture(clientOf(stage.server.url, token), { label: "from elsewhere" });
      await app.tile("from elsewhere").waitFor();
    });

    test.skipIf(!canMakeVideo)("plays videos, whose URLs are signed too", async () => {
      const token = await may("read", "write");
      const video = await makeVideo();
      const app = await stage.open({ token });
      await app.page
        .getByLabel("Files to upload")
        .setInputFiles([{ name: "video.webm", mimeType: "video/webm", buffer: video }]);
      await app.button("Show video.webm").click();
      const player = app.page.getByRole("dialog").locator("video");
      await expect
        .poll(() => player.evaluate((it) => it instanceof HTMLVideoElement && it.readyState > 0))
        .toBe(true);
      expect(await player.evaluate((it) => (it as HTMLVideoElement).currentSrc)).toMatch(/signature=/);
    });

    // Every control of editing stood there, and each was refused after it had been used.
    test("lets those look who may only look, without the controls that change something", async () => {
      const id = await addPicture(clientOf(stage.server.url, await may("read", "write")), {
        label: "look at me",
      });
      const app = await stage.open({ token: await may("read") });
      await app.page.getByText("You can look, but not change anything as ada.").waitFor();
      await app.tile("look at me").waitFor();
      for (const name of ["Upload", "New collection", "Sign in"])
        expect(await app.button(name).count(), name).toBe(0);
      expect(await app.page.getByRole("checkbox").count()).toBe(0);
      await app.page.goto(`${stage.server.url}/?open=${id}`);
      await app.page.getByRole("dialog", { name: "look at me" }).waitFor();
      await app.page.getByText("You can look").waitFor({ state: "attached" });
      expect(await app.button("Move to trash").count()).toBe(0);
      await app.page.keyboard.press("i");
      await app.page.getByRole("complementary", { name: "Information" }).waitFor();
      expect(await app.page.getByRole("textbox", { name: "Title" }).count()).toBe(0);
      await app.page.keyboard.press("Delete");
      await app.page.getByRole("dialog", { name: "look at me" }).waitFor();
      await app.page.goto(`${stage.server.url}/?view=history`);
      await app.page.getByText("Uploaded").first().waitFor();
      await app.page.getByText("You can look").waitFor();
      expect(await app.button("Undo").count()).toBe(0);
    });

    test("keeps a key for other tabs only when asked to", async () => {
      await addPicture(clientOf(stage.server.url, await may("read", "write")), { label: "kept" });
      const context = await stage.browser.newContext();
      const app = await stage.open({ context });
      app.allow(refused);
      await app.page.getByRole("checkbox", { name: "Stay signed in on this device" }).check();
      await give(app, await may("read", "write"));
      await app.tile("kept").waitFor();
      const other = await stage.open({ context });
      other.allow(refused);
      await other.tile("kept").waitFor();
      await other.button("Sign out").click();
      await field(other).waitFor();
      await context.close();
    });
  },
  { env: trusting("all") },
);

describeApp("changing an open library in the app", (stage) => {
  test("is offered where writing needs it, and looking is possible without", async () => {
    const server = await startServer({ env: trusting("write") });
    const app = await stage.open({ url: server.url });
    app.allow(refused);
    await app.page.getByText("Nothing is here yet").waitFor();
    await app.button("Sign in").click();
    const dialog = app.page.getByRole("dialog", { name: "Sign in to change the library" });
    await dialog.waitFor();
    await app.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    // Who only looks goes on looking.
    await app.page.getByText("Nothing is here yet").waitFor();
    expect(await app.button("Upload").count()).toBe(0);
    await app.button("Sign in").click();
    await give(app, await may("read", "write"));
    await dialog.waitFor({ state: "detached" });
    await app.button("Upload").waitFor();
    await app.page
      .getByLabel("Files to upload")
      .setInputFiles([{ name: "mine.jpg", mimeType: "image/jpeg", buffer: await makeJpeg() }]);
    await app.tile("mine.jpg").waitFor();
  });
});
