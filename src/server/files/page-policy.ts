export type PageName = "app" | "graphiql";

/** Pages run scripts of this server only, talk to it only, and cannot be framed. */
const common = ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "base-uri 'none'"];
const last = ["form-action 'none'", "frame-ancestors 'none'"];

/**
 * Styles may be inline: Monaco, GraphiQL's editor, writes style elements and places each line with a style attribute.
 * data: is for pictures in its style sheets.
 */
const graphiql = [
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
];

/** The page's Content-Security-Policy; data: is for the app's placeholders. */
export function pagePolicy(name: PageName): string {
  // The app loads files from its own origin, not from PUBLIC_URL.
  const app = ["style-src 'self'", "img-src 'self' data:", "media-src 'self'", "manifest-src 'self'"];
  // Nothing of the app makes HTML of strings, and so nothing may.
  const sinks = ["require-trusted-types-for 'script'", "trusted-types 'none'"];
  const own = name === "graphiql" ? graphiql : [...app, ...sinks];
  return [...common, ...own, ...last].join("; ");
}
