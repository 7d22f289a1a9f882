import { expect, test, vi } from "vitest";
import { claims, sign, trusting } from "../../auth/issuer.ts";
import { READ_FACTS } from "../../library/facts/documents.ts";
import { makePhotograph, standIn } from "../../library/facts/stand-ins.ts";
import { clientOf } from "../../support/client.ts";
import { startServer } from "../../support/server.ts";
import { upload } from "../../support/uploading.ts";
import { describeApp, isInSight } from "./app-page.ts";

// A tool that fails is started again after a growing pause.
vi.setConfig({ testTimeout: 180_000 });

// A slow moment lost a photograph's date, and only the panel with all information said so: nothing in the app could have
// it read again.
describeApp("facts that could not be read while a photograph arrived", (stage) => {
  /** Photographs arrive while exiftool fails. The clock stands, so that none is read by itself meanwhile. */
  async function lost(labels: readonly string[], env: Readonly<Record<string, string>> = {}, token?: string) {
    const exiftool = await standIn("exiftool", "ends");
    const began = Date.now();
    const server = await startServer({
      env: { EXIFTOOL_TIMEOUT_MS: "1500", EXIFTOOL_PATH: exiftool.path, ...env },
      clock: { now: () => began },
    });
    const client = clientOf(server.url, token);
    const ids: string[] = [];
    for (const label of labels) ids.push((await upload(client, await makePhotograph(), { label })).entity.id);
    // The server has tried once more by itself, and lets its tools rest.
    const waiting = () =>
      server.app.deps.db.prisma.factsReading.count({ where: { nextAt: { gt: new Date(began) } } });
    await expect.poll(waiting, { timeout: 60_000 }).toBeGreaterThan(0);
    return { exiftool, server, client, ids };
  }

  test("are said to be missing, are read again by a button, and appear", async () => {
    const { exiftool, server, ids } = await lost(["Vienna"]);
    const app = await stage.open({ url: server.url, query: `?open=${ids[0]}` });
    app.allow(/503/);
    const viewer = app.page.getByRole("dialog", { name: "Vienna" });
    await viewer.getByText("could not all be read yet").waitFor();
    const button = viewer.getByRole("button", { name: "Read the facts again" });
    expect(await isInSight(button)).toBe(true);
    expect(await viewer.getByText("2019").count()).toBe(0);
    await exiftool.turn("works");
    await button.click();
    await viewer.locator(".toolbar").getByText("2019").waitFor({ timeout: 60_000 });
    await button.waitFor({ state: "detached" });
    await app.notice("The facts of 1 item have been read");
  });

  test("are still said to be missing, when they cannot be read now either", async () => {
    const { server, ids } = await lost(["Vienna"]);
    const app = await stage.open({ url: server.url, query: `?open=${ids[0]}` });
    app.allow(/503/);
    const button = app.button("Read the facts again");
    await button.click();
    const notice = app.page.locator(".notice").filter({ hasText: "could not be read now either" });
    await notice.waitFor({ timeout: 60_000 });
    expect(await button.isEnabled()).toBe(true);
  });

  test("are read again for all that is selected", async () => {
    const { exiftool, server } = await lost(["Vienna", "Graz"]);
    const app = await stage.open({ url: server.url });
    app.allow(/503/);
    const warnings = app.page.locator(".tile .warning");
    await expect.poll(() => warnings.count()).toBe(2);
    for (const name of ["Vienna", "Graz"])
      await app.page.getByRole("checkbox", { name: `Select ${name}` }).click();
    await exiftool.turn("works");
    await app.button("Read the facts again").click();
    await app.page
      .locator(".notice")
      .filter({ hasText: "The facts of 2 items have been read" })
      .waitFor({ timeout: 60_000 });
    await expect.poll(() => warnings.count()).toBe(0);
    await app.button("Read the facts again").waitFor({ state: "detached" });
  });

  test("appear by themselves when they are read by anybody's doing", async () => {
    const { exiftool, server, client, ids } = await lost(["Vienna"]);
    const app = await stage.open({ url: server.url, query: `?open=${ids[0]}` });
    app.allow(/503/);
    await app.button("Read the facts again").waitFor();
    await exiftool.turn("works");
    await client.run(READ_FACTS, { ids });
    const viewer = app.page.getByRole("dialog", { name: "Vienna" });
    await viewer.locator(".toolbar").getByText("2019").waitFor();
    await app.button("Read the facts again").waitFor({ state: "detached" });
  });

  test("are said to be missing to those who may only look, without the button", async () => {
    const token = await sign(claims({ permissions: ["media_store_read", "media_store_write"] }));
    const { server, ids } = await lost(["Vienna"], trusting("write"), token);
    const app = await stage.open({ url: server.url, query: `?open=${ids[0]}` });
    app.allow(/503/);
    await app.page.getByText("could not all be read yet").waitFor();
    expect(await app.button("Read the facts again").count()).toBe(0);
  });
});
