import type { Failure } from "../picture-tasks.ts";

/** ffmpeg found nothing to show, or would not open the file. */
export class NothingToSeeError extends Error {}

/** A failure that is known already. */
export class PictureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** What would decode it is not installed here. */
export class ToolMissingError extends Error {}

/** ffmpeg had to be ended before it had shown anything. */
export class TookTooLongError extends Error {
  constructor() {
    super("It takes too long to decode");
  }
}

/**
 * The picture's own fault, in words; undefined for what the system refused, such as room on the disk.
 * sharp's errors have no code, the system's have.
 */
export function failureOf(error: unknown): Failure | undefined {
  // libheif and WebAssembly throw what is no Error; the system never does.
  if (!(error instanceof Error)) return { code: "UNDECODABLE", message: String(error) };
  if ("code" in error) return undefined;
  if (error instanceof PictureError) return error.failure;
  const { message } = error;
  if (error instanceof ToolMissingError) return { code: "TOOL_MISSING", message };
  if (error instanceof TookTooLongError) return { code: "TIMED_OUT", message };
  const isTooLarge =
    /pixel limit|too large|SVG of more than|out of memory|memory ?allocation|resources? exhausted|limit exceeded/i.test(
      message,
    );
  return { code: isTooLarge ? "TOO_LARGE" : "UNDECODABLE", message };
}
