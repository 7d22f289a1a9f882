import type { IncomingMessage } from "node:http";
import type { Readable, Writable } from "node:stream";
import { badRequest } from "../errors.ts";
import type { Form } from "./form.ts";
import { watchIdle } from "../transport/idle.ts";
import { watchPace } from "../transport/pace.ts";
import { AppError } from "../../errors.ts";
import { UploadAbortedError } from "../../storage/errors.ts";

/** busboy's events, as far as they matter here. */
type FieldListener = (name: string | undefined, value: string, info: { valueTruncated: boolean }) => void;
type FileListener = (name: string | undefined, bytes: Readable, info: { filename?: string }) => void;

interface Needs {
  readonly req: IncomingMessage;
  readonly form: Form;
  /** Milliseconds. */
  readonly idleTimeoutMs: number;
  readonly bytesPerSecondMin: number;
  readonly onFailure: (error: AppError) => void;
}

/** Puts a listener in front of the one there is; it decides whether that one hears of the event. */
function intercept<L extends FieldListener | FileListener>(
  parser: Writable,
  event: "field" | "file",
  make: (theirs: L) => L,
) {
  // The package registers exactly one listener for each of the two events, of this type.
  const [theirs] = parser.listeners(event) as [L];
  parser.removeAllListeners(event).on(event, make(theirs));
}

/**
 * Stands between a form's parser and graphql-upload-minimal, which trusts what clients send:
 * - the parser emits a second `error` for one broken part, and the package listens for the first only,
 *   so that the process ends; the listener here is permanent;
 * - the package follows any path of `map`; here the form is checked before the package sees it;
 * - it waits forever for a file that comes twice, and swallows unexpected files.
 */
export class FormGuard {
  #parser: Writable | undefined;
  #failure: AppError | undefined;
  #stopWatching: () => void = () => undefined;
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** The request as the package gets it: enough to pipe, and without an endless body. */
  asRequest() {
    const { req } = this.#needs;
    return {
      headers: req.headers,
      get readableEnded() {
        return req.readableEnded;
      },
      once: req.once.bind(req),
      pipe: (parser: Writable) => {
        this.#watch(parser);
      },
      unpipe: req.unpipe.bind(req),
      resume: () => undefined,
    };
  }

  /** The reason why the form failed; `error` is the package's, whose message may quote the client at any length. */
  failureOf(error: unknown): AppError {
    return this.#failure ?? this.#asAppError(error);
  }

  /** Waits for the rest of a form whose files are all read; it mostly came in the same packet. */
  async finish(timeoutMs: number) {
    const parser = this.#parser;
    if (!parser || parser.closed || this.#failure) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      parser.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Lets go of the request; what was not read of it is left to the code that answers. */
  stop() {
    this.#stopWatching();
    this.#needs.req.off("data", this.#takeChunk);
    if (this.#parser) this.#needs.req.unpipe(this.#parser);
    this.#parser?.destroy();
  }

  readonly #fail = (error: unknown) => {
    this.#failure ??= this.#asAppError(error);
    this.#needs.onFailure(this.#failure);
    this.#parser?.destroy(this.#failure);
  };

  readonly #takeChunk = (chunk: Buffer) => {
    this.#try(() => {
      this.#needs.form.takeChunk(chunk.length);
    });
  };

  #asAppError(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const { req, form } = this.#needs;
    const isCutShort = error instanceof Error && error.message.startsWith("Unexpected end of");
    // Without its fields a form that ends too early is rather one whose boundary is not the one announced.
    const isAborted = (isCutShort && form.places.length > 0) || (req.destroyed && !req.complete);
    if (isAborted) return new UploadAbortedError({ cause: error });
    return badRequest("The multipart body is malformed", { cause: error });
  }

  /** A parser that has been destroyed still emits what else it found in the same chunk. */
  #try(check: () => void): boolean {
    if (this.#failure) return false;
    try {
      check();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #watch(parser: Writable) {
    const { req, form, idleTimeoutMs, bytesPerSecondMin } = this.#needs;
    this.#parser = parser;
    parser.on("error", this.#fail);
    // In front of the package's own, which would answer a missing field with a 500.
    parser.prependOnceListener("close", () => {
      this.#try(() => {
        form.end();
      });
    });
    parser.on("fieldsLimit", () => {
      this.#fail(badRequest("There are more fields than two; a file's part needs a filename"));
    });
    this.#interceptParts(parser);
    req.pipe(parser);
    req.on("data", this.#takeChunk).on("error", this.#fail);
    const abort = () => {
      this.#fail(new UploadAbortedError());
    };
    const watches = [
      watchIdle(req, idleTimeoutMs, abort),
      watchPace(req, { bytesPerSecondMin, windowMs: idleTimeoutMs }, abort),
    ];
    this.#stopWatching = () => {
      for (const stop of watches) stop();
    };
  }

  #interceptParts(parser: Writable) {
    const { form } = this.#needs;
    intercept<FieldListener>(parser, "field", (theirs) => (name, value, info) => {
      const isTaken = this.#try(() => {
        form.takeField({ name, value, isTruncated: info.valueTruncated });
      });
      if (isTaken) theirs(name, value, info);
    });
    intercept<FileListener>(parser, "file", (theirs) => (name, bytes, info) => {
      bytes.on("error", () => undefined);
      const isTaken = this.#try(() => {
        form.takeFile({ name, bytes, filename: info.filename });
      });
      if (isTaken) theirs(name, bytes, info);
      else bytes.resume();
    });
  }
}
