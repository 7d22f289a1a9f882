import { BadUserInputError } from "../errors.ts";

/** Longest texts, in UTF-16 units. */
const lengthMax = { label: 1000, description: 100_000, reason: 1000 } as const;

/** Characters that no text of people has and that break what reads them: NUL, and halves of a surrogate pair. */
const unstorable = /\0|\p{Surrogate}/u;

/**
 * @param field dotted path of the argument, for the message.
 * @throws {BadUserInputError} for a text that is too long or not well-formed.
 */
export function checkText(field: string, text: string, kind: keyof typeof lengthMax): void {
  if (text.length > lengthMax[kind])
    throw new BadUserInputError(field, `expected at most ${lengthMax[kind]} characters, got ${text.length}`);
  if (unstorable.test(text))
    throw new BadUserInputError(field, "has a NUL or half a character; send well-formed Unicode");
}

/** A label is null or says something. @throws {BadUserInputError} */
export function checkLabel(field: string, label: string): void {
  checkText(field, label, "label");
  if (label.trim() === "") throw new BadUserInputError(field, "is blank; give some text, or null for none");
}

/** A reason that says nothing is none. @throws {BadUserInputError} */
export function checkReason(reason: string | null | undefined): string | null {
  if (reason == null || reason.trim() === "") return null;
  checkText("reason", reason, "reason");
  return reason;
}

/** Ids without repeats, in the order given. @throws {BadUserInputError} for more than the limit. */
export function checkIds(ids: readonly string[], idsMax: number): readonly string[] {
  if (ids.length > idsMax)
    throw new BadUserInputError("ids", `expected at most ${idsMax}, got ${ids.length}`);
  return [...new Set(ids)];
}
