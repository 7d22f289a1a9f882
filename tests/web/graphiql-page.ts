import type { BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";

type Editor = "operation.graphql" | "variables.json" | "request-headers.json" | "response.json";

/** What gives the model of an editor by the end of its name; GraphiQL puts its editors there. */
const find = "(name) => __MONACO.editor.getModels().find(({ uri }) => uri.path.endsWith(name))";

/** GraphiQL in a browser, as a person uses it. */
export class GraphiQLPage {
  readonly page: Page;
  /** What the page did that it should not have done: a line each. */
  readonly trouble: string[] = [];

  private constructor(page: Page, url: string) {
    this.page = page;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.trouble.push(message.text().slice(0, 300));
    });
    page.on("pageerror", (error) => this.trouble.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(url)) this.trouble.push(`asked ${request.url().slice(0, 100)}`);
    });
  }

  /** @param url the server's; `hash` begins with #. */
  static async open(
    context: BrowserContext,
    url: string,
    { hash = "", colorScheme = "light" }: { hash?: string; colorScheme?: "light" | "dark" } = {},
  ): Promise<GraphiQLPage> {
    const page = await context.newPage();
    await page.emulateMedia({ colorScheme });
    const graphiql = new GraphiQLPage(page, url);
    await page.goto(`${url}/graphql${hash}`);
    await page.locator(".graphiql-query-editor .view-line").first().waitFor();
    await page.getByRole("button", { name: "Execute query" }).waitFor();
    return graphiql;
  }

  read(editor: Editor): Promise<string> {
    return this.page.evaluate(`(${find})(${JSON.stringify(editor)}).getValue()`);
  }

  /** Replaces the text. Not by typing: the editor closes brackets by itself. */
  async write(editor: Editor, text: string): Promise<void> {
    await this.page.evaluate(`(${find})(${JSON.stringify(editor)}).setValue(${JSON.stringify(text)})`);
  }

  async choose(tab: string): Promise<void> {
    await this.page.getByRole("tab", { name: tab, exact: true }).click();
  }

  async start(): Promise<void> {
    await this.page.getByRole("button", { name: "Execute query" }).click();
  }

  /** Waits for an answer that contains the text. @returns it. */
  async answer(text: string): Promise<string> {
    await expect.poll(() => this.read("response.json")).toContain(text);
    return this.read("response.json");
  }

  async run(): Promise<{ data?: unknown; errors?: unknown }> {
    await this.start();
    await expect.poll(() => this.read("response.json")).not.toBe("");
    // GraphQL's shape.
    return JSON.parse(await this.read("response.json")) as { data?: unknown; errors?: unknown };
  }

  async openFiles(): Promise<void> {
    await this.page.getByRole("button", { name: "Show Files" }).click();
  }

  async close(): Promise<void> {
    await this.page.evaluate("localStorage.clear()");
    await this.page.close();
  }
}
