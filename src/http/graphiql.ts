import type { IncomingMessage, ServerResponse } from "node:http";
import { renderGraphiQL } from "@graphql-yoga/render-graphiql";

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

/** 9 MB, so it is made once, when first asked for. */
export function createGraphiQL() {
  let page: Buffer | undefined;
  return (res: ServerResponse) => {
    page ??= Buffer.from(
      renderGraphiQL({
        title: "CoLAN Media Store",
        endpoint: "/graphql",
        // What a multipart upload needs to get past the check for requests of other origins.
        additionalHeaders: { "x-graphql-yoga-csrf": "1" },
      }),
    );
    res
      .writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-length": page.length,
        "content-security-policy": contentSecurityPolicy,
      })
      .end(page);
  };
}
