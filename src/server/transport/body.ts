import type { IncomingMessage } from "node:http";
import { RequestRefusedError, contentTooLarge } from "../errors.ts";
import { UploadAbortedError } from "../../storage/errors.ts";

interface BodyLimits {
  readonly bytesMax: number;
  /** For the whole body, which is small: a client that sends a byte a second must not hold on for days. */
  readonly timeoutMs: number;
}

/**
 * Reads a body that fits into memory as UTF-8.
 * @throws {RequestRefusedError} 413 or 408; the rest of the body is left unread.
 * @throws {UploadAbortedError} when the client went away.
 */
export function readBody(req: IncomingMessage, { bytesMax, timeoutMs }: BodyLimits): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;

    const finish = (error?: Error) => {
      clearTimeout(timer);
      req.off("data", take).off("end", finish).off("close", gone).off("error", gone);
      if (error) {
        req.pause();
        reject(error);
      } else {
        resolve(Buffer.concat(chunks, bytes).toString());
      }
    };
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) finish(contentTooLarge("The request body", bytesMax));
      else chunks.push(chunk);
    };
    const gone = (cause?: Error) => {
      finish(new UploadAbortedError({ cause }));
    };
    const timer = setTimeout(() => {
      // 408 (RFC 9110 section 15.5.9).
      finish(
        new RequestRefusedError("UPLOAD_ABORTED", "The request body took too long to arrive", {
          status: 408,
        }),
      );
    }, timeoutMs);

    if (Number(req.headers["content-length"]) > bytesMax)
      finish(contentTooLarge("The request body", bytesMax));
    else req.on("data", take).on("end", finish).on("close", gone).on("error", gone);
  });
}
