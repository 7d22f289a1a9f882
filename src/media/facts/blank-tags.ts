import { readText, type Tags } from "./tags.ts";

/** Tags that tell of the camera and the moment, by exiftool's names of them. */
const names = [
  "EXIF:Make",
  "EXIF:Model",
  "EXIF:LensModel",
  "EXIF:DateTimeOriginal",
  "EXIF:CreateDate",
  "EXIF:ModifyDate",
];

/** Neither letters nor digits but zeros: blanks, "----", "0000:00:00 00:00:00". */
const isBlank = (tags: Tags, name: string) => !/[\p{L}1-9]/u.test(readText(tags, name) ?? "");

/** Tags that are there and say nothing. exiftool keeps one value of a repeated tag, and a blank one hides the others. */
export const blankTagsOf = (tags: Tags): string[] =>
  names.filter((name) => Object.hasOwn(tags, name) && isBlank(tags, name));

/** Arguments by which exiftool prints each value of these tags: `EXIF:Make`, `EXIF:Copy1:Make` and so on. */
export const copiesArgs = (blank: readonly string[]): string[] => [
  "-a",
  "-G0:4",
  ...blank.map((name) => `-${name}`),
];

/** The tags with each blank one replaced by its first copy that says something. */
export function fillBlanks(tags: Tags, blank: readonly string[], copies: Tags): Tags {
  const filled = blank.flatMap((name) => {
    const [group, tag] = name.split(":");
    const pattern = new RegExp(`^${group}:Copy\\d+:${tag}$`);
    const copy = Object.keys(copies).find((key) => pattern.test(key) && !isBlank(copies, key));
    return copy == null ? [] : [[name, copies[copy]] as const];
  });
  return { ...tags, ...Object.fromEntries(filled) };
}
