import { expect, test } from "vitest";
import { addCollection, addPicture } from "../../support/library.ts";
import { md5Of, upload } from "../../support/uploading.ts";
import { describeApp, isInSight, phone, type AppPage, type Stage } from "./app-page.ts";
import { canMakeVideo, makeVideo, makeShot } from "./shots.ts";

const camera = ["-Make=Fujifilm", "-Model=X100V", "-LensModel=23mm F2", "-FNumber=2", "-ExposureTime=1/250"];
const place = ["-GPSLatitude=53.5511", "-GPSLatitudeRef=N", "-GPSLongitude=9.9937", "-GPSLongitudeRef=E"];
const taken = (year: number) => `-DateTimeOriginal=${year}:05:01 12:00:00`;
const videoSeconds = 8;

const scaleOf = (app: AppPage, name: string) =>
  app.page
    .getByRole("dialog", { name })
    .getByRole("img", { name })
    .evaluate((image) => new DOMMatrix(getComputedStyle(image).transform).a);

const placeOf = (app: AppPage, name: string) =>
  app.page
    .getByRole("dialog", { name })
    .getByRole("img", { name })
    .evaluate((image) => {
      const { e, f } = new DOMMatrix(getComputedStyle(image).transform);
      return { x: e, y: f };
    });

async function openViewer(stage: Stage, name: string, visit = {}) {
  const app = await stage.open(visit);
  await app.tile(name).getByRole("button", { name }).click();
  const viewer = app.page.getByRole("dialog", { name });
  await viewer.waitFor();
  return { app, viewer };
}

describeApp(
  "the viewer in the app",
  (stage) => {
    test("goes on with arrows, buttons and space, and leads back to the tile", async () => {
      const { app } = await openViewer(stage, "newest");
      const sees = (name: string) => app.page.getByRole("dialog", { name }).waitFor();
      const { keyboard } = app.page;
      await keyboard.press("ArrowRight");
      await sees("middle");
      await keyboard.press("ArrowLeft");
      await sees("newest");
      // Before the first there is nothing.
      await keyboard.press("ArrowLeft");
      await sees("newest");
      await keyboard.press("Space");
      await sees("middle");
      await app.button("Next").click();
      await sees("oldest");
      await app.button("Previous").click();
      await sees("middle");
      await app.page.reload();
      await sees("middle");
      await app.page.goBack();
      await app.page.getByRole("dialog").waitFor({ state: "detached" });

      const tile = app.tile("oldest").getByRole("button", { name: "oldest" });
      await tile.focus();
      await keyboard.press("Enter");
      await sees("oldest");
      await keyboard.press("Escape");
      await app.page.getByRole("dialog").waitFor({ state: "detached" });
      expect(await tile.evaluate((it) => it === document.activeElement)).toBe(true);
    });

    test("goes on by itself in a slide show, until it is stopped", async () => {
      const { app } = await openViewer(stage, "newest");
      const show = app.button("Slide show");
      expect(await isInSight(show)).toBe(true);
      const opened = app.page.url();
      await app.page.keyboard.press("s");
      await expect.poll(() => show.getAttribute("aria-pressed")).toBe("true");
      await expect.poll(() => app.page.url(), { timeout: 30_000 }).not.toBe(opened);
      await show.click();
      expect(await show.getAttribute("aria-pressed")).toBe("false");
      // At the end nothing is left to come.
      const counted = /(\d+) of (\d+)/.exec((await app.page.getByText(/\d+ of \d+/).textContent()) ?? "");
      const [place, total] = [Number(counted?.[1]), Number(counted?.[2])];
      for (let next = place + 1; next <= total; next++) {
        await app.page.keyboard.press("ArrowRight");
        await app.page.getByText(`${next} of ${total}`).waitFor();
      }
      expect(await show.count()).toBe(0);
    });

    test("brings pictures nearer by wheel, double click and keys, and moves them", async () => {
      const { app, viewer } = await openViewer(stage, "newest");
      await viewer.getByRole("img", { name: "newest" }).waitFor();
      expect(await scaleOf(app, "newest")).toBe(1);
      const { mouse, keyboard } = app.page;
      await mouse.move(500, 400);
      await mouse.wheel(0, -400);
      await expect.poll(() => scaleOf(app, "newest")).toBeCloseTo(Math.E, 2);
      const before = await placeOf(app, "newest");
      await mouse.down();
      await mouse.move(560, 430, { steps: 3 });
      await mouse.up();
      const after = await placeOf(app, "newest");
      expect([after.x - before.x, after.y - before.y]).toEqual([60, 30]);
      await keyboard.press("0");
      await expect.poll(() => scaleOf(app, "newest")).toBe(1);
      await mouse.dblclick(700, 450);
      await expect.poll(() => scaleOf(app, "newest")).toBe(3);
      await mouse.dblclick(700, 450);
      await expect.poll(() => scaleOf(app, "newest")).toBe(1);
      await keyboard.press("+");
      await expect.poll(() => scaleOf(app, "newest")).toBe(1.5);
      await keyboard.press("-");
      await expect.poll(() => scaleOf(app, "newest")).toBe(1);
    });

    test("follows two fingers on a phone", async () => {
      const context = await stage.browser.newContext({ hasTouch: true });
      const { app } = await openViewer(stage, "newest", { context, size: phone });
      const session = await context.newCDPSession(app.page);
      const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...xs: number[]) =>
        session.send("Input.dispatchTouchEvent", {
          type,
          touchPoints: xs.map((x, id) => ({ x, y: 400, id })),
        });
      await touch("touchStart", 150, 250);
      await touch("touchMove", 100, 300);
      await touch("touchEnd");
      await expect.poll(() => scaleOf(app, "newest")).toBeCloseTo(2, 1);
      await context.close();
    });

    test("puts what is looked at into the trash, goes on, and takes it back", async () => {
      const { app } = await openViewer(stage, "newest");
      await app.page.keyboard.press("Delete");
      const notice = await app.notice("1 item moved to the trash");
      await app.page.getByRole("dialog", { name: "middle" }).waitFor();
      await notice.getByRole("button", { name: "Undo" }).click();
      await app.page.keyboard.press("Escape");
      await app.tile("newest").waitFor();
    });

    test("shows all metadata of a file, with its place on a map", async () => {
      const { app, viewer } = await openViewer(stage, "newest");
      await app.page.keyboard.press("i");
      const info = viewer.getByRole("complementary", { name: "Information" });
      await info.getByText("2023-05-01 12:00:00").waitFor();
      for (const text of ["Fujifilm X100V", "23mm F2", "f/2 · 1/250 s", "newest.jpg", "image/jpeg"])
        await info.getByText(text).first().waitFor();
      await info.getByText(/, 1200 × 800$/).waitFor();
      await info.getByText("53.55110, 9.99370").waitFor();
      expect(await info.getByRole("link", { name: "Map" }).getAttribute("href")).toBe(
        "https://www.openstreetmap.org/?mlat=53.5511&mlon=9.9937#map=14/53.5511/9.9937",
      );
      await info.getByText("All metadata").click();
      await info.getByText("LensModel").waitFor();
      await info.getByText(md5Of(await shots.newest)).waitFor();
      await app.page.keyboard.press("i");
      await info.waitFor({ state: "detached" });
    });

    test("fits a phone, with all that can be done in sight", async () => {
      const label = "The whole family on the beach in the last evening sun";
      const parentId = await addCollection(stage.server, "Holidays");
      await addPicture(stage.server, { label, parentId });
      const query = `?collection=${parentId}`;
      const { app, viewer } = await openViewer(stage, label, { size: phone, query });
      await app.button("Information").click();
      await viewer.getByText("All metadata").click();
      await viewer.getByText("MD5").waitFor();
      const edges = await viewer.locator("button, a, dd").evaluateAll((all) =>
        all.flatMap((each) => {
          const { left, right } = each.getBoundingClientRect();
          return [left, right];
        }),
      );
      expect(edges.length).toBeGreaterThan(20);
      expect(Math.min(...edges)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...edges)).toBeLessThanOrEqual(phone.width);
    });

    test("changes title and description where they stand", async () => {
      const { app } = await openViewer(stage, "oldest");
      const viewer = app.page.getByRole("dialog");
      await app.button("Information").click();
      const title = viewer.getByRole("textbox", { name: "Title" });
      // The viewer's keys are letters to somebody who writes.
      await title.fill("");
      await title.pressSequentially("a high tide");
      await title.press("Enter");
      const notice = await app.notice("Saved");
      await app.page.getByRole("heading", { name: "a high tide" }).waitFor();
      await viewer.getByRole("textbox", { name: "Description" }).fill("At the old harbour");
      await viewer.getByRole("textbox", { name: "Description" }).press("Control+Enter");
      await notice.getByRole("button", { name: "Dismiss" }).click();
      await expect
        .poll(() => viewer.getByRole("textbox", { name: "Description" }).inputValue())
        .toBe("At the old harbour");
      await app.page.keyboard.press("Escape");
      await app.tile("a high tide").waitFor();
    });

    test.skipIf(!canMakeVideo)("plays videos, pauses, and goes to any moment of them", async () => {
      const app = await stage.open();
      const parts: number[] = [];
      app.page.on("response", (response) => {
        if (response.url().includes("/files/")) parts.push(response.status());
      });
      await app.tile("video").getByRole("button", { name: "video" }).click();
      const video = app.page.locator("video");
      const timeOf = () => video.evaluate((it) => (it as HTMLVideoElement).currentTime);
      const isPaused = () => video.evaluate((it) => (it as HTMLVideoElement).paused);
      await expect.poll(timeOf).toBeGreaterThan(0);
      await app.page.keyboard.press("Space");
      await expect.poll(isPaused).toBe(true);
      const sought = await video.evaluate(async (it, seconds) => {
        const video = it as HTMLVideoElement;
        const done = new Promise((resolve) => {
          video.addEventListener("seeked", resolve, { once: true });
        });
        video.currentTime = seconds;
        await done;
        return { time: video.currentTime, frames: video.videoWidth };
      }, videoSeconds - 2);
      expect(sought).toEqual({ time: videoSeconds - 2, frames: 160 });
      await app.page.keyboard.press("Space");
      await expect.poll(timeOf).toBeGreaterThan(videoSeconds - 2);
      expect(new Set(parts)).toEqual(new Set([206]));
    });

    test("says that an item no longer exists", async () => {
      const app = await stage.open({ query: "?open=999" });
      await app.page.getByText("This item no longer exists.").waitFor();
      await app.button("Close").click();
      await app.tile("middle").waitFor();
    });
  },
  {
    prepare: async (server) => {
      for (const [name, shot] of Object.entries(shots))
        await upload(server, await shot, { label: name, name: `${name}.jpg` });
      if (canMakeVideo)
        await upload(server, await makeVideo(videoSeconds), { label: "video", name: "video.webm" });
    },
  },
);

const shots = {
  oldest: makeShot("teal", taken(2021)),
  middle: makeShot("olive", taken(2022)),
  newest: makeShot("coral", taken(2023), ...camera, ...place),
};
