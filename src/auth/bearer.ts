import { UnauthenticatedError } from "../errors.ts";

/** Longest token in bytes; a JWT with a dozen claims has less than one kB. */
const tokenBytesMax = 8 * 1024;

/** RFC 6750 section 2.1: `b64token`. */
const form = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * The token in an Authorization header.
 * @param headers every one that was sent: two of them may be read by two programs in two ways.
 * @returns null when none was sent.
 * @throws {UnauthenticatedError} for anything else but one token.
 */
export function parseBearer(headers: readonly string[]): string | null {
  const [header, second] = headers;
  if (header == null) return null;
  if (second != null) throw new UnauthenticatedError("Two Authorization headers were sent, expected one");
  if (header.length > tokenBytesMax)
    throw new UnauthenticatedError(`The Authorization header is longer than ${tokenBytesMax} bytes`);
  const token = form.exec(header.trim())?.[1];
  if (token == null)
    throw new UnauthenticatedError('The Authorization header is wrong, expected "Bearer" and a token');
  return token;
}
