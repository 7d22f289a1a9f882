import { charactersIn } from "../../characters.ts";
import { BadUserInputError } from "../../errors.ts";

/** Longest strings, in characters. */
const lengthMax = {
  label: 1000,
  description: 100_000,
  reason: 1000,
  keyword: 200,
  altText: 10_000,
  creator: 500,
  copyright: 10_000,
} as const;

/** Nothing to see: spaces, control characters, and those that only steer others, such as U+200B. */
const invisible = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}]*$/u;

/** Characters that no text of people has and that break what reads them: NUL, and halves of a surrogate pair. */
const unstorable = /\0|\p{Surrogate}/u;

/**
 * @param field dotted path of the argument, for the message.
 * @throws {BadUserInputError} for a string that is too long or not well-formed.
 */
export function checkText(field: string, text: string, kind: keyof typeof lengthMax): void {
  const max = lengthMax[kind];
  const length = charactersIn(text, max);
  if (length > max) throw new BadUserInputError(field, `expected at most ${max} characters, got ${length}`);
  if (unstorable.test(text))
    throw new BadUserInputError(field, "has a NUL or half a character; send well-formed Unicode");
}

/**
 * A label is null or says something.
 * @param advice what to send in place of a blank one.
 * @throws {BadUserInputError}
 */
export function checkLabel(field: string, label: string, advice = "give some text, or null for none"): void {
  checkText(field, label, "label");
  if (invisible.test(label)) throw new BadUserInputError(field, `is blank; ${advice}`);
}

/** A reason that says nothing is none. @throws {BadUserInputError} */
export function checkReason(reason: string | null | undefined): string | null {
  if (reason == null || invisible.test(reason)) return null;
  checkText("reason", reason, "reason");
  return reason;
}

/** Ids without repeats, in the order given. @throws {BadUserInputError} for more than the limit. */
export function checkIds(ids: readonly string[], idsMax: number, field = "ids"): readonly string[] {
  if (ids.length > idsMax)
    throw new BadUserInputError(field, `expected at most ${idsMax}, got ${ids.length}`);
  return [...new Set(ids)];
}
