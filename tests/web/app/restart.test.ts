import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../../scripts/programs.ts";
import { addPicture } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { spawnServer, type SpawnedServer } from "../../support/spawned-server.ts";
import { describeApp } from "./app-page.ts";

describeApp("the app while the server is gone", (stage) => {
  let dir: string;
  let server: SpawnedServer | undefined;
  let env: Record<string, string>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "colan-restart-"));
    env = { PORT: String(await freePort()) };
    server = await spawnServer(dir, { env });
  });

  afterAll(async () => {
    await server?.end("SIGKILL");
    await rm(dir, { recursive: true, force: true });
  });

  // Nothing was said until something was pressed; then "Failed to fetch", and all waited for somebody to press a button.
  test("says so, and all goes on by itself when it is back: lists, news, uploads", async () => {
    if (server == null) throw new Error("the server did not start");
    await addPicture(server, { label: "before" });
    const app = await stage.open({ url: server.url });
    app.allow(/ERR_|WebSocket|Failed to load/);
    await app.tile("before").waitFor();
    await server.end("SIGKILL");
    const status = app.page.getByText("The server cannot be reached. Reconnecting");
    await status.waitFor();

    await app.page.getByRole("searchbox", { name: "Search" }).fill("bef*");
    await app.page.getByRole("alert").filter({ hasText: "The server cannot be reached" }).waitFor();
    const buffer = await makeJpeg();
    await app.page
      .getByLabel("Files to upload")
      .setInputFiles([{ name: "sent meanwhile.jpg", mimeType: "image/jpeg", buffer }]);
    await app.page.getByText("Uploading 1 of 1").waitFor();

    server = await spawnServer(dir, { env });
    await status.waitFor({ state: "detached" });
    await app.tile("before").waitFor();
    await app.page.getByText("1 of 1 uploaded").waitFor();
    await app.button("Clear the search").click();
    await app.tile("sent meanwhile.jpg").waitFor();
    await addPicture(server, { label: "news" });
    await app.tile("news").waitFor();
    expect(await app.page.getByText("cannot be reached").count()).toBe(0);
  });
});
