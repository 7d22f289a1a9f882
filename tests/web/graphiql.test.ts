import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildWeb } from "../../scripts/web-build.ts";
import { examplesAt } from "../../web/graphiql/examples.ts";
import { linkOf } from "../../web/graphiql/shared-link.ts";
import { noChromium, openBrowser } from "../support/browser.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { md5Of, upload } from "../support/uploading.ts";
import { GraphiQLPage } from "./graphiql-page.ts";

if (noChromium != null) console.warn(`GraphiQL's page is not tested: ${noChromium}`);

const screenshots = join(tmpdir(), "colan-screenshots");

const uploadMany = `mutation Many($inputs: [UploadEntityInput!]!) {
  uploadEntities(inputs: $inputs) { results { status entity { originalName md5 } } }
}`;

describe.skipIf(noChromium != null)("GraphiQL in a browser", () => {
  let dir: string;
  let browser: Browser;
  /** One for all, so that the page comes from the cache as it does for people. */
  let context: BrowserContext;
  let server: TestServer;
  let graphiql: GraphiQLPage;

  beforeAll(async () => {
    await buildWeb();
    await mkdir(screenshots, { recursive: true });
    dir = await mkdtemp(join(tmpdir(), "colan-files-"));
    [server, browser] = await Promise.all([startSharedServer(), openBrowser()]);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await upload(server, await makeJpeg({ width: 640 }), { label: "a photo", name: "photo-1.jpg" });
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    graphiql = await GraphiQLPage.open(context, server.url);
  });

  afterEach(async () => {
    const { trouble } = graphiql;
    await graphiql.close();
    expect(trouble).toEqual([]);
  });

  async function makeFile(name: string): Promise<string> {
    await writeFile(join(dir, name), await makeJpeg());
    return join(dir, name);
  }

  const nextPost = () => graphiql.page.waitForRequest((request) => request.method() === "POST");

  test("begins with examples, the first one with its variables", async () => {
    expect(await graphiql.page.locator("[id^=graphiql-session-tab]").allTextContents()).toEqual(
      examplesAt(new Date()).map(({ title }) => title),
    );
    expect(JSON.parse(await graphiql.read("variables.json"))).toHaveProperty("input");
  });

  test("has examples that run as they are", async () => {
    for (const title of ["Page", "Search", "Versions", "Snapshot", "Timeline"]) {
      await graphiql.choose(title);
      const { data, errors } = await graphiql.run();
      expect(errors, title).toBeUndefined();
      // All but the timeline, as the picture has no time.
      expect(JSON.stringify(data), title).toContain(title === "Timeline" ? "timeline" : "a photo");
      await graphiql.page.screenshot({ path: join(screenshots, `graphiql-${title.toLowerCase()}.png`) });
    }
  });

  test("says that a file has to be attached first", async () => {
    await graphiql.start();
    await graphiql.answer('Attach a file first, for \\"input.file\\"');
    // Browsers tell of the refusal by itself; nothing else has gone wrong.
    expect(graphiql.trouble.splice(0)).toEqual([expect.stringContaining("400")]);
  });

  test("uploads a file that was chosen in the panel", async () => {
    const path = await makeFile("chosen.jpg");
    await graphiql.openFiles();
    await graphiql.page.getByLabel("Choose files").setInputFiles(path);
    const row = graphiql.page.getByRole("listitem").filter({ hasText: "chosen.jpg" });
    expect(await row.getByRole("textbox").inputValue()).toBe("variables.input.file");
    await graphiql.start();
    const answer = JSON.parse(await graphiql.answer("CREATED")) as {
      data: { uploadEntity: { entity: { fileUrl: string; originalName: string } } };
    };
    await graphiql.page.screenshot({ path: join(screenshots, "graphiql-upload.png") });
    const { fileUrl, originalName } = answer.data.uploadEntity.entity;
    expect(originalName).toBe("chosen.jpg");
    const stored = await fetch(new URL(fileUrl, server.url));
    expect(Buffer.from(await stored.arrayBuffer())).toEqual(await readFile(path));
    // A second time it is known; nothing but the same operation went along.
    await graphiql.start();
    await graphiql.answer("DUPLICATE");
  });

  test("uploads what is dropped, each to its place in a list, but what was removed", async () => {
    await graphiql.write("operation.graphql", uploadMany);
    await graphiql.write("variables.json", '{ "inputs": [{ "label": "first" }] }');
    await graphiql.openFiles();
    const [one, two] = [await makeJpeg(), await makeJpeg()];
    const sent = { "one.jpg": one, "gone.jpg": one, "two.jpg": two };
    const data = await graphiql.page.evaluateHandle(
      (files) => {
        const transfer = new DataTransfer();
        for (const [name, bytes] of Object.entries(files))
          transfer.items.add(new File([new Uint8Array(bytes)], name));
        return transfer;
      },
      Object.fromEntries(Object.entries(sent).map(([name, bytes]) => [name, [...bytes]])),
    );
    const panel = graphiql.page.getByRole("region", { name: "Files" });
    await panel.dispatchEvent("drop", { dataTransfer: data });
    await graphiql.page.getByRole("button", { name: "Remove gone.jpg" }).click();
    await panel.getByRole("textbox").nth(1).fill("variables.inputs.1.file");
    await graphiql.start();
    expect(JSON.parse(await graphiql.answer("two.jpg"))).toMatchObject({
      data: {
        uploadEntities: {
          results: [
            { status: "CREATED", entity: { originalName: "one.jpg", md5: md5Of(one) } },
            { status: "CREATED", entity: { originalName: "two.jpg", md5: md5Of(two) } },
          ],
        },
      },
    });
  });

  test("keeps files out of operations that do not ask for them", async () => {
    await graphiql.openFiles();
    await graphiql.page.getByLabel("Choose files").setInputFiles(await makeFile("other.jpg"));
    await graphiql.choose("Search");
    await graphiql.page.getByText("has no such variable").waitFor();
    const sent = nextPost();
    expect((await graphiql.run()).errors).toBeUndefined();
    expect((await sent).headers()["content-type"]).toBe("application/json");
  });

  test("shows how far an upload is, and stops it", async () => {
    const path = join(dir, "large.bin");
    await writeFile(path, Buffer.alloc(30_000_000, 1));
    const session = await context.newCDPSession(graphiql.page);
    await session.send("Network.emulateNetworkConditions", {
      ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_000_000 },
    });
    await graphiql.openFiles();
    await graphiql.page.getByLabel("Choose files").setInputFiles(path);
    await graphiql.start();
    await graphiql.page.getByText(/^\d.* MB of 30\.0 MB$/).waitFor();
    await graphiql.page.screenshot({ path: join(screenshots, "graphiql-progress.png") });
    await graphiql.page.getByRole("button", { name: "Stop query" }).click();
    await graphiql.page.getByRole("button", { name: "Execute query" }).waitFor();
    await graphiql.page.getByRole("progressbar").waitFor({ state: "detached" });
    // Nothing of it stays on the disk.
    const staged = async () => (await server.listFiles()).filter((file) => file.includes("staging"));
    await expect.poll(staged).toEqual([]);
  });

  test("sends the headers of the editor, and forgets them with the page", async () => {
    await graphiql.choose("Timeline");
    await graphiql.page.getByRole("button", { name: "Headers", exact: true }).click();
    await graphiql.write("request-headers.json", '{ "authorization": "Bearer secret-token" }');
    const sent = nextPost();
    await graphiql.start();
    expect((await sent).headers()).toMatchObject({ authorization: "Bearer secret-token" });
    await graphiql.answer("timeline");
    // The history is written a moment later, and has the query.
    const kept = () => graphiql.page.evaluate("JSON.stringify({ ...localStorage })");
    await expect.poll(kept).toMatch(/graphiql:queries.*timeline/);
    expect(await kept()).not.toContain("secret-token");
    await graphiql.page.reload();
    await graphiql.page.getByRole("button", { name: "Execute query" }).waitFor();
    expect(await graphiql.read("request-headers.json")).toBe("");
  });

  test("follows changes until it is stopped", async () => {
    await graphiql.choose("Changes");
    const stream = graphiql.page.waitForResponse((response) =>
      (response.headers()["content-type"] ?? "").startsWith("text/event-stream"),
    );
    await graphiql.start();
    const request = (await stream).request();
    await upload(server, await makeJpeg({ width: 70 }), { label: "while it listens" });
    await graphiql.answer("while it listens");
    const ended = graphiql.page.waitForEvent("requestfailed", (failed) => failed === request);
    await graphiql.page.getByRole("button", { name: "Stop query" }).click();
    await ended;
    await upload(server, await makeJpeg({ width: 71 }), { label: "too late" });
    await graphiql.page.getByRole("button", { name: "Execute query" }).waitFor();
    expect(await graphiql.read("response.json")).not.toContain("too late");
  });

  test("shows a thumbnail where its URL is pointed at", async () => {
    await graphiql.choose("Page");
    await graphiql.run();
    await graphiql.page.getByText("/derivatives/").first().hover();
    const image = graphiql.page.locator(".monaco-hover img");
    await image.waitFor();
    // An element of a page's, whose types are not those of Node.
    const width = () => image.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth);
    await expect.poll(width).toBeGreaterThan(0);
  });

  test("is given a query by a link and runs nothing by itself; errors show their codes; all in the dark", async () => {
    const query = "query Linked($id: ID!) { transaction(id: $id) { nothing } }";
    const { hash } = new URL(linkOf({ query, variables: '{"id":"1"}' }, server.url));
    await graphiql.close();
    graphiql = await GraphiQLPage.open(context, server.url, { hash, colorScheme: "dark" });
    expect(await graphiql.read("operation.graphql")).toBe(query);
    expect(await graphiql.read("variables.json")).toBe('{"id":"1"}');
    expect(await graphiql.read("response.json")).toBe("");
    await graphiql.start();
    await graphiql.answer("BAD_USER_INPUT");
    await graphiql.openFiles();
    await graphiql.page.screenshot({ path: join(screenshots, "graphiql-dark.png") });
    // The browser says so of every such answer.
    expect(graphiql.trouble.splice(0)).toEqual([expect.stringContaining("a status of 400")]);
  });
});
