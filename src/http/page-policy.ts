import type { Config } from "../config.ts";

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

/**
 * What the page may do, as a Content-Security-Policy. The app shows files by the URLs that the API gives, which begin
 * with PUBLIC_URL; data: is for its placeholders.
 */
export function pagePolicy(name: PageName, { publicUrl }: Pick<Config, "publicUrl">): string {
  const files = publicUrl == null ? "'self'" : `'self' ${new URL(publicUrl).origin}`;
  const app = ["style-src 'self'", `img-src ${files} data:`, `media-src ${files}`];
  // Nothing of the app makes HTML of texts, and so nothing may.
  const sinks = ["require-trusted-types-for 'script'", "trusted-types 'none'"];
  const own = name === "graphiql" ? graphiql : [...app, ...sinks];
  return [...common, ...own, ...last].join("; ");
}
