import { cleanLine } from "../types/clean-text.ts";
import { readText, type Tags } from "./tags.ts";

const messageCharsMax = 300;

// Messages of tools contain the path that they were given, which must not leave the server.
const paths = /(?:[A-Za-z]:)?(?:[\\/][^\s\\/:"',;()]+){2,}[\\/]?/g;

// libvips reports each of its attempts to read past the end; the reason comes after them.
const attempts = /^.*: bad seek to \d+$/gm;

/** One sentence out of a tool's words, without paths. */
export function makeProblem(code: ProblemCode, words: string): MediaProblem {
  const line =
    cleanLine(words.replace(attempts, "").replace(paths, "the file"), messageCharsMax) ??
    "No reason was given";
  return { code, message: /[.!?…]$/.test(line) ? line : `${line}.` };
}

/**
 * exiftool's own complaints; those it marks [minor] cost nothing and stay in the metadata only.
 * @param isTypeKnown whether the bytes were recognised without exiftool: a format that it does not know has no metadata
 *   to be read, and nothing is wrong with the file.
 */
export function readComplaints(tags: Tags, isTypeKnown = false): MediaProblem[] {
  const told = readText(tags, "ExifTool:Error");
  const error = isTypeKnown && told === "Unknown file type" ? null : told;
  const warning = readText(tags, "ExifTool:Warning");
  return [
    ...(error == null ? [] : [makeProblem("METADATA_ERROR", `The metadata could not be read: ${error}`)]),
    ...(warning == null || warning.startsWith("[minor]")
      ? []
      : [makeProblem("METADATA_WARNING", `The metadata is not as it should be: ${warning}`)]),
  ];
}

export type ProblemCode =
  /** The bytes end before the file does. */
  | "TRUNCATED"
  /** The picture, sound or video cannot be decoded by this server. */
  | "UNDECODABLE"
  /** exiftool read the metadata, and complained. */
  | "METADATA_WARNING"
  /** exiftool could not read the metadata. */
  | "METADATA_ERROR"
  /** exiftool cannot read the metadata within its limits. */
  | "METADATA_FAILED"
  /** Something could not be read for the moment; it is read again by itself. */
  | "NOT_READ_YET"
  /** The metadata was too big to keep whole. */
  | "METADATA_TRUNCATED";

/** Something that went wrong while a file was read; the file itself is kept. */
export interface MediaProblem {
  /** A `ProblemCode`; stable. */
  code: string;
  /** A sentence for people, without paths of the server. */
  message: string;
}
