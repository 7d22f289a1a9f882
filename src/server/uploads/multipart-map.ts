import { badRequest, RequestRefusedError } from "../errors.ts";

/** Where a file goes: the object that holds the null, and the key to replace. */
export interface FilePlace {
  /** Name of the part. */
  readonly part: string;
  /** Keys from the operations object down, `variables` first. */
  readonly path: readonly string[];
}

/** Characters of one path, and keys in it: `variables.inputs.99.file` is the longest anybody needs. */
const pathCharsMax = 500;
const pathKeysMax = 32;

/** No variable has such a name; a path over one of them reaches objects that all requests share. */
const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/**
 * The value at the path, looking at own properties only. graphql-upload-minimal follows inherited ones:
 * `variables.hasOwnProperty.call` replaces a function of every object until the process is restarted.
 */
function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (forbiddenKeys.has(key) || !isObject(value) || !Object.hasOwn(value, key)) return undefined;
    // An own property of any object may be read by its name.
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** Characters of a part's name or of a path in a message: an answer must not grow with what was sent. */
const quotedCharsMax = 60;

/** A part's name or a path as a message shows it: short, on one line, without characters that steer a terminal. */
export function quoted(text: string): string {
  const start = text.length > quotedCharsMax ? `${text.slice(0, quotedCharsMax)}…` : text;
  return JSON.stringify(start.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\u{FFFD}"));
}

const wrong = (problem: string) => badRequest(`The multipart field "map" ${problem}`);

function parsePath(operations: unknown, part: string, path: unknown): string[] {
  const gives = `gives the part ${quoted(part)}`;
  if (typeof path !== "string")
    throw wrong(`${gives} a path that is not a string; write one such as "variables.file"`);
  const keys = path.length > pathCharsMax ? [] : path.split(".");
  if (keys.length < 2 || keys.length > pathKeysMax || keys[0] !== "variables")
    throw wrong(`${gives} the path ${quoted(path)}; write one such as "variables.file"`);
  // The multipart specification: "files are replaced with null" in `operations`.
  if (valueAt(operations, keys) !== null) {
    const expected = "which leads to no null; send null in the variables where the file goes";
    throw wrong(`${gives} the path ${quoted(path)}, ${expected}`);
  }
  return keys;
}

/**
 * Checks the parsed `map` against the parsed `operations`.
 * @throws {RequestRefusedError} for anything a well-meaning client would not send.
 */
export function parseMap(map: unknown, operations: unknown, filesMax: number): FilePlace[] {
  if (!isObject(map) || Array.isArray(map)) throw wrong("must be an object of arrays of paths");
  const entries = Object.entries(map) as [string, unknown][];
  if (entries.length > filesMax) throw tooMany(filesMax);

  const places: FilePlace[] = [];
  const seen = new Set<string>();
  for (const [part, paths] of entries) {
    if (!Array.isArray(paths) || paths.length === 0)
      throw wrong(`gives the part ${quoted(part)} no paths; write an array such as ["variables.file"]`);
    // One file may go to several variables, but 40,000 paths for one file are an attack.
    if (places.length + paths.length > filesMax) throw tooMany(filesMax);
    for (const path of paths as unknown[]) {
      const keys = parsePath(operations, part, path);
      const name = keys.join(".");
      if (seen.has(name))
        throw wrong(`gives the part ${quoted(part)} the path ${quoted(name)}, which has a file already`);
      seen.add(name);
      places.push({ part, path: keys });
    }
  }
  return places;
}

const tooMany = (filesMax: number) =>
  new RequestRefusedError("BAD_USER_INPUT", `One request may bring no more than ${filesMax} files`, {
    status: 413,
  });

/** Puts the value where a checked path leads. */
export function place(operations: object, { path }: FilePlace, value: unknown) {
  const holder = valueAt(operations, path.slice(0, -1));
  const key = path.at(-1);
  // Both hold for every path that `parseMap` let through.
  if (!isObject(holder) || key == null) throw new Error("a path was not checked");
  (holder as Record<string, unknown>)[key] = value;
}
