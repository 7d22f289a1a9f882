import type { Failure } from "../picture-tasks.ts";

/** ffmpeg found nothing to show, or would not open the file. */
export class NothingToSeeError extends Error {}

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
  if (!(error instanceof Error) || "code" in error) return undefined;
  const { message } = error;
  if (error instanceof TookTooLongError) return { code: "TIMED_OUT", message };
  const isTooLarge = /pixel limit|too large|SVG of more than|out of memory/i.test(message);
  return { code: isTooLarge ? "TOO_LARGE" : "UNDECODABLE", message };
}
