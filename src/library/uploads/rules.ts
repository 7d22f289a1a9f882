import type { Entity } from "../../database/generated/client.ts";
import { BadUserInputError } from "../../errors.ts";

export type DuplicatePolicy = "REJECT" | "RETURN_EXISTING" | "RESTORE_IF_TRASHED";

/** Decides about a file that an entity has already. */
export function decideDuplicate(
  policy: DuplicatePolicy,
  existing: Pick<Entity, "isDeleted">,
): "reject" | "return" | "restore" {
  if (policy === "RETURN_EXISTING") return "return";
  return policy === "RESTORE_IF_TRASHED" && existing.isDeleted ? "restore" : "reject";
}

/** @param patterns such as `image/*` or `application/pdf`. */
export function isAdmitted(mimeType: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith("/*") ? mimeType.startsWith(pattern.slice(0, -1)) : mimeType === pattern,
  );
}

/** @throws {BadUserInputError} unless it is 32 hex digits; @returns it in lower case. */
export function checkMd5(field: string, md5: string): string {
  if (!/^[0-9a-f]{32}$/i.test(md5)) throw new BadUserInputError(field, "expected an MD5 as 32 hex digits");
  return md5.toLowerCase();
}

const nameBytesMax = 255;

/**
 * C0 and C1 controls, and the marks that make a name read backwards or hide letters in it. Not U+200C and U+200D, which
 * join letters and emoji or keep them apart: Persian is misspelt without, and a family falls into its members.
 */
const unprintable = /[\p{Cc}\p{Surrogate}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** How forms write what would break their headers (WHATWG HTML, "multipart/form-data encoding algorithm"). */
const formEscapes: Readonly<Record<string, string>> = { "%22": '"', "%0d": "", "%0a": "" };

/**
 * A client's file name, kept only to be shown: without folders, control characters and bidirectional
 * overrides, composed (NFC), at most 255 bytes of UTF-8 with its ending kept.
 * @returns null when nothing is left.
 */
export function cleanName(name: string): string | null {
  const plain = name.replace(/%(?:22|0d|0a)/gi, (escape) => formEscapes[escape.toLowerCase()] ?? "");
  const base = plain.slice(Math.max(plain.lastIndexOf("/"), plain.lastIndexOf("\\")) + 1);
  const clean = base.replace(unprintable, "").normalize("NFC").trim();
  if (/^[.\s\u200c\u200d]*$/.test(clean)) return null;
  const dot = clean.lastIndexOf(".");
  const ending = dot > 0 && clean.length - dot <= 20 ? clean.slice(dot) : "";
  return (
    shorten(clean.slice(0, clean.length - ending.length), nameBytesMax - Buffer.byteLength(ending)) + ending
  );
}

function shorten(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** `YYYY/MM/DD/{md5}.{extension}`; the day is that of arrival in UTC, and never computed again. */
export function pathOf(md5: string, extension: string, arrivedAt: number): string {
  const day = new Date(arrivedAt).toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/${md5}.${extension}`;
}
