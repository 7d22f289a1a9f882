import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { processRequest } from "graphql-upload-minimal";
import type { GraphQLParams } from "graphql-yoga";
import type { Logger } from "pino";
import { badRequest, contentTooLarge } from "../errors.ts";
import { Form } from "./form.ts";
import { FormGuard } from "./form-guard.ts";
import { place } from "./multipart-map.ts";
import { Uploads } from "./received-files.ts";
import type { Config } from "../../config/config.ts";
import type { StagedFile } from "../../graphql/upload.ts";

interface Needs {
  readonly config: Config;
  readonly log: Logger;
  readonly stage: (bytes: Readable) => Promise<StagedFile>;
}

export interface MultipartRequest {
  /** With an `UploadedFile` in place of each null that the form maps a file to. */
  readonly params: GraphQLParams;
  /** Ends the reading and removes what was staged; when the resolvers are through, before the answer is sent. */
  close(): Promise<void>;
}

const epilogueTimeoutMs = 1_000;

/** RFC 2046 section 5.1.1: 1 to 70 characters. Parsers have been seen to stall on one of 252. */
const boundary = /;\s*boundary=(?:"[^"\\]{1,70}"|[^\s;",]{1,70})\s*(?:;|$)/i;

/** Even where only small files are allowed, one big file among them does not lose those behind it. */
const drainBytesMin = 64 * 1024 * 1024;

/**
 * Opens a GraphQL multipart request as soon as its two fields are in; its files follow as they are asked for.
 * @see https://github.com/jaydenseric/graphql-multipart-request-spec
 * @throws {RequestRefusedError} for a form that does not keep to that specification.
 * @throws {UploadAbortedError} when the client goes away or falls silent first.
 */
export async function openMultipart(
  req: IncomingMessage,
  { config, log, stage }: Needs,
): Promise<MultipartRequest> {
  if (!boundary.test(req.headers["content-type"] ?? "")) {
    throw badRequest("The content type must name a boundary of 1 to 70 characters");
  }
  if (Number(req.headers["content-length"]) > config.uploadRequestBytesMax)
    throw contentTooLarge("The request with its files", config.uploadRequestBytesMax);
  const drainBytesMax = Math.max(config.uploadBytesMax, drainBytesMin);
  const uploads = new Uploads({ stage, drainBytesMax, log });
  const form = new Form(uploads, config);
  const guard = new FormGuard({
    req,
    form,
    idleTimeoutMs: config.uploadIdleTimeoutMs,
    bytesPerSecondMin: config.uploadBytesPerSecondMin,
    onFailure: (error) => {
      uploads.fail(error);
    },
  });
  try {
    const operations = await processRequest(
      // The package uses of the request only what the guard provides, and of the response nothing that matters here.
      guard.asRequest() as unknown as IncomingMessage,
      undefined as unknown as ServerResponse,
      // No `maxFileSize`: past it the package just ends the file's stream, as if that were all. Staging counts.
      { maxFieldSize: config.requestBytesMax },
    );
    for (const filePlace of form.places) place(operations, filePlace, uploads.fileOf(filePlace.part));
    return {
      // The form has checked these very operations.
      params: operations as GraphQLParams,
      async close() {
        await uploads.close();
        if (uploads.isDone()) await guard.finish(epilogueTimeoutMs);
        guard.stop();
      },
    };
  } catch (error) {
    guard.stop();
    throw guard.failureOf(error);
  }
}
