import { BadUserInputError } from "../../errors.ts";
import type { Fault } from "./faults.ts";

/** An argument, or a part of one, is not what the schema asks for. */
export class InvalidInputError extends BadUserInputError {
  /** The same for clients who may not know the schema. */
  readonly withoutHint: string;

  constructor({ field, problem, hint }: Fault) {
    super(field, problem + hint);
    this.withoutHint = `${field}: ${problem}`;
  }
}
