import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { create as contentDisposition } from "content-disposition";
import { parseRange } from "./byte-range.ts";
import { isKnown, isRangeWanted, isUnwanted } from "../transport/preconditions.ts";
import { RequestRefusedError, type Refusal } from "../errors.ts";
import type { Exchange } from "../transport/exchange.ts";
import type { Download, FindDownload } from "../../library/originals/download.ts";
import { chunkBytes, type ByteRange, type StoredFile } from "../../storage/object-store.ts";

/** No script, no request elsewhere, no origin: for any file that a browser may be made to show as a document. */
const documentPolicy = "default-src 'none'; sandbox";

/**
 * A browser plays a video that was opened by itself in a page of its own making, which requests the video once more:
 * Chromium forbids that request from a sandboxed origin. Scripts stay forbidden.
 */
const playerPolicy = "default-src 'none'; media-src 'self'; sandbox allow-same-origin";

const policyOf = ({ mimeType, isAttachment }: Download) =>
  !isAttachment && /^(video|audio)\//.test(mimeType) ? playerPolicy : documentPolicy;

const refuse = (status: number, message: string, headers: Refusal["headers"] = {}) =>
  new RequestRefusedError("BAD_USER_INPUT", message, { status, headers });

// A file that is missing now may be uploaded in a minute.
const notFound = () =>
  new RequestRefusedError("NOT_FOUND", "There is no such file", { headers: { "cache-control": "no-store" } });

/** A name is no path (RFC 6266 section 4.3), and half a surrogate pair no character that RFC 8187 could encode. */
const plain = (name: string) => name.replace(/[/\\]/g, "_").replace(/\p{Surrogate}/gu, "\ufffd");

async function dispositionOf(download: Download): Promise<string> {
  const type = download.isAttachment ? "attachment" : "inline";
  const name = await download.name();
  return name == null ? type : contentDisposition(plain(name), { type });
}

/** @returns undefined for the whole file. @throws {RequestRefusedError} 416 */
function rangeOf({ method, headers }: IncomingMessage, etag: string, size: number): ByteRange | undefined {
  // RFC 9110 section 14.2: only GET has ranges.
  if (method !== "GET" || !isRangeWanted(headers, etag)) return undefined;
  const range = parseRange(headers.range, size);
  if (range === null)
    throw refuse(416, `The file has ${size} bytes, none of them in the range asked for`, {
      "content-range": `bytes */${size}`,
    });
  return range;
}

const lengthOf = ({ size }: Pick<StoredFile, "size">, range?: ByteRange) =>
  range == null ? size : range.end - range.start + 1;

async function writeHead(
  res: ServerResponse,
  download: Download,
  { size }: StoredFile,
  range?: ByteRange,
): Promise<void> {
  const disposition = await dispositionOf(download);
  res.writeHead(range == null ? 200 : 206, {
    "content-type": download.mimeType,
    "content-length": lengthOf({ size }, range),
    ...(range == null ? {} : { "content-range": `bytes ${range.start}-${range.end}/${size}` }),
    "accept-ranges": "bytes",
    etag: download.etag,
    "content-disposition": disposition,
  });
}

/** Most files of a page are thumbnails, and a stream for each costs more than its bytes. */
async function sendSmall(res: ServerResponse, download: Download, file: StoredFile, range?: ByteRange) {
  const bytes = await file.readBytes(range);
  if (bytes.length < lengthOf(file, range)) throw new Error(`${file.key} was cut while it was read`);
  await writeHead(res, download, file, range);
  res.end(bytes);
}

async function sendLarge({ res, log }: Exchange, download: Download, file: StoredFile, range?: ByteRange) {
  // Bytes that end short of the length must break the connection, or the client would wait for the rest.
  res.strictContentLength = true;
  await writeHead(res, download, file, range);
  try {
    await pipeline(file.read(range), res, { end: false });
    res.end();
  } catch (error) {
    // The status is long gone: all that is left is to end the connection before the promised length.
    res.destroy();
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE")
      log.error({ err: error, path: file.key }, "a file could not be read to its end");
  }
}

async function sendFile(exchange: Exchange, download: Download, file: StoredFile) {
  const { req, res } = exchange;
  const range = rangeOf(req, download.etag, file.size);
  if (req.method === "HEAD") {
    await writeHead(res, download, file, range);
    res.end();
  } else if (lengthOf(file, range) <= chunkBytes) await sendSmall(res, download, file, range);
  else await sendLarge(exchange, download, file, range);
}

/** Whether a condition names our ETag, which the store does not know. */
const namesTag = ({ headers }: IncomingMessage, etag: string): boolean =>
  [headers["if-match"], headers["if-range"]].some((value) => value?.includes(etag) === true);

/** The same method and range are asked for there (RFC 9110 section 15.4.8). Nobody may keep a URL that ends. */
async function leadElsewhere(
  { req, res }: Exchange,
  download: Download,
  link: NonNullable<Download["link"]>,
) {
  const location = await link(req.method === "HEAD" ? "HEAD" : "GET", await dispositionOf(download));
  res.writeHead(307, { location, "cache-control": "private, no-store", "content-length": 0 }).end();
}

export interface FileRequest {
  readonly find: FindDownload;
  /** Raw, not decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** A client that takes nothing for so long, in milliseconds, loses its connection. */
  readonly idleTimeoutMs: number;
  /** Which sites' pages may show it (Fetch standard, Cross-Origin-Resource-Policy). */
  readonly shownTo: "same-site" | "cross-origin";
  /** Cache-Control of the response (RFC 9111 section 5.2). */
  readonly cacheControl: string;
}

/**
 * Sends the file of a path, as RFC 9110 has it. Not by `send` or `@fastify/send`: they open by path,
 * through any symbolic link, and before they know whether a 304 will do.
 * @throws {RequestRefusedError} 404, 405, 412 or 416, and what opening the download throws
 */
export async function answerFile(
  exchange: Exchange,
  { find, path, query, idleTimeoutMs, shownTo, cacheControl }: FileRequest,
): Promise<void> {
  const { req, res } = exchange;
  if (req.method !== "GET" && req.method !== "HEAD")
    throw refuse(405, "Files can only be read, with GET or HEAD", { allow: "GET, HEAD" });
  const download = await find(path, query);
  if (download == null) throw notFound();
  const { etag } = download;
  const link = namesTag(req, etag) ? undefined : download.link;
  // On a 304 too, which replaces the headers that were kept (RFC 9111 section 3.2).
  res.setHeader("content-security-policy", policyOf(download));
  res.setHeader("cross-origin-resource-policy", shownTo);
  res.setHeader("cache-control", cacheControl);
  if (link == null && isUnwanted(req.headers, etag))
    throw refuse(412, "The file has another checksum than If-Match names");
  // An unread body would be parsed as the next request.
  if (!req.complete) res.setHeader("connection", "close");
  if (isKnown(req.headers, etag)) {
    res.writeHead(304, { etag }).end();
    return;
  }
  if (link != null) {
    await leadElsewhere(exchange, download, link);
    return;
  }
  const file = await download.open();
  if (file == null) throw notFound();
  res.setTimeout(idleTimeoutMs);
  try {
    await sendFile(exchange, download, file);
  } finally {
    await file.close();
  }
}
