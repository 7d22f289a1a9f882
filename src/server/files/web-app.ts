import type { IncomingMessage, ServerResponse } from "node:http";
import { isKnown } from "../transport/preconditions.ts";
import { RequestRefusedError } from "../errors.ts";
import { pagePolicy, type PageName } from "./page-policy.ts";
import type { Encoding } from "./manifest.ts";
import type { PageFile, Pages } from "./built-pages.ts";

/** Whether a browser asks for a page, and not a program for data. */
export const wantsPage = ({ method, headers }: Pick<IncomingMessage, "method" | "headers">) =>
  method === "GET" && (headers.accept ?? "").includes("text/html");

/** Whether the client accepts a page, where a URL has nothing else to offer: also curl, which accepts anything. */
export const takesPage = ({ method, headers }: Pick<IncomingMessage, "method" | "headers">) =>
  (method === "GET" || method === "HEAD") && /text\/(html|\*)|\*\/\*/.test(headers.accept ?? "*/*");

/** Whether Accept-Encoding admits a coding: q=0 excludes the one that it follows (RFC 9110 section 12.5.3). */
const accepts = (header: string, encoding: Encoding) =>
  header.split(",").some((part) => {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });

interface Request {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

async function sendPageFile(
  { req, res }: Request,
  file: PageFile,
  headers: Readonly<Record<string, string>>,
) {
  const { type, etag, encodings } = file;
  const common = { ...headers, etag, vary: "accept-encoding" };
  // An unread body would be parsed as the next request.
  if (!req.complete) res.setHeader("connection", "close");
  if (isKnown(req.headers, etag)) {
    res.writeHead(304, common).end();
    return;
  }
  const accepted = req.headers["accept-encoding"] ?? "";
  const encoding = encodings.find((each) => accepts(accepted, each));
  const bytes = await file.read(encoding);
  res.writeHead(200, {
    ...common,
    "content-type": type,
    "content-length": bytes.length,
    ...(encoding == null ? {} : { "content-encoding": encoding }),
  });
  res.end(req.method === "HEAD" ? undefined : bytes);
}

/** Sends a page's HTML, which browsers revalidate each time, because it names the assets of the current build. */
export async function answerPage(
  request: Request,
  { pages, filesOrigin }: { readonly pages?: Pages | undefined; readonly filesOrigin?: string | undefined },
  name: PageName,
): Promise<void> {
  const file = pages?.page(name);
  if (file == null) {
    request.res
      .writeHead(503, { "content-type": "text/plain; charset=utf-8" })
      .end("The web pages have not been built: run `npm run build`, then start the server again.\n");
    return;
  }
  await sendPageFile(request, file, {
    "cache-control": "no-cache",
    "content-security-policy": pagePolicy(name, filesOrigin),
  });
}

/** Answers a mistyped address with a 404 page: a person reads no JSON, and needs a link that leads on. */
export function answerNothingHere({ req, res }: Request): void {
  // An unread body would be parsed as the next request.
  if (!req.complete) res.setHeader("connection", "close");
  res
    .writeHead(404, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    })
    .end(
      '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Nothing here – CoLAN Media Store</title>' +
        '<h1>There is nothing here</h1><p>Go to <a href="/">the library</a> or to the API at ' +
        '<a href="/graphql">/graphql</a>.</p></html>\n',
    );
}

/**
 * Sends an asset of a page, such as a script. Its name changes with its content, so caches may keep it forever.
 * @throws {RequestRefusedError} 404 or 405
 */
export async function answerAsset(request: Request, pages: Pages | undefined, path: string): Promise<void> {
  const { method } = request.req;
  if (method !== "GET" && method !== "HEAD")
    throw new RequestRefusedError("BAD_USER_INPUT", "Assets can only be read, with GET or HEAD", {
      status: 405,
      headers: { allow: "GET, HEAD" },
    });
  const file = pages?.asset(path.slice("/assets/".length));
  if (file == null)
    throw new RequestRefusedError("NOT_FOUND", "There is no such asset", {
      headers: { "cache-control": "no-store" },
    });
  await sendPageFile(request, file, { "cache-control": "public, max-age=31536000, immutable" });
}
