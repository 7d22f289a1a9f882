import { expect, test } from "vitest";
import { addPicture } from "../../support/library.ts";
import { describeApp } from "./app-page.ts";

describeApp(
  "the app at another address than PUBLIC_URL",
  (stage) => {
    // URLs of files begin with PUBLIC_URL. The page's policy let in no other origin, and the name may not resolve: there
    // was not one picture.
    test("shows its pictures and files all the same", async () => {
      const id = await addPicture(stage.server, { label: "here" });
      const app = await stage.open({ query: `?open=${id}` });
      const isLoaded = (image: HTMLElement | SVGElement) =>
        image instanceof HTMLImageElement && image.complete && image.naturalWidth > 0;
      const picture = app.page.locator(".viewer .frame img:not(.late, .blurred)").first();
      await expect.poll(() => picture.evaluate(isLoaded)).toBe(true);
      const link = await app.page.getByRole("link", { name: "Download" }).getAttribute("href");
      expect((await fetch(new URL(link!, stage.server.url))).status).toBe(200);
      await app.button("Close").click();
      await expect.poll(() => app.tile("here").locator("img").evaluate(isLoaded)).toBe(true);
    });
  },
  { env: { PUBLIC_URL: "https://media.example/library", ALLOWED_HOSTS: "media.example" } },
);
