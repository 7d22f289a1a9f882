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

/** Of a kind that no decoder here shows as it is meant, whatever they make of it. */
export class UnknownKindError extends Error {}

/** What would decode it is not installed here. */
export class ToolMissingError extends Error {}

/** ffmpeg was ended before it had shown anything. */
export class TookTooLongError extends Error {
  /** It had not used up its computing: others kept the machine busy, or it was stopped. */
  readonly isMomentary: boolean;

  constructor(isMomentary: boolean) {
    super("It takes too long to decode");
    this.isMomentary = isMomentary;
  }
}

/** ffmpeg is missing, or another process has ended it. */
export class DecoderGoneError extends Error {}

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
  if (error instanceof ToolMissingError) return { code: "TOOL_MISSING", message, isMomentary: true };
  if (error instanceof TookTooLongError)
    return { code: "TIMED_OUT", message, isMomentary: error.isMomentary };
  if (error instanceof DecoderGoneError) return { code: "UNDECODABLE", message, isMomentary: true };
  const isTooLarge =
    /pixel limit|too large|SVG of more than|out of memory|memory ?allocation|resources? exhausted|limit exceeded/i.test(
      message,
    );
  return { code: isTooLarge ? "TOO_LARGE" : "UNDECODABLE", message };
}
