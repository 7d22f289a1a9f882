import type { WebSocketRoute } from "playwright-core";
import { expect, test } from "vitest";
import { addCollection, addPicture } from "../../support/library.ts";
import { describeApp } from "./app-page.ts";

describeApp("another viewer's changes in the app", (stage) => {
  test("appear by themselves, and those that are one's own elsewhere too", async () => {
    const parentId = await addCollection(stage.server, "Shared");
    const [ada, bob] = [await stage.open({ query: `?collection=${parentId}` }), await stage.open()];
    await ada.page.getByText("Nothing is here yet").waitFor();
    await addPicture(stage.server, { label: "by a program", parentId });
    await ada.tile("by a program").waitFor();

    await bob.tile("by a program").click();
    await bob.button("Move to trash").click();
    await bob.notice("1 item moved to the trash");
    await ada.page.getByText("Nothing is here yet").waitFor();
    await bob.button("Undo").click();
    await ada.tile("by a program").waitFor();
  });

  test("appear also when the connection was lost for a while", async () => {
    const parentId = await addCollection(stage.server, "Cut off");
    const context = await stage.browser.newContext();
    const sockets: WebSocketRoute[] = [];
    let isCut = false;
    await context.routeWebSocket(/graphql/, async (socket) => {
      if (isCut) return socket.close({ code: 4000 });
      socket.connectToServer();
      sockets.push(socket);
    });
    const app = await stage.open({ query: `?collection=${parentId}`, context });
    await addPicture(stage.server, { label: "before", parentId });
    await app.tile("before").waitFor();
    isCut = true;
    for (const socket of sockets) await socket.close({ code: 4000 });
    await addPicture(stage.server, { label: "meanwhile", parentId });
    isCut = false;
    await app.tile("meanwhile").waitFor();
    expect(await app.tiles()).toEqual(["meanwhile", "before"]);
  });

  test("leave the past as it was", async () => {
    const parentId = await addCollection(stage.server, "Past");
    await addPicture(stage.server, { label: "old", parentId });
    const at = new Date().toISOString();
    const app = await stage.open({ query: `?collection=${parentId}&at=${at}` });
    await app.tile("old").waitFor();
    let asked = 0;
    app.page.on("request", () => asked++);
    await addPicture(stage.server, { label: "new", parentId });
    // The present, in another window, has seen it long before.
    const now = await stage.open({ query: `?collection=${parentId}` });
    await now.tile("new").waitFor();
    expect([await app.tiles(), asked]).toEqual([["old"], 0]);
  });
});
