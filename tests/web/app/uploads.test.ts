import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { addCollection } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { listRows, upload } from "../../support/uploading.ts";
import { describeApp, type AppPage } from "./app-page.ts";

const IN = graphql(`
  query UploadsIn($parent: ID) {
    entities(filter: { parentId: { equals: $parent } }, orderBy: [{ originalName: ASC }]) {
      items {
        originalName
      }
    }
  }
`);

const TRASH = graphql(`
  mutation UploadsTrash($ids: [ID!]!) {
    softDeleteEntities(ids: $ids) {
      ids
    }
  }
`);

describeApp("uploading in the app", (stage) => {
  let app: AppPage;
  let dir: string;
  let parent: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "colan-files-"));
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  beforeEach(async () => {
    parent = await addCollection(stage.server, "Arrivals");
    app = await stage.open({ query: `?collection=${parent}` });
    await app.page.getByText("Nothing is here yet").waitFor();
  });

  const panel = () => app.page.getByRole("region", { name: "Uploads" });
  const row = (name: string) => panel().getByRole("listitem").filter({ hasText: name });
  const told = (text: string) => panel().getByRole("status").filter({ hasText: text }).waitFor();
  const stored = async () =>
    (await stage.server.run(IN, { parent })).entities.items.map(({ originalName }) => originalName);
  const pick = (...paths: string[]) => app.page.getByLabel("Files to upload").setInputFiles(paths);

  async function makeFile(name: string, bytes?: Buffer): Promise<string> {
    const path = join(dir, name);
    await writeFile(path, bytes ?? (await makeJpeg()));
    return path;
  }

  /** What a person drags or pastes, as the browser hands it to the page. */
  async function transfer(files: Readonly<Record<string, Buffer>>) {
    const given = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, [...bytes]]));
    return app.page.evaluateHandle((all) => {
      const data = new DataTransfer();
      for (const [name, bytes] of Object.entries(all))
        data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
      return data;
    }, given);
  }

  test("takes files from the picker into the collection that is open, and shows them", async () => {
    await pick(await makeFile("a.jpg"), await makeFile("b.jpg"));
    await told("2 of 2 uploaded");
    await app.seeTiles(2);
    expect(await stored()).toEqual(["a.jpg", "b.jpg"]);
    await app.button("Show a.jpg").click();
    await app.page.getByRole("dialog", { name: "a.jpg" }).waitFor();
  });

  test("takes what is dropped anywhere", async () => {
    const dataTransfer = await transfer({ "dropped.jpg": await makeJpeg() });
    await app.page.dispatchEvent("main", "dragover", { dataTransfer });
    await app.page.getByText("Drop to upload").waitFor();
    await app.page.dispatchEvent("main", "drop", { dataTransfer });
    await told("1 of 1 uploaded");
    expect(await app.page.getByText("Drop to upload").count()).toBe(0);
    expect(await stored()).toEqual(["dropped.jpg"]);
  });

  test("takes a folder with all that is in it, but what systems leave there", async () => {
    const folder = join(dir, "holiday");
    await mkdir(join(folder, "day 2"), { recursive: true });
    await writeFile(join(folder, "one.jpg"), await makeJpeg());
    await writeFile(join(folder, "day 2/two.jpg"), await makeJpeg());
    await writeFile(join(folder, ".DS_Store"), "x");
    // The browser's own drag: only it can give a page a folder.
    const session = await app.page.context().newCDPSession(app.page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const)
      await session.send("Input.dispatchDragEvent", { type, x: 700, y: 500, data });
    await told("2 of 2 uploaded");
    expect(await stored()).toEqual(["one.jpg", "two.jpg"]);
  });

  test("takes what is pasted", async () => {
    const clipboardData = await transfer({ "image.png": await makeJpeg() });
    await app.page.evaluate(
      (data) =>
        document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true })),
      clipboardData,
    );
    await told("1 of 1 uploaded");
    expect(await stored()).toEqual(["image.png"]);
  });

  test("shows what is here already, also in the trash", async () => {
    const [known, trashed] = [await makeJpeg(), await makeJpeg()];
    await upload(stage.server, known, { label: "known before" });
    const { entity } = await upload(stage.server, trashed, { label: "thrown away" });
    await stage.server.run(TRASH, { ids: [entity.id] });
    await pick(await makeFile("again.jpg", known), await makeFile("gone.jpg", trashed));
    await told("0 of 2 uploaded, 2 already here");
    expect(await row("gone.jpg").textContent()).toContain("in the trash");
    expect(await stored()).toEqual([]);
    await app.button("Show what is the same as again.jpg").click();
    await app.page.getByRole("dialog", { name: "known before" }).waitFor();
  });

  test("says why a file was not taken, and offers no second try that can only fail", async () => {
    app.allow(/status of 400/);
    await pick(await makeFile("empty.jpg", Buffer.alloc(0)), await makeFile("good.jpg"));
    await told("1 of 2 uploaded, 1 failed");
    expect(await row("empty.jpg").textContent()).toContain("The file is empty");
    expect(await app.button("Retry empty.jpg").count()).toBe(0);
    await app.button("Close the list of uploads").click();
    await panel().waitFor({ state: "detached" });
  });

  test("shows how far it is, warns who leaves, can be cancelled and begun again", async () => {
    const session = await app.page.context().newCDPSession(app.page);
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_000_000 };
    await session.send("Network.emulateNetworkConditions", slow);
    await pick(await makeFile("video.jpg", Buffer.concat([await makeJpeg(), Buffer.alloc(20_000_000, 7)])));
    const bar = app.page.getByRole("progressbar", { name: "video.jpg sent" });
    await expect.poll(async () => Number(await bar.getAttribute("value"))).toBeGreaterThan(0.05);
    expect(Number(await bar.getAttribute("value"))).toBeLessThan(0.9);

    const asked = app.page.waitForEvent("dialog");
    const leaving = app.page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.dismiss();
    await leaving;

    await app.button("Cancel video.jpg").click();
    await row("video.jpg").getByText("cancelled").waitFor();
    await expect
      .poll(async () => (await stage.server.listFiles()).filter((name) => name.includes(".staging")))
      .toEqual([]);
    const fast = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await session.send("Network.emulateNetworkConditions", fast);
    await app.button("Retry video.jpg").click();
    await told("1 of 1 uploaded");
    expect(await stored()).toEqual(["video.jpg"]);
  });

  test("sends many files, a few at a time", async () => {
    let [now, most] = [0, 0];
    const isUpload = (type: string | undefined) => type?.startsWith("multipart/") === true;
    app.page.on("request", (request) => {
      if (isUpload(request.headers()["content-type"])) most = Math.max(most, ++now);
    });
    app.page.on("requestfinished", (request) => {
      if (isUpload(request.headers()["content-type"])) now--;
    });
    const before = (await listRows(stage.server)).length;
    const files = await Promise.all(Array.from({ length: 24 }, (_, index) => makeFile(`many-${index}.jpg`)));
    await pick(...files);
    await expect.poll(() => told("24 of 24 uploaded").then(() => true)).toBe(true);
    expect(most).toBe(3);
    expect((await listRows(stage.server)).length - before).toBe(24);
  });
});
