import type { UnmakeableCode } from "./picture-tasks.ts";

/** The picture cannot be made: its bytes are at fault, or a limit. The message is for people, without paths. */
export class UnmakeableError extends Error {
  override readonly name = "UnmakeableError";
  readonly code: UnmakeableCode;

  constructor(code: UnmakeableCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
