/** The pages: a folder of `web/` each, with an index.html. All of them are built. */
export const pageNames = ["app", "graphiql"] as const;
export type PageName = (typeof pageNames)[number];

/** Directives of every page, before and after its own: only this server's scripts and connections, and no framing. */
const first = ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "base-uri 'none'"];
const last = ["form-action 'none'", "frame-ancestors 'none'"];

/**
 * Styles may be inline: Monaco, GraphiQL's editor, writes style elements and places each line with a style attribute.
 * `data:` is for the pictures in its style sheets.
 */
const graphiql = [
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
];

/** Files that are redirected elsewhere are loaded from there (CSP level 3, section 7.6). */
const withOrigin = (directive: string, origin: string | undefined) =>
  origin != null && /^(img|media)-src /.test(directive) ? `${directive} ${origin}` : directive;

/**
 * The page's Content-Security-Policy.
 * @param filesOrigin where originals come from beside this server.
 */
export function pagePolicy(name: PageName, filesOrigin?: string): string {
  // The app loads files from its own origin, not from PUBLIC_URL. `data:` is for placeholders of pictures.
  const app = ["style-src 'self'", "img-src 'self' data:", "media-src 'self'", "manifest-src 'self'"];
  // The app never makes HTML from a string, so the browser is told to refuse it.
  const trustedTypes = ["require-trusted-types-for 'script'", "trusted-types 'none'"];
  const own = name === "graphiql" ? graphiql : [...app, ...trustedTypes];
  const shown = own.map((directive) => withOrigin(directive, filesOrigin));
  return [...first, ...shown, ...last].join("; ");
}
