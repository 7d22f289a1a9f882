import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { clientOf, type Client } from "../../support/client.ts";
import { colan } from "../../support/colan.ts";
import { corpusDir } from "../../support/corpus.ts";
import { freePort } from "../../../scripts/programs.ts";
import { addCollection } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { spawnServer, type SpawnedServer } from "../../support/spawned-server.ts";
import { describeApp, isInSight, type AppPage } from "./app-page.ts";
import { canMakeVideo, makePdf, makeUnplayable } from "./shots.ts";

const RENAME = graphql(`
  mutation WalkRename($id: ID!, $label: String!) {
    updateEntity(id: $id, input: { label: $label }) {
      transaction {
        at
      }
    }
  }
`);

const NAMED = graphql(`
  query WalkNamed($name: String!) {
    entities(filter: { originalName: { equals: $name } }) {
      items {
        id
      }
    }
  }
`);

const heic = join(corpusDir, "exif-samples/heic/mobile/iphone_13_pro_max.HEIC");

/** A step ends when it is done; this only ends one that hangs. */
const patienceMs = 90_000;
/** What browsers log of a server that refuses or is gone. */
const allowed = /status of [45]|ERR_|WebSocket|Failed to load/;

interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const jpegOf = (name: string, buffer: Buffer): Upload => ({ name, mimeType: "image/jpeg", buffer });

/** What hands drag and clipboards carry, as the browser gives it to the page. */
const transfer = ({ page }: AppPage, { name, buffer }: Upload) =>
  page.evaluateHandle(
    ([file, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], file, { type: "image/jpeg" }));
      return data;
    },
    [name, [...buffer]] as const,
  );

describeApp("the first ten minutes in the app, on a slow line", (stage) => {
  let dir: string;
  let server: SpawnedServer;
  let env: Record<string, string>;
  let writer: Client;
  const keys = { reading: "", writing: "" };

  const start = async () => {
    server = await spawnServer(dir, { env });
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "colan-walk-"));
    env = { PORT: String(await freePort()), AUTH_MODE: "all" };
    await start();
    const where = { databasePath: join(dir, "media_store.db"), mediaDir: server.mediaDir };
    const create = async (name: string, permissions: string) =>
      (await colan(where, ["keys", "create", name, "--permissions", permissions])).stdout.trim();
    keys.reading = await create("tv", "read");
    keys.writing = await create("ada", "read,write,admin");
    writer = clientOf(server.url, keys.writing);
  });

  afterAll(async () => {
    await server.end("SIGKILL");
    await rm(dir, { recursive: true, force: true });
  });

  const signIn = async ({ page }: AppPage, key: string) => {
    await page.getByLabel("Token").fill(key);
    await page.locator("form").getByRole("button", { name: "Sign in" }).click();
  };
  const uploads = ({ page }: AppPage) => page.getByRole("region", { name: "Uploads" });
  const views = ({ page }: AppPage) => page.getByRole("navigation", { name: "Views" });
  const search = ({ page }: AppPage) => page.getByRole("searchbox", { name: "Search" });
  const named = async (name: string) => (await writer.run(NAMED, { name })).entities.items[0]!;

  async function signsIn(app: AppPage) {
    await signIn(app, "nonsense");
    await app.page.getByText("This key is not valid").waitFor();
    await signIn(app, keys.reading);
    await app.page.getByText("You can look, but not change anything").waitFor();
    expect(await app.button("Upload").count()).toBe(0);
    await app.button("Sign out").click();
    await signIn(app, keys.writing);
    await app.page.getByText("Nothing is here yet").waitFor();
    expect(await isInSight(app.button("Upload"))).toBe(true);
  }

  async function uploadsAll(app: AppPage) {
    const large = await sharp({ create: { width: 5000, height: 3000, channels: 3, background: "teal" } })
      .jpeg()
      .toBuffer();
    const whole = await makeJpeg();
    await app.page
      .getByLabel("Files to upload")
      .setInputFiles([
        jpegOf("harbour.jpg", large),
        jpegOf("torn.jpg", whole.subarray(0, Math.floor(whole.length * 0.6))),
        { name: "letter.pdf", mimeType: "application/pdf", buffer: makePdf() },
        ...(canMakeVideo
          ? [{ name: "phone.mp4", mimeType: "video/mp4", buffer: await makeUnplayable("mp4") }]
          : []),
        ...(existsSync(heic)
          ? [{ name: "phone.heic", mimeType: "image/heic", buffer: await readFile(heic) }]
          : []),
      ]);
    const dropped = await transfer(app, jpegOf("dropped.jpg", await makeJpeg()));
    await app.page.dispatchEvent("main", "dragover", { dataTransfer: dropped });
    await app.page.dispatchEvent("main", "drop", { dataTransfer: dropped });
    const pasted = await transfer(app, jpegOf("pasted.jpg", await makeJpeg()));
    await app.page.evaluate(
      (clipboardData) => window.dispatchEvent(new ClipboardEvent("paste", { clipboardData })),
      pasted,
    );
    await uploads(app)
      .getByText(/^(\d+) of \1 uploaded$/)
      .waitFor();
    await app.button("Close the list of uploads").click();
    for (const name of ["harbour.jpg", "dropped.jpg", "pasted.jpg"])
      expect(await isInSight(app.tile(name)), name).toBe(true);
    await app.tile("torn.jpg").locator(".warning").waitFor();
  }

  async function findsAndLooks(app: AppPage) {
    await search(app).fill("harbour");
    await app.seeTiles(1);
    expect(await isInSight(app.tile("harbour.jpg"))).toBe(true);
    await app.button("Clear the search").click();
    await app.button("Filters").click();
    await app.page
      .getByRole("group", { name: "Type" })
      .getByRole("button", { name: /Document/ })
      .click();
    await app.seeTiles(1);
    await app.button("Clear filters").click();
    await app.button("Filters").click();
    await app.tile("harbour.jpg").getByRole("button", { name: "harbour.jpg" }).click();
    await app.page.getByRole("dialog", { name: "harbour.jpg" }).waitFor();
    const largest = () =>
      app.page
        .locator(".viewer .frame img:not(.late, .blurred)")
        .evaluateAll((all) => Math.max(0, ...all.map((it) => (it as HTMLImageElement).naturalWidth)));
    await expect.poll(largest).toBeGreaterThan(0);
    await app.page.keyboard.press("1");
    await app.page.getByRole("button", { name: /^100 %/ }).waitFor();
    await expect.poll(largest).toBe(5000);
    await app.page.keyboard.press("0");
    const before = app.page.url();
    // Which of those that were sent together came first, nobody knows.
    await app.page.getByText(/\d+ of \d+/).waitFor();
    const isLast = (await app.button("Next").count()) === 0;
    await app.page.keyboard.press(isLast ? "ArrowLeft" : "ArrowRight");
    await expect.poll(() => app.page.url()).not.toBe(before);
    await app.page.keyboard.press("Escape");
  }

  async function editsTogether(app: AppPage) {
    const { id } = await named("dropped.jpg");
    await app.page.goto(`${server.url}/?open=${id}`);
    await app.page.getByRole("dialog", { name: "dropped.jpg" }).waitFor();
    await app.page.keyboard.press("i");
    const title = app.page.getByRole("textbox", { name: "Title" });
    await title.fill("mine");
    const other = await stage.open({ url: server.url, query: `?open=${id}`, token: keys.writing });
    other.allow(allowed);
    other.page.setDefaultTimeout(patienceMs);
    await other.page.getByRole("dialog", { name: "dropped.jpg" }).waitFor();
    await other.page.keyboard.press("i");
    await other.page.getByRole("textbox", { name: "Title" }).fill("theirs");
    await other.page.keyboard.press("Enter");
    await other.page.getByRole("dialog", { name: "theirs" }).waitFor();
    await other.page.close();
    await app.page.getByText("Somebody else has changed this to").waitFor();
    expect(await title.inputValue()).toBe("mine");
    expect(await isInSight(app.button("Save mine"))).toBe(true);
    await app.button("Save mine").click();
    await app.page.getByRole("dialog", { name: "mine" }).waitFor();
    await app.page.keyboard.press("Escape");
  }

  async function trashesMany(app: AppPage) {
    const trips = await addCollection(writer, "Trips");
    for (let number = 0; number < 90; number++) await addCollection(writer, `Day ${number}`, trips);
    await app.page.goto(`${server.url}/?collection=${trips}`);
    await app.button("Move the collection to the trash").click();
    await app.notice("“Trips” and 90 items below it moved to the trash");
    await views(app).getByRole("button", { name: "Trash" }).click();
    await app.seeTiles(1);
    await app.tile("Trips").getByRole("button", { name: "Trips" }).click();
    await app.button("Restore with everything in it").click();
    await app.notice("“Trips” and 90 items below it restored");
  }

  async function goesBackInTime(app: AppPage) {
    const { id } = await named("pasted.jpg");
    await writer.run(RENAME, { id, label: "renamed since" });
    await views(app).getByRole("button", { name: "History" }).click();
    const before = app.page.locator(".transactions li").filter({ hasText: "Restored from the trash" });
    await before.first().getByRole("button", { name: "Library at that time" }).click();
    await app.tile("pasted.jpg").getByRole("button", { name: "pasted.jpg" }).click();
    await app.page.getByRole("dialog", { name: "pasted.jpg" }).waitFor();
    await app.page.getByText(/As it was on/).waitFor();
    await app.page.keyboard.press("Escape");
    await app.button("Back to now").click();
    await app.tile("renamed since").waitFor();
  }

  async function opensOddFiles(app: AppPage) {
    const open = async (name: string) => {
      await app.page.goto(`${server.url}/?open=${(await named(name)).id}`);
      await app.page.getByRole("dialog", { name }).waitFor();
    };
    await open("letter.pdf");
    const download = app.page.locator(".excuse").getByRole("link", { name: "Download" });
    await download.waitFor();
    expect(await isInSight(download)).toBe(true);
    await open("torn.jpg");
    await app.page.keyboard.press("i");
    await app.page.getByRole("complementary", { name: "Information" }).locator(".problem").first().waitFor();
    if (canMakeVideo) {
      await open("phone.mp4");
      await app.page.getByText("This browser cannot play this kind of video").waitFor();
    }
    if (existsSync(heic)) {
      await open("phone.heic");
      // A machine too busy to decode it in time says so; never is there nothing but black.
      const picture = app.page.locator(".viewer .frame img:not(.late, .blurred)");
      const excuse = app.page.locator(".excuse").getByRole("link", { name: "Download" });
      await picture.or(excuse).first().waitFor();
    }
  }

  async function survivesRestart(app: AppPage) {
    await app.page.goto(server.url);
    await app.tile("harbour.jpg").waitFor();
    // Long enough on this line that it is under way when the server dies.
    const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
    const large = await sharp({
      create: { width: 1800, height: 1200, channels: 3, background: "grey", noise },
    })
      .jpeg({ quality: 90 })
      .toBuffer();
    await app.page.getByLabel("Files to upload").setInputFiles([jpegOf("later.jpg", large)]);
    await uploads(app).getByRole("progressbar", { name: "later.jpg sent" }).waitFor();
    await server.end("SIGKILL");
    await app.page.getByText("The server cannot be reached. Reconnecting").waitFor();
    await start();
    await uploads(app).getByText("1 of 1 uploaded").waitFor();
    await app.tile("later.jpg").waitFor();
    expect(await app.page.getByText("cannot be reached").count()).toBe(0);
  }

  test("signing in, uploading, finding, looking, editing, trashing, going back in time, a restart", async () => {
    const app = await stage.open({ url: server.url });
    app.allow(allowed);
    app.page.setDefaultTimeout(patienceMs);
    const session = await app.page.context().newCDPSession(app.page);
    await session.send("Network.emulateNetworkConditions", {
      ...{ offline: false, latency: 60 },
      ...{ downloadThroughput: 500_000, uploadThroughput: 250_000 },
    });
    await signsIn(app);
    await uploadsAll(app);
    await findsAndLooks(app);
    await editsTogether(app);
    await trashesMany(app);
    await goesBackInTime(app);
    await opensOddFiles(app);
    await survivesRestart(app);
  }, 600_000);
});
