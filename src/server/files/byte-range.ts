import type { ByteRange } from "../../storage/object-store.ts";

/** RFC 9110 section 14.1: names of range units are case-insensitive; first and last byte, or how many at the end. */
const form = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

/**
 * The one range that a Range header asks for, of a file of `size` bytes.
 *
 * Several ranges are answered with the whole file, as RFC 9110 section 14.2 allows: a thousand overlapping ones in one
 * header would make the server send a thousand times the file, and no player asks for more than one.
 * @returns undefined when the header is absent, malformed or of another unit, and the whole file is the answer;
 *   null when no byte of the file is in the range (416).
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null | undefined {
  const [, first = "", last = ""] = (header != null && form.exec(header)) || [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    // "-500" of a file of 300 bytes is all of it; "-0" is nothing.
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size - 1 } : null;
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  // "9-5" is malformed, for any size.
  if (last !== "" && Number(last) < start) return undefined;
  return start < size ? { start, end } : null;
}
