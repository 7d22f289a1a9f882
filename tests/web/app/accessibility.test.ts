import { createRequire } from "node:module";
import type Axe from "axe-core";
import type { BrowserContext } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { describeApp, desktop, phone, type AppPage } from "./app-page.ts";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const DELETE = graphql(`
  mutation AccessibilityDelete($ids: [ID!]!) {
    softDeleteEntities(ids: $ids) {
      ids
    }
  }
`);

interface View {
  readonly name: string;
  readonly query?: string;
  /** What is there when the view has come. */
  readonly sign: string | RegExp;
  readonly act?: (app: AppPage) => Promise<unknown>;
}

const pick = (app: AppPage) => app.page.locator(".tile .tick").first().click({ force: true });

const views: readonly View[] = [
  { name: "library", sign: "one" },
  { name: "filters", query: "?type=IMAGE", sign: /^Image/ },
  { name: "trash", query: "?view=trash", sign: "Empty trash" },
  { name: "history", query: "?view=history", sign: "History" },
  { name: "search", query: "?search=one", sign: /one/ },
  { name: "nothing found", query: "?search=zeppelin", sign: "Clear the search" },
  { name: "the past", query: `?at=${new Date().toISOString()}`, sign: /Back to now/ },
  {
    ...{ name: "the viewer", query: "?open=2", sign: "Information" },
    act: (app) => app.button("Information").click(),
  },
  { name: "versions", query: "?open=2", sign: "Versions", act: (app) => app.button("Versions").click() },
  {
    ...{ name: "moving", sign: "one" },
    act: async (app) => {
      await pick(app);
      await app.button("Move").click();
    },
  },
  {
    ...{ name: "a question", query: "?view=trash", sign: "Empty trash" },
    act: (app) => app.button("Empty trash").click(),
  },
  {
    ...{ name: "naming", query: "?collection=1", sign: "Rename" },
    act: (app) => app.button("New collection").click(),
  },
  {
    ...{ name: "uploads", sign: "one" },
    act: async (app) => {
      const buffer = Buffer.alloc(0);
      await app.page
        .getByLabel("Files to upload")
        .setInputFiles([{ name: "empty.jpg", mimeType: "image/jpeg", buffer }]);
      await app.page.getByText("The file is empty").waitFor();
    },
  },
  {
    ...{ name: "a problem", sign: "one" },
    act: async (app) => {
      await app.page.route("**/graphql", (route) => route.abort());
      await pick(app);
      await app.button("Move to trash").click();
      await app.notice("Not done");
    },
  },
];

describeApp("the app for everybody", (stage) => {
  let context: BrowserContext;

  beforeAll(async () => {
    // The program that looks is not the app's.
    context = await stage.browser.newContext({ bypassCSP: true });
    const parentId = await addCollection(stage.server, "Things");
    await addPicture(stage.server, { label: "one" });
    await addPicture(stage.server, { label: "two", parentId });
    await stage.server.run(DELETE, { ids: [await addPicture(stage.server, { label: "gone" })] });
  });

  /** What axe finds against WCAG 2.1 AA. @param rules all of them when undefined. */
  const audit = (page: AppPage["page"], rules?: readonly string[]) =>
    page.evaluate(async (only) => {
      const { axe } = globalThis as unknown as { axe: typeof Axe };
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
      const { violations } = await axe.run({
        runOnly: only == null ? tags : [...only],
        // Not asked for by WCAG; who listens to a page begins with its heading.
        ...(only == null ? { rules: { "page-has-heading-one": { enabled: true } } } : {}),
      });
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
      );
    }, rules);

  test.each(views)("nothing for axe to find: $name", async ({ query = "", sign, act }) => {
    const app = await stage.open({ query, context });
    app.allow(/status of 400|ERR_FAILED/);
    const { page } = app;
    const [button, heading] = [
      page.getByRole("button", { name: sign }),
      page.getByRole("heading", { name: sign }),
    ];
    await button.or(heading).first().waitFor();
    await act?.(app);
    await page.addScriptTag({ path: axePath });
    const found: Record<string, readonly string[]> = {};
    for (const [device, size] of Object.entries({ desktop, phone })) {
      await page.setViewportSize(size);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        // In the dark only the colours are others.
        found[`${device}, ${colorScheme}`] = await audit(
          page,
          colorScheme === "dark" ? ["color-contrast"] : undefined,
        );
      }
    }
    expect(Object.fromEntries(Object.entries(found).filter(([, each]) => each.length > 0))).toEqual({});
  });
});
