import type { IncomingHttpHeaders } from "node:http";

// Dates are not looked at: answers carry no Last-Modified, so conditions on dates are to be ignored
// (RFC 9110 sections 13.1.3 and 13.1.4), and in If-Range one never matches (section 13.1.5).

/** A comma inside of a foreign tag cuts it apart; as tags hold no quotes, no piece of it looks like a tag of this server. */
const tagsOf = (header: string) => header.split(",").map((tag) => tag.trim());

/** Weak comparison (RFC 9110 section 13.1.2): whether the client has these bytes already. */
export function isKnown({ "if-none-match": header }: IncomingHttpHeaders, etag: string): boolean {
  if (header == null) return false;
  return header.trim() === "*" || tagsOf(header).some((tag) => tag.replace(/^W\//, "") === etag);
}

/** Strong comparison (RFC 9110 section 13.1.1): whether the client wants only other bytes than these. */
export function isUnwanted({ "if-match": header }: IncomingHttpHeaders, etag: string): boolean {
  return header != null && header.trim() !== "*" && !tagsOf(header).includes(etag);
}

/** Whether the client has a part of just these bytes, or did not say of which it has one. */
export const isRangeWanted = ({ "if-range": header }: IncomingHttpHeaders, etag: string): boolean =>
  header == null || header === etag;
