import type { UnmakeableCode } from "./picture-tasks.ts";

/** The picture cannot be made: its bytes are at fault, or a limit. The message is for people, without paths. */
export class UnmakeableError extends Error {
  override readonly name = "UnmakeableError";
  readonly code: UnmakeableCode;
  /** Whether it was the moment instead: the decoder was ended or late, and another time it may be made. */
  readonly isMomentary: boolean;

  constructor(
    code: UnmakeableCode,
    message: string,
    { isMomentary = false, ...options }: ErrorOptions & { isMomentary?: boolean } = {},
  ) {
    super(message, options);
    this.code = code;
    this.isMomentary = isMomentary;
  }
}
