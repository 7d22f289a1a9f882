import { UnmakeableError } from "../decoding/unmakeable-error.ts";

/** It failed because of the moment: a tool ended, was late or is absent. The same may succeed another time. */
export class MomentaryError extends Error {
  override readonly name = "MomentaryError";
}

/** Whether it is only for want of a program. */
export const isToolMissing = (error: unknown): boolean =>
  error instanceof UnmakeableError && error.code === "TOOL_MISSING";

/** Whether a picture may be made another time: not when its bytes are at fault. */
export const isMomentary = (error: unknown): boolean =>
  !(error instanceof UnmakeableError) || error.isMomentary;
