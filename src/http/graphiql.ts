import type { IncomingMessage, ServerResponse } from "node:http";

/** GraphiQL is one page with everything inline, workers as blobs; it talks to this server only. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  "worker-src blob:",
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
  "font-src data:",
  "connect-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const wantsPage = ({ method, headers }: Pick<IncomingMessage, "method" | "headers">) =>
  method === "GET" && (headers.accept ?? "").includes("text/html");

async function render(): Promise<Buffer> {
  // Loaded when somebody looks: 9 MB of text are a tenth of the server's start.
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const page = renderGraphiQL({
    title: "CoLAN Media Store",
    endpoint: "/graphql",
    // What a multipart upload needs to get past the check for requests of other origins.
    additionalHeaders: { "x-graphql-yoga-csrf": "1" },
  });
  return Buffer.from(page);
}

/** Made once, when first asked for. */
export function createGraphiQL() {
  let page: Promise<Buffer> | undefined;
  return async (res: ServerResponse): Promise<void> => {
    const body = await (page ??= render());
    res
      .writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-length": body.length,
        "content-security-policy": contentSecurityPolicy,
      })
      .end(body);
  };
}
