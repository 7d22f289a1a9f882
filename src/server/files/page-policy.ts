export type PageName = "app" | "graphiql";

/** Pages run scripts of this server only, talk to it only, and are nobody's frame. */
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

/** What the page may do, as a Content-Security-Policy; data: is for the app's placeholders. */
export function pagePolicy(name: PageName): string {
  // The app asks for files on its own origin, whatever address PUBLIC_URL names.
  const app = ["style-src 'self'", "img-src 'self' data:", "media-src 'self'", "manifest-src 'self'"];
  // Nothing of the app makes HTML of strings, and so nothing may.
  const sinks = ["require-trusted-types-for 'script'", "trusted-types 'none'"];
  const own = name === "graphiql" ? graphiql : [...app, ...sinks];
  return [...common, ...own, ...last].join("; ");
}
