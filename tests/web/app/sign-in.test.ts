import { expect, test } from "vitest";
import { clientOf } from "../../support/client.ts";
import { addPicture } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer } from "../../support/server.ts";
import { claims, sign, trusting } from "../../auth/issuer.ts";
import { describeApp, type AppPage } from "./app-page.ts";
import { canFilm, makeFilm } from "./shots.ts";

const may = (...names: readonly ("read" | "write" | "admin")[]) =>
  sign(claims({ permissions: names.map((name) => `media_store_${name}`) }));

const field = (app: AppPage) =>
  app.page.getByRole("textbox", { name: "Token" }).or(app.page.getByLabel("Token"));

async function give(app: AppPage, token: string) {
  await field(app).fill(token);
  await app.button("Sign in").click();
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
      await app.page.getByRole("alert").waitFor();
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

    test.skipIf(!canFilm)("plays films, whose URLs are signed too", async () => {
      const token = await may("read", "write");
      const video = await makeFilm();
      const app = await stage.open({ token });
      await app.page
        .getByLabel("Files to upload")
        .setInputFiles([{ name: "film.webm", mimeType: "video/webm", buffer: video }]);
      await app.button("Show film.webm").click();
      const player = app.page.getByRole("dialog").locator("video");
      await expect
        .poll(() => player.evaluate((it) => it instanceof HTMLVideoElement && it.readyState > 0), {
          timeout: 10_000,
        })
        .toBe(true);
      expect(await player.evaluate((it) => (it as HTMLVideoElement).currentSrc)).toMatch(/signature=/);
    });

    test("lets those look who may only look, and tells them so when they try more", async () => {
      await addPicture(clientOf(stage.server.url, await may("read", "write")), { label: "look at me" });
      const app = await stage.open({ token: await may("read") });
      app.allow(refused);
      await app.tile("look at me").waitFor();
      await app.page.getByRole("checkbox", { name: "Select look at me" }).click({ force: true });
      await app.button("Move to trash").click();
      await app.notice(/You may not do this.*media_store_write/);
      await app.page
        .getByLabel("Files to upload")
        .setInputFiles([{ name: "mine.jpg", mimeType: "image/jpeg", buffer: await makeJpeg() }]);
      await app.page.getByRole("region", { name: "Uploads" }).getByText("You may not do this").waitFor();
      await app.tile("look at me").waitFor();
    });
  },
  { env: trusting("all") },
);

describeApp("changing an open library in the app", (stage) => {
  test("asks who one is, and what was begun goes on", async () => {
    const server = await startServer({ env: trusting("write") });
    const app = await stage.open({ url: server.url });
    app.allow(refused);
    await app.page.getByText("Nothing is here yet").waitFor();
    await app.page
      .getByLabel("Files to upload")
      .setInputFiles([{ name: "mine.jpg", mimeType: "image/jpeg", buffer: await makeJpeg() }]);
    const dialog = app.page.getByRole("dialog", { name: "Sign in to change the library" });
    await dialog.waitFor();
    await app.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    // Who only looks goes on looking.
    await app.page.getByText("Nothing is here yet").waitFor();
    await app.button("Retry mine.jpg").click();
    await dialog.waitFor();
    await give(app, await may("read", "write"));
    await dialog.waitFor({ state: "detached" });
    await app.button("Retry mine.jpg").click();
    await app.tile("mine.jpg").waitFor();
  });
});
